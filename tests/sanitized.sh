# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034 # for those that read this
#
# What tests leave out of a thpin of ./configure --enable-sanitize: AddressSanitizer
# reserves 20 TiB of each process. Tests begin with
#
#	. "${TESTDIR:?}/sanitized.sh"

# For lists of races: NUMA balancing scans all that before it comes to the region.
numa_hint=numa-hint,

if grep -q __asan_init "${THPIN:?}"; then
	numa_hint=
	echo "# --enable-sanitize: numa-hint is left out"
fi
