#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 2
#
# The kinds of memory that a plain "thpin repro" leaves out, on each of Debian's
# kernels, with one pin of each class. Of mTHP one size; the files are on ext4.

# Without THPIN_THOROUGH=1 only the races that tell kernels apart, and a control.

memory=mthp-64k,thp-single-pte,thp-mremapped,thp-shared,base-swapped,thp-swapped,zero,zero-thp,shmem,shmem-thp,memfd-private,memfd-thp-private,hugetlb,hugetlb-private,hugetlb-shared
disk=()
if command -v mkfs.ext4 >/dev/null; then
	truncate -s 64M "${TMPDIR:?}/disk" && mkfs.ext4 -q -F "$TMPDIR/disk" || exit 1
	memory+=,file-private,file-shared
	disk=(--disk "$TMPDIR/disk")
else
	echo "# no memory of files: there is no mkfs.ext4 (Debian: e2fsprogs)"
fi

export TRUTH=memory.tsv
exec "${TESTDIR:?}/vm/matrix.sh" "uring-fixed,vmsplice${THPIN_THOROUGH:+,odirect-write}" "$memory" \
	"fork-parent-write,fork-child-exit,remap-fixed${THPIN_THOROUGH:+,none,mprotect-all-rorw,pageout,dontneed-all}" \
	${disk[@]+"${disk[@]}"}
