#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
# cores: 2
#
# What is known of long-term pins, leaks and holes in files and is not in the matrices
# of the other tests, on each of Debian's kernels, case by case.

longterm=(fork-parent-write fork-child-write fork-child-exit fork-dontfork shared-before-pin
	split-munmap split-mremap mprotect-half-rorw mprotect-all-rorw uffd-wp pageout madv-free
	collapse soft-offline dontneed-page dontneed-all remap-fixed)
cases=()
for race in "${longterm[@]}"; do
	cases+=("xdp-umem/thp/$race")
done
cases+=({odirect-read,uring-fixed,vmsplice,xdp-umem}/{thp,base}/fork-child-writes-only
	{odirect-read,uring-fixed,vmsplice,xdp-umem,rdma}/thp/split-{mprotect,munmap}-fork
	uring-fixed/{thp,base}/soft-offline vmsplice/thp/soft-offline
	xdp-umem/base/{compact,ksm,mprotect-half-rorw}
	rdma/thp/soft-offline rdma/base/{compact,ksm,mprotect-half-rorw}
	rdma/{zero,memfd-private}/{none,dontneed-page}
	rdma/thp/leak-child-pin rdma-odp/{base,shmem}/mremap-dontunmap
	vmsplice/{base,hugetlb,base-swapped,thp-shared}/leak-{child-pin,parent-pin-fork,fork-parent-pin}
	vmsplice/thp-single-pte-swapped/leak-{child-pin,fork-parent-pin}
	process-vm-ro/{thp,hugetlb}/leak-{child-pin,parent-pin-fork}
	process-vm-ro/base-swapped/leak-child-pin process-vm-ro/thp-shared/{none,fork-parent-write}
	{odirect-read,uring-fixed}/{hugetlb,hugetlb-private}/leak-parent-pin-fork
	vmsplice/{thp,base}-swapped/shared-before-pin
	vmsplice/hugetlb/{previously-shared,read-only-before-pin}
	{odirect-read,uring-fixed,vmsplice}/shmem/{punch-hole,punch-hole-page,madv-remove}
	{odirect-read,uring-fixed,vmsplice}/hugetlb-shared/{punch-hole,madv-remove}
	{odirect-read,uring-fixed,vmsplice}/memfd-private/punch-hole
	uring-fixed/thp-mremapped/uffd-move vmsplice/thp-swapped/uffd-move
	{odirect-read,uring-fixed,vmsplice,rdma}/thp/mremap-{all,dontunmap}
	uring-fixed/{hugetlb,shmem}/mremap-{all,dontunmap}
	{uring-fixed,vmsplice}/{thp-mremapped,memfd-private}/mremap-all
	{uring-fixed,vmsplice}/{mthp-64k,thp-mremapped,shmem-thp}/split-debugfs)

CASES=${cases[*]} exec "${TESTDIR:?}/vm/matrix.sh" odirect-read,uring-fixed,vmsplice,process-vm-ro,xdp-umem,rdma,rdma-odp '' '' --timeout $((400 * ${SLOWER:-1}))
