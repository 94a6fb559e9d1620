#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every case that there is, as the user who runs this, against the truth of this
# kernel (truth.tsv).

set -u
export LC_ALL=C

"${THPIN:?}" repro --json >"${TMPDIR:?}/run.json"
status=$?
# A loss is on every kernel: vmsplice is FOLL_GET.
if [ $status != 1 ]; then
	echo "Bail out! thpin repro --json: exit status $status, not 1"
	exit 1
fi
exec python3 -B "${TESTDIR:?}/live/cells.py" --run '' "$TMPDIR/run.json" ''
