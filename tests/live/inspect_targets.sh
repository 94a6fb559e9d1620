#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# What thpin inspect says of processes that are not just any: stopped, growing, of 32 bits,
# in other namespaces, gone, and with pinned memory at risk.
exec python3 -B "${TESTDIR:?}/live/inspect_targets.py"
