#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
#
# The races that take their time, with a pin of each class, on each of Debian's
# kernels, in guests of two NUMA nodes.

# One race with a loss on every kernel, so that the exit status is known
# All kinds of memory with THPIN_THOROUGH=1.

# shellcheck source=tests/sanitized.sh
. "${TESTDIR:?}/sanitized.sh"
exec "$TESTDIR/vm/matrix.sh" odirect-read,uring-fixed,vmsplice "thp-pte,base${THPIN_THOROUGH:+,thp}" \
	"fork-parent-write,vfork-exec,split-debugfs,split-child-pageout,${numa_hint}madv-cold,memory-pressure,khugepaged,\
migrate-node,compact,ksm,uffd-move,mremap-all,mremap-dontunmap,guard-install" --nodes 2
