#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# cores: 1
#
# The pins that no plain "thpin repro" takes, with the memory and the races that it
# has, THPIN_REPEAT times each (once): against truth.tsv, like the others.

set -u
export LC_ALL=C

: "${THPIN:?}" "${TESTDIR:?}" "${TMPDIR:?}"
repeat=${THPIN_REPEAT:-1}

# default pins|memory|races: the names
names() {
	"$THPIN" list "$1" -nr -o NAME,LEVEL | awk '$2 == "default" { print $1 }' | paste -sd,
}

pins=aio,uring-odirect,msg-zerocopy,uring-send-zc,uring-send-zc-fixed,process-vm,process-vm-ro,xdp-umem,xdp-umem-tx
"$THPIN" repro --json --repeat "$repeat" --pin $pins --memory "$(names memory)" \
	--race "$(names races)" >"$TMPDIR/run.json"
exec python3 -B "$TESTDIR/live/cells.py" --repeat "$repeat" --pins $pins \
	--run '' "$TMPDIR/run.json" $? ''
