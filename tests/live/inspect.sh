#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin inspect finds what thpin hold made.
exec python3 -B "${TESTDIR:?}/live/inspect.py"
