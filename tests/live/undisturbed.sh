#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# thpin inspect leaves the process that it looks at as it is.
exec python3 -B "${TESTDIR:?}/live/undisturbed.py"
