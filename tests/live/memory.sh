#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
# cores: 1
#
# Each kind of memory is what it says, by /proc as this test reads it; what it does to
# the verdicts; and no setting of the machine is changed by it, also by SIGKILL.

exec python3 -B "${TESTDIR:?}/live/memory.py"
