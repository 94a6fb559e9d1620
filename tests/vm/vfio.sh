#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 1
#
# Pins of VFIO, with QEMU's edu as the device, on each of Debian's kernels; read-only
# ones of memory too that a process does not have to itself.  A case takes two seconds,
# in which the guest waits for edu: so all guests run at a time.

GUESTS=4 exec "${TESTDIR:?}/vm/matrix.sh" vfio,vfio-ro thp,zero,memfd-private \
	"none,fork-parent-write,shared-before-pin,mprotect-half-rorw,dontneed-page${THPIN_THOROUGH:+,fork-child-exit}" \
	--device edu
