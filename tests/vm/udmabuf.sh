#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 2
#
# udmabuf and the memory that it can pin, on each of Debian's kernels.

exec "${TESTDIR:?}/vm/matrix.sh" udmabuf shmem,memfd-private,hugetlb-shared
