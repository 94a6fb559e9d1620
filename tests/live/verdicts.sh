#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# Every case that there is, as the user who runs this, against the truth of this
# kernel (truth.tsv).

set -u
export LC_ALL=C

"${THPIN:?}" repro --json >"${TMPDIR:?}/run.json"
exec python3 -B "${TESTDIR:?}/live/cells.py" --run '' "$TMPDIR/run.json" $? ''
