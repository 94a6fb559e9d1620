# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspected.py NODE PIN...: what a guest of two NUMA nodes, CPUs at the first and edu at the
second, has written to stdin: each object of "thpin hold", whose memory is at NODE, followed
by what "thpin inspect" made of it, once by each way to read the kernel.  Each of the pins
has to be among it; one with a "-" before its name is of those whose holder this kernel does
not tell.  Prints what is wrong, a line each.
"""

import os
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from pinned import KINDS, faults_of


def far(held, found):
    """Pages are far from the device of VFIO; of other pins from all CPUs."""
    wanted = node == "0" if held["pin"] == "vfio" else node == "1"
    start, end = int(held["start"], 16), int(held["end"], 16)
    holders = [h for h in found["holders"] if start <= int(h["start"], 16) < end]
    said = {(tuple(h["nodes"]), "far-node" in h["hazards"]) for h in holders}
    return None if said == {((int(node),), wanted)} else f"nodes and far-node: {said}"


def unnamed(held, found):
    """It is not known by whom, but what: nothing else has been pinned there."""
    kind = KINDS[held["pin"]]
    start, end = int(held["start"], 16), int(held["end"], 16)
    holders = [h for h in found["holders"] if start <= int(h["start"], 16) < end]
    if not holders or {h["holder"] for h in found["holders"]} != {"(unattributed)"}:
        return f"{found['holders']}"
    if not any(one["holder"] == kind and "types" in one["reason"] for one in found["not_found"]):
        return f"no reason: {found['not_found']}"
    return None


def check(held, found):
    # All of these kernels are 5.10 or later, and none of the memory is hugetlb.
    if any(one["hazard"] == "pin-forkable" for one in found["hazards"]):
        return "pin-forkable"
    if KINDS[held["pin"]] == "(unattributed)":
        return None
    return unnamed(held, found) if f"-{held['pin']}" in pins else far(held, found)


node, pins = sys.argv[1], sys.argv[2:]
named = [pin for pin in pins if not pin.startswith("-")]
faults, seen = faults_of(sys.stdin.read(), ["bpf", "kcore"], named, check)
faults += [f"{pin} is missing" for pin in pins if pin.lstrip("-") not in {one[0] for one in seen}]
print("\n".join(faults), end="\n" * bool(faults))
