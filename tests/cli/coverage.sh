#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# Every test of the kernel's selftests cow.c and gup_longterm.c has its case, or a
# reason why there is none (tests/coverage).

exec python3 -B "${TESTDIR:?}/coverage/coverage.py" --check
