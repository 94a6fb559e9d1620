#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No pin is without a case that must be lost and one that must be in sync.

exec python3 -B "${TESTDIR:?}/cli/controls.py"
