#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 2
#
# Pins of RDMA, on rdma_rxe, on each of Debian's kernels: with long-term pins, every
# race of the default set; with on-demand paging, where nothing is lost.

# With THPIN_THOROUGH=1 all default kinds of memory.

[ -z "${THPIN_THOROUGH-}" ] || exec "${TESTDIR:?}/vm/matrix.sh" rdma,rdma-odp
exec "${TESTDIR:?}/vm/matrix.sh" rdma,rdma-odp thp
