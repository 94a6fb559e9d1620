#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin inspect raises no false alarm.
exec python3 -B "${TESTDIR:?}/live/inspect_busy.py"
