#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# The memory map of thpin inspect: what of it is in huge pages, pinned, shared ...
exec python3 -B "${TESTDIR:?}/live/inspect_vmas.py"
