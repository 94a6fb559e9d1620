#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin hold makes what it says.
exec python3 -B "${TESTDIR:?}/live/hold.py"
