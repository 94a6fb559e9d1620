# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests/live/inspect.py and tests/vm/inspected.py have in common: is what "thpin
inspect" has found what "thpin hold" has made?"""

import json

# What inspect calls the holder of a pin.
KINDS = {"uring-fixed": "io_uring", "vmsplice": "pipe", "xdp-umem": "af_xdp",
         "udmabuf": "udmabuf", "rdma": "rdma", "vfio": "vfio",
         "uring-send-zc-fixed": "io_uring", "xdp-umem-tx": "af_xdp", "vfio-ro": "vfio"}
# No list has those of a call, or of data, on their way.
KINDS.update(dict.fromkeys(("process-vm", "process-vm-ro", "odirect-read", "odirect-write",
                            "odirect-block", "aio", "uring-odirect", "msg-zerocopy",
                            "uring-send-zc"), "(unattributed)"))

# Of these the file may still have what is not mapped.
SHARED = ("shmem", "shmem-thp", "hugetlb-shared", "file-shared")


def spread(held, holders):
    """What inspect says of each page of what hold has made, None: nothing; or a fault"""
    start, pages = int(held["start"], 16), held["pages"]
    said = [None] * pages
    for holder in holders:
        for span in holder["spans"]:
            first = (int(span["start"], 16) - start) // held["page_size"]
            inside = 0 <= first and first + span["pages"] <= pages
            # The device's own buffer may be pinned as well: nothing has parted it.
            if not inside and span["sync"] != "in-sync":
                return f"a span that hold has not pinned: {span}"
            for i in range(first, first + span["pages"] if inside else first):
                if said[i]:
                    return f"page {i} is held twice"
                said[i] = span["sync"]
    return said


def unnamed(held, holders):
    """None, or what is wrong: whose a pin is cannot be told, but which pages have one can"""
    start, pages = int(held["start"], 16), held["pages"]
    said = set()
    for holder in holders:
        first = (int(holder["start"], 16) - start) // held["page_size"]
        said.update(range(first, first + holder["bytes"] // held["page_size"]))
        if (holder["class"], holder["pid"]) != (held["class"], None):
            return f"a holder of another class, or of a process: {holder}"
    parted = held["diverged"] + held["discarded"] + held["swapped"] + held["merged"]
    # One pin is the whole folio's, also of pages that are no longer mapped.
    want = set(range(pages)) - set(() if held["memory"].startswith("thp") else parted)
    return None if said == want else f"pages that differ: {sorted(said ^ want)}"


def compare(held, kind, found):
    """None, or what is wrong"""
    holders = [h for h in found["holders"] if h["holder"] == kind]
    others = [h for h in found["holders"] if h["holder"] != kind]
    if kind == "(unattributed)":
        return f"other holders as well: {others}" if others else unnamed(held, holders)
    said = spread(held, holders)
    # Where the pages of a holder are not known.
    hidden = held["memory"] in SHARED and any(h["confidence"] == "range" for h in holders)
    holes = bool(held["discarded"]) and not hidden
    parted = bool(held["diverged"] or holes or held["swapped"] or held["merged"])
    if isinstance(said, str):
        return said
    if others:
        return f"other holders as well: {others}"
    for i, sync in enumerate(said):
        want = ("out-of-sync" if i in held["diverged"] + held["merged"] else
                ("unknown" if hidden else "unmapped") if i in held["discarded"] else
                "swapped" if i in held["swapped"] else "in-sync")
        if sync != want:
            return f"page {i} is {want}, said to be {sync}"
    different = sum(h["content_different"] for h in holders)
    if different not in (0, len(held["diverged"]) + len(held["merged"])):
        return f"{different} pages differ in content"
    hazards = {h["hazard"] for h in found["hazards"]}
    if ("pinned-diverged" in hazards) != parted or ("holes" in hazards) != holes:
        return f"hazards {hazards}"
    return None


def objects(text):
    """Each JSON object of a text"""
    decoder = json.JSONDecoder()
    at = text.find("{")
    while at >= 0:
        found, at = decoder.raw_decode(text, at)
        yield found
        at = text.find("{", at)


def faults_of(text, levels, named=KINDS, check=lambda held, found: None):
    """
    Of what hold said, and inspect by each of the levels, again and again: what is wrong,
    a line each, and the pins and kinds of memory that were held.  The holders of the named
    pins are compared; check() says what else is wrong.
    """
    faults, looks, held = [], {}, None
    for one in objects(text):
        if "thpin" not in one:
            held = one
            looks[held["pin"], held["memory"]] = []
            continue
        looks[held["pin"], held["memory"]].append(one["probe"])
        fault = held["pin"] in named and compare(held, KINDS[held["pin"]], one)
        fault = fault or check(held, one)
        if fault:
            faults.append(f"{held['pin']}, {held['memory']} ({one['probe']}): {fault}")
    for (pin, memory), looked in looks.items():
        if looked != levels:
            faults.append(f"{pin}, {memory}: looked at by {looked}")
    return faults, set(looks)
