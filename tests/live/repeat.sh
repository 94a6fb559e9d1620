#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 3000
# cores: 1
#
# Every case THPIN_REPEAT times (5), each time with another page written: held
# cases are no matter of luck, so that all trials find the same.

set -u
export LC_ALL=C

repeat=${THPIN_REPEAT:-5}
"${THPIN:?}" repro --json --repeat "$repeat" >"${TMPDIR:?}/run.json"
exec python3 -B "${TESTDIR:?}/live/cells.py" --repeat "$repeat" \
	--run '' "$TMPDIR/run.json" $? ''
