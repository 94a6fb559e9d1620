#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
#
# The races that a plain "thpin repro" leaves out, against the truth of this kernel
# (truth.tsv).

set -u
export LC_ALL=C

pins=odirect-read,odirect-write,odirect-block,uring-fixed,vmsplice
races=$("${THPIN:?}" list races -nr -o NAME,LEVEL | awk '$2 == "selected" { printf "%s,", $1 }')
# One race with a loss on every kernel, so that the exit status is known
"$THPIN" repro --json --timeout 30 --pin $pins --memory thp,thp-pte,base \
	--race "${races}fork-parent-write" >"${TMPDIR:?}/run.json"
exec python3 -B "${TESTDIR:?}/live/cells.py" --pins $pins --run '' "$TMPDIR/run.json" $? ''
