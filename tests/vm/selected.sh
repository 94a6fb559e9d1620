#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 2
#
# The pins that no plain "thpin repro" takes, on each of Debian's kernels: what tells
# kernels apart, and a control; with THPIN_THOROUGH=1 all default memory and races.

pins=aio,uring-odirect,msg-zerocopy,uring-send-zc,uring-send-zc-fixed,process-vm,process-vm-ro,xdp-umem,xdp-umem-tx
[ -z "${THPIN_THOROUGH-}" ] || exec "${TESTDIR:?}/vm/matrix.sh" $pins
exec "${TESTDIR:?}/vm/matrix.sh" $pins thp,base \
	none,fork-parent-write,fork-child-exit,mprotect-half-rorw,dontneed-page
