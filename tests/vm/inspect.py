# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspect.py PIN...: what a guest has written to stdin, each object of "thpin hold" followed
by what "thpin inspect" made of it, once by each way to read the kernel.  Each of the pins
has to be among it.  Prints what is wrong, a line each.
"""

import os
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from pinned import faults_of

faults, held = faults_of(sys.stdin.read(), ["bpf", "kcore"])
for pin in sys.argv[1:]:
    if pin not in {pin for pin, memory in held}:
        faults.append(f"{pin} is missing")
for fault in faults:
    print(fault)
