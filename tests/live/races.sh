#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
#
# The races that take their time, with a pin of each class, THPIN_REPEAT times each
# (once), against the truth of this kernel (truth.tsv).

set -u
export LC_ALL=C

: "${THPIN:?}" "${TESTDIR:?}" "${TMPDIR:?}"
# shellcheck source=tests/sanitized.sh
. "$TESTDIR/sanitized.sh"
repeat=${THPIN_REPEAT:-1}
pins=odirect-read,uring-fixed,vmsplice

# repro FILE OPTION...: sets status
repro() {
	file=$1
	shift
	"$THPIN" repro --json --repeat "$repeat" --timeout 60 --pin $pins "$@" >"$TMPDIR/$file"
	status=$?
}

# One race with a loss on every kernel, so that the exit status is known
repro anonymous.json --no-control --memory thp,thp-pte,base --race fork-parent-write,fork-child-writes-only,vfork-exec,split-mprotect-fork,split-munmap-fork,split-debugfs,split-child-pageout,\
"$numa_hint"madv-cold,memory-pressure,khugepaged,migrate-node,compact,ksm,uffd-move,mremap-all,mremap-dontunmap,guard-install
anonymous=$status
repro files.json --no-control --memory shmem,memfd-private,memfd-thp-private,hugetlb-shared \
	--race punch-hole,punch-hole-page,madv-remove
files=$status
# The child's write is its own, or of what is shared the parent's as well.
repro shared.json --no-control --memory shmem,hugetlb-shared,memfd-thp-private --race fork-child-writes-only
shared=$status
# Seed 2 is for page 378: one of the half that is protected or unmapped, not of the other.
repro upper.json --no-control --seed 2 --memory thp \
	--race fork-parent-write,split-mprotect-fork,split-munmap-fork
exec python3 -B "$TESTDIR/live/cells.py" --repeat "$repeat" --pins $pins \
	--run 'anonymous' "$TMPDIR/anonymous.json" "$anonymous" '' \
	--run 'files' "$TMPDIR/files.json" "$files" '' \
	--run 'shared' "$TMPDIR/shared.json" "$shared" '' \
	--run 'of the upper half' "$TMPDIR/upper.json" "$status" ''
