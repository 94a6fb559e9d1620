#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 500
# cores: 1
#
# thpin inspect raises no false alarm; with THPIN_THOROUGH=1 for five minutes.
exec python3 -B "${TESTDIR:?}/live/inspect_busy.py" ${THPIN_THOROUGH:+300}
