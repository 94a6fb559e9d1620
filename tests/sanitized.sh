# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # for those that read this
#
# What tests leave out of a thpin of ./configure --enable-sanitize: AddressSanitizer
# reserves 20 TiB of each process. Tests begin with
#
#	. "${TESTDIR:?}/sanitized.sh"

# For lists of races: NUMA balancing scans all that before it comes to the region.
numa_hint=numa-hint,

# Kernels without PAGEMAP_SCAN (Linux 6.7), where /proc alone tells all that page by page.
too_vast=

if grep -q __asan_init "${THPIN:?}"; then
	numa_hint=
	too_vast="5.10 6.1"
	echo "# --enable-sanitize: numa-hint and inspect by /proc on $too_vast are left out"
fi
