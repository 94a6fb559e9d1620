#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 1
#
# Pins of VFIO, with QEMU's edu as the device, on each of Debian's kernels; read-only
# ones of memory too that a process does not have to itself.  A case takes two seconds,
# in which the guest waits for edu: so all guests run at a time.

# With THPIN_THOROUGH=1 every race that long-term pins are known by.
races=(none fork-parent-write shared-before-pin mprotect-half-rorw dontneed-page)
known=()
[ -z "${THPIN_THOROUGH-}" ] ||
	known+=(pageout madv-free soft-offline fork-child-write fork-child-exit fork-dontfork
		fork-child-writes-only split-munmap split-munmap-fork split-mremap mprotect-all-rorw
		uffd-wp collapse ksm dontneed-all remap-fixed)
cases=(vfio/zero/none vfio/memfd-private/none)
for race in "${races[@]}" ${known[@]+"${known[@]}"}; do
	cases+=("vfio/thp/$race")
done
for race in "${races[@]}"; do
	cases+=("vfio-ro/thp/$race" "vfio-ro/zero/$race" "vfio-ro/memfd-private/$race")
done
# What one of two processes pins, and the other writes.
cases+=(vfio/thp/leak-child-pin vfio-ro/{thp,hugetlb}/leak-{child-pin,parent-pin-fork}
	vfio-ro/base-swapped/leak-{child-pin,fork-parent-pin})

CASES=${cases[*]} GUESTS=4 exec "${TESTDIR:?}/vm/matrix.sh" vfio,vfio-ro '' '' --device edu
