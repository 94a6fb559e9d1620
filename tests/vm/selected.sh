#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
#
# The pins that no plain "thpin repro" takes, on each of Debian's kernels.

exec "${TESTDIR:?}/vm/matrix.sh" aio,uring-odirect,msg-zerocopy,uring-send-zc,uring-send-zc-fixed,process-vm,process-vm-ro,xdp-umem,xdp-umem-tx
