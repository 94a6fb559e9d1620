#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
# cores: 1
#
# PREEMPT_RT, which has no THP: all other memory is as with the same kernel without,
# hugetlb pages and their size as well.

memory=base-swapped,zero,shmem,memfd-private,hugetlb,hugetlb-private,hugetlb-shared

export TRUTH=memory.tsv LABELS=6.12-rt
exec "${TESTDIR:?}/vm/matrix.sh" uring-fixed,vmsplice "$memory" \
	fork-parent-write,fork-child-exit,remap-fixed,none,mprotect-all-rorw,dontneed-all
