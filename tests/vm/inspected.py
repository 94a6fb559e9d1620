# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspected.py PIN...: what a guest has written to stdin, each object of "thpin hold" followed
by what "thpin inspect" made of it, once by each way to read the kernel.  Each of the pins
has to be among it.  Prints what is wrong, a line each.
"""

import json
import os
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from pinned import compare

KINDS = {"uring-fixed": "io_uring", "vmsplice": "pipe", "xdp-umem": "af_xdp",
         "udmabuf": "udmabuf", "rdma": "rdma", "vfio": "vfio"}
LEVELS = ["bpf", "kcore"]


def objects(text):
    decoder = json.JSONDecoder()
    at = 0
    while True:
        at = text.find("{", at)
        if at < 0:
            return
        found, at = decoder.raw_decode(text, at)
        yield found


looks = {}
held = None
for one in objects(sys.stdin.read()):
    if "thpin" not in one:
        held = one
        looks[held["pin"], held["memory"]] = levels = []
        continue
    levels.append(one["probe"])
    fault = compare(held, KINDS[held["pin"]], one)
    if fault:
        print(f"{held['pin']}, {held['memory']} ({one['probe']}): {fault}")
for (pin, memory), levels in looks.items():
    if levels != LEVELS:
        print(f"{pin}, {memory}: looked at by {levels}")
for pin in sys.argv[1:]:
    if pin not in {pin for pin, memory in looks}:
        print(f"{pin} is missing")
