#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin inspect shows on a terminal how far it has come, and nowhere else.
exec python3 -B "${TESTDIR:?}/live/inspect_progress.py"
