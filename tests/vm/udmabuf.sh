#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 2
#
# udmabuf and the memory that it can pin, on each of Debian's kernels: also holes in
# the file, which is what parts the two.

# With THPIN_THOROUGH=1 all default races.
thorough=fork-child-write,fork-child-exit,fork-grandchild,fork-dontfork,mprotect-half-rorw,mprotect-all-rorw,uffd-wp,dontneed-page
exec "${TESTDIR:?}/vm/matrix.sh" udmabuf shmem,shmem-thp,memfd-private,memfd-thp-private,hugetlb-private,hugetlb-shared \
	"none,fork-parent-write,shared-before-pin,pageout,dontneed-all,remap-fixed,punch-hole,punch-hole-page,madv-remove${THPIN_THOROUGH:+,$thorough}"
