#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
#
# The races that a plain "thpin repro" leaves out, on each of Debian's kernels, in
# guests of two NUMA nodes.

races=$("${THPIN:?}" list races -nr -o NAME,LEVEL | awk '$2 == "selected" { print $1 }' | paste -sd,)
# One race with a loss on every kernel, so that the exit status is known
exec "${TESTDIR:?}/vm/matrix.sh" odirect-read,odirect-write,odirect-block,uring-fixed,vmsplice \
	thp,thp-pte,base "$races,fork-parent-write" --timeout 800 --nodes 2
