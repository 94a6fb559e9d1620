# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspect_vmas.py: the memory map of "thpin inspect" counts each kind of memory that "thpin
hold" can make as what it is, and no pages twice; /proc/PID/smaps has to agree.  Prints TAP.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from truth import Tap

THPIN = os.environ["THPIN"]
KINDS = ("base", "mthp", "thp-pmd", "thp-pte", "thp-part", "hugetlb", "zero", "swapped", "unknown")
tap = Tap()


def run(*arguments):
    return subprocess.run([THPIN, *arguments], capture_output=True, text=True, timeout=60,
                          check=False)


def smaps(pid, start, end):
    """Sums of the fields of the VMAs in a range, in KiB"""
    sums, inside = {}, False
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as file:
        for line in file:
            words = line.split()
            if not words[0].endswith(":"):
                first, last = (int(word, 16) for word in words[0].split("-"))
                inside = first < end and last > start
            elif inside and words[-1] == "kB":
                sums[words[0][:-1]] = sums.get(words[0][:-1], 0) + int(words[1])
    return sums


def look(name, memory, options, wanted, pin="uring-fixed", also=None):
    """Of the region, and of its pages: what each of the counts has to be"""
    command = [THPIN, "hold", "--pin", pin, "--memory", memory, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True) as process:
        line = process.stdout.readline()
        if not line:
            why = process.stderr.read().strip()
            if process.wait(20) == 125:
                tap.skip(name, why)
            else:
                tap.point(name, [why])
            return
        held = json.loads(line)
        start, end = int(held["start"], 16), int(held["end"], 16)
        done = run("inspect", str(held["pid"]), "--json", "--full")
        fields = smaps(held["pid"], start, end)
        process.terminate()
    found = json.loads(done.stdout)
    faults, sums = [], dict.fromkeys(found["pages"], 0)
    for vma in found["vmas"]:
        first = int(vma["start"], 16)
        for key, value in vma["pages"].items():
            if key != "nodes" and first < end and first + vma["bytes"] > start:
                sums[key] += value
    for key in KINDS:
        if sum(vma["pages"][key] for vma in found["vmas"]) != found["pages"][key]:
            faults.append(f"{key} of all VMAs is not {found['pages'][key]}")
    pages = held["pages"]
    counts = dict.fromkeys(KINDS, 0) | {key: pages if value is None else value
                                        for key, value in wanted.items()}
    faults += [f"{key} is {sums[key]}, not {count}" for key, count in counts.items()
               if sums[key] != count]
    kib = held["page_size"] // 1024
    # Pages of hugetlb, and the zero page, are not resident for smaps.
    if not {"hugetlb", "zero"} & set(wanted) and fields["Rss"] != sums["resident"] * kib:
        faults.append(f"smaps: Rss {fields['Rss']}")
    if "thp-pmd" in wanted and "shmem" not in wanted and \
            fields["AnonHugePages"] != sums["thp-pmd"] * kib:
        faults.append(f"smaps: AnonHugePages {fields['AnonHugePages']}")
    if "swapped" in wanted and fields["Swap"] != sums["swapped"] * kib:
        faults.append(f"smaps: Swap {fields['Swap']}")
    if also:
        faults += also(found, pages)
    tap.point(name, faults)


def main():
    if json.loads(run("inspect", str(os.getpid()), "--json").stdout or '{"probe": "proc"}')[
            "probe"] == "proc":
        print("1..0 # SKIP the kernel's memory cannot be read (see: thpin list probes)")
        return
    own = {"anon": None, "exclusive": None, "pinned": None, "file": 0, "shmem": 0, "ksm": 0}
    look("thp", "thp", (), own | {"thp-pmd": None})
    look("thp-pte", "thp-pte", (), own | {"thp-pte": None})
    look("base", "base", ("--size", "256K"), own | {"base": None})
    for kib, memory in ((16, "mthp-16k"), (64, "mthp-64k"), (1024, "mthp-1m")):
        look(memory, memory, (), own | {"mthp": None},
             also=lambda found, pages, kib=kib: [] if found["mthp_kib"].get(str(kib), 0) >=
             pages else [f"mthp_kib {found['mthp_kib']}"])
    look("hugetlb", "hugetlb", (), {"hugetlb": None, "pinned": None, "ksm": 0})
    look("shmem", "shmem", ("--size", "256K"),
         {"base": None, "shmem": None, "anon": 0, "file": 0, "pinned": None})
    look("shmem-thp", "shmem-thp", (), {"thp-pmd": None, "shmem": None, "anon": 0, "pinned": None})
    look("zero", "zero", ("--size", "64K"), {"zero": None, "resident": None}, "vmsplice")
    look("base, in a pipe: references that are no pins", "base", ("--size", "64K"),
         {"base": None, "anon": None, "extra": None, "pinned": 0}, "vmsplice")
    look("base, shared with a child", "base", ("--size", "64K", "--fork"),
         {"base": None, "anon": None, "exclusive": 0, "extra": None}, "vmsplice")
    look("base, discarded in part", "base", ("--size", "64K", "--discard", "3"),
         {"base": 13, "anon": 13, "pinned": 13})
    look("base, swapped out in part", "base", ("--size", "64K", "--swap", "3"),
         {"base": 13, "swapped": 3, "pinned": 13})
    look("base, merged in part", "base", ("--size", "256K", "--merge", "3"),
         {"base": None, "ksm": 3, "pinned": 61})
    look("thp, discarded in part: partly mapped", "thp", ("--discard", "3"),
         {"thp-part": 509, "anon": 509, "pinned": 509})
    tap.done()


main()
