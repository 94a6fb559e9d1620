#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 2
#
# The kinds of memory that a plain "thpin repro" leaves out, on each of Debian's
# kernels, with one pin of each class. Of mTHP one size; no files, as a guest has no
# disk to write to.

# Without THPIN_THOROUGH=1 only the races that tell kernels apart, and a control.

export TRUTH=memory.tsv
exec "${TESTDIR:?}/vm/matrix.sh" "uring-fixed,vmsplice${THPIN_THOROUGH:+,odirect-write}" \
	mthp-64k,thp-single-pte,thp-mremapped,thp-shared,base-swapped,thp-swapped,zero,zero-thp,shmem,shmem-thp,memfd-private,memfd-thp-private,hugetlb,hugetlb-private,hugetlb-shared \
	"fork-parent-write,fork-child-exit,remap-fixed${THPIN_THOROUGH:+,none,mprotect-all-rorw,pageout,dontneed-all}"
