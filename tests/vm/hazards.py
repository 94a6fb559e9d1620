# SPDX-License-Identifier: GPL-2.0-or-later
"""
hazards.py LABEL PIN...: of what a guest of that kernel has written to stdin, each object of
"thpin hold" with what "thpin inspect" made of it, by BPF and by /proc alone: is what fork()
does to pinned memory said where this kernel does it, and nowhere else; and does /proc alone
know of memory regions?  Prints what is wrong, a line each.
"""

import os
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from pinned import KINDS, objects

MEMORY = ("base", "hugetlb", "hugetlb-private")
# fork() copies a pinned hugetlb page for the child since 5.12 (4eae4efa2c29).
OLD = "5.10"


def wanted(held):
    """Hazards of what is held"""
    if held["pin"] == "vmsplice":
        # Of the file's own pages the next write gets a copy.
        private = {"pinned-shared"} if held["memory"] == "hugetlb-private" else set()
        return {"get-forkable"} | private
    return {"pin-forkable"} if label == OLD and held["memory"] != "base" else set()


def inside(held, found):
    start, end = int(held["start"], 16), int(held["end"], 16)
    return [h for h in found["holders"] if h["start"] and start <= int(h["start"], 16) < end]


def regions(held, found):
    """Netlink tells sizes and nothing else; one is that of the device's own buffer."""
    length = held["pages"] * held["page_size"]
    said = [(h["holder"], h["start"], h["bytes"], h["pid"], h["confidence"], h["in-sync"],
             h["out-of-sync"], h["unknown"], h["hazards"]) for h in found["holders"]]
    want = [("rdma", None, length, held["pid"], "count", 0, 0, held["pages"], [])] * 2
    if said != want or len({h["index"] for h in found["holders"]}) != 2:
        return f"regions: {said}"
    if found["target"]["pinned_kb"] * 1024 < length:
        return f"VmPin is {found['target']['pinned_kb']} KiB"
    return None


def fault_of(held, found):
    if found["probe"] == "proc":
        if held["pin"] == "rdma":
            return regions(held, found)
        if held["pin"] == "vmsplice":
            return found["holders"] or None
    holders = inside(held, found)
    said = {hazard for h in holders for hazard in h["hazards"]}
    named = label != OLD or held["pin"] != "rdma"  # its modules do not tell their types
    kinds = {h["holder"] for h in holders}
    if kinds != {KINDS[held["pin"]] if named else "(unattributed)"}:
        return f"held by {kinds}"
    return said != wanted(held) and f"hazards {said}"


label, pins = sys.argv[1], sys.argv[2:]
faults, seen, held = [], {}, None
for one in objects(sys.stdin.read()):
    if "thpin" not in one:
        held = one
        continue
    seen.setdefault((held["pin"], held["memory"]), []).append(one["probe"])
    fault = fault_of(held, one)
    if fault:
        faults.append(f"{held['pin']}, {held['memory']} ({one['probe']}): {fault}")
faults += [f"{pin}, {memory}: looked at by {seen.get((pin, memory))}" for pin in pins
           for memory in MEMORY if seen.get((pin, memory)) != ["bpf", "proc"]]
print("\n".join(faults), end="\n" * bool(faults))
