#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin inspect where what holds memory is easily mistaken.
exec python3 -B "${TESTDIR:?}/live/inspect_corners.py"
