# SPDX-License-Identifier: GPL-2.0-or-later
"""
For each kind of memory: hold it with "thpin hold", look at it through /proc, kill the
holder with SIGKILL; then run it without a race, with a fork, and with its control.
"""

import glob
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.environ["TESTDIR"])

from truth import KERNEL, Tap  # pylint: disable=wrong-import-position

THPIN = os.environ["THPIN"]
ROOT = os.geteuid() == 0
PAGE = os.sysconf("SC_PAGE_SIZE")
LEFT_AFTER = 8.0  # seconds: another thpin on this machine may have the setting

SHARED = ("shmem", "shmem-thp", "file-shared", "hugetlb-shared")
NOT_OWNED = ("zero", "zero-thp", "file-private")
NOT_OWNED += ("memfd-private", "memfd-thp-private", "hugetlb-private")

# Mapped by PTEs: khugepaged must not put a PMD in place.
BY_PTES = ("base", "thp-pte", "thp-single-pte", "thp-mremapped", "thp-shared")

# Bits of pagemap and of kpageflags
PRESENT, FILE = 1 << 63, 1 << 61
HEAD, TAIL, HUGE, THP, ZERO = 1 << 15, 1 << 16, 1 << 17, 1 << 22, 1 << 24

SETTINGS = [
    "/sys/kernel/mm/transparent_hugepage/*enabled",
    "/sys/kernel/mm/transparent_hugepage/use_zero_page",
    "/sys/kernel/mm/transparent_hugepage/hugepages-*/*enabled",
    "/sys/kernel/mm/hugepages/*/nr_*",
    "/proc/swaps",
]


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def settings():
    """All that a kind of memory may change; of swap the devices, not how full they are"""
    found = {}
    for path in (path for pattern in SETTINGS for path in glob.glob(pattern)):
        text = read(path).strip()
        if path == "/proc/swaps":
            text = " ".join(line.split()[0] for line in text.splitlines())
        found[path] = text
    return found


def changed(before):
    """Lines; what another process changes is back after a while"""
    until = time.monotonic() + LEFT_AFTER
    while True:
        now = settings()
        lines = [f"{p}: {before.get(p)}, now {now.get(p)}" for p in before if now.get(p) != before[p]]
        if not lines or time.monotonic() > until:
            return lines
        time.sleep(0.05)


# --- what it is --------------------------------------------------------------


def entries(path, first, count):
    with open(path, "rb") as file:
        file.seek(8 * first)
        return struct.unpack(f"{count}Q", file.read(8 * count))


class Look:
    """The region of a holder, as /proc has it"""

    def __init__(self, held):
        start, end = int(held["start"], 16), int(held["end"], 16)
        self.size = end - start
        self.pages = self.size // PAGE
        self.entries = entries(f"/proc/{held['pid']}/pagemap", start // PAGE, self.pages)
        self.pfns = [entry & ((1 << 55) - 1) for entry in self.entries]
        self.flags = None
        if all(self.pfns) and ROOT:
            self.flags = [entries("/proc/kpageflags", pfn, 1)[0] for pfn in self.pfns]
        self.fields, self.shared, self.vm_flags = {}, set(), []
        self.read_smaps(read(f"/proc/{held['pid']}/smaps"), start, end)

    def read_smaps(self, text, start, end):
        inside = False
        for line in text.splitlines():
            header = re.match(r"([0-9a-f]+)-([0-9a-f]+) ...(.) ", line)
            if header:
                inside = int(header[1], 16) < end and int(header[2], 16) > start
                if inside:
                    self.shared.add(header[3])
            if inside and line.startswith("VmFlags:"):
                self.vm_flags.append(line.split()[1:])
            field = re.match(r"(\w+): +(\d+) kB", line)
            if inside and field:
                self.fields[field[1]] = self.fields.get(field[1], 0) + int(field[2]) * 1024

    def runs_of(self, count):
        """Whether the page frames are runs of so many, from a multiple on: folios"""
        return all(
            pfn == self.pfns[i - i % count] + i % count and (pfn - i) % count == 0
            for i, pfn in enumerate(self.pfns)
        )

    def compound(self, count):
        """Whether each of so many pages is one compound page"""
        return self.runs_of(count) and all(
            flag & (TAIL if i % count else HEAD) for i, flag in enumerate(self.flags)
        )


def check_mapping(kind, look):
    """PMDs, files and sharing, which everybody may see of his own processes"""
    wanted = {
        "AnonHugePages": kind == "thp",
        "ShmemPmdMapped": kind in ("shmem-thp", "memfd-thp-private"),
        "Hugetlb": kind.startswith("hugetlb"),
    }
    found = dict(look.fields)
    # Which of the two depends on how many processes map it.
    found["Hugetlb"] = found.get("Private_Hugetlb", 0) + found.get("Shared_Hugetlb", 0)
    for field, whole in wanted.items():
        if found.get(field, 0) != (look.size if whole else 0):
            yield f"{field}: {found.get(field, 0)} of {look.size} bytes"
    if look.shared != {"s" if kind in SHARED else "p"}:
        yield f"shared is {look.shared}"
    if not all(entry & PRESENT for entry in look.entries):
        yield "not all pages are mapped"
    if kind.startswith(BY_PTES + ("mthp-",)) and not all("nh" in flags for flags in look.vm_flags):
        yield f"khugepaged may collapse it: {look.vm_flags}"
    if len(look.vm_flags) != (2 if kind == "thp-mremapped" else 1):
        yield f"{len(look.vm_flags)} VMAs, of which a race can make no THP"
    files = {bool(entry & FILE) for entry in look.entries}
    if not kind.startswith("zero") and files != {kind in SHARED or kind.endswith("-private")}:
        yield f"pages of a file: {files}"


def check_frames(kind, look):
    """Page frames and their flags"""
    flags, thp = look.flags, 512
    mthp = re.fullmatch(r"mthp-(\d+)([km])", kind)
    if mthp:
        count = int(mthp[1]) * (1024 if mthp[2] == "m" else 1) * 1024 // PAGE
        if not look.compound(count):
            yield f"is not of compound pages of {count} pages"
    whole = ("thp", "thp-pte", "thp-shared", "shmem-thp", "memfd-thp-private")
    if kind in whole and not look.compound(thp):
        yield "is no THP"
    if kind.startswith("hugetlb") and not (look.compound(thp) and flags[0] & HUGE):
        yield "is no hugetlb page"
    if kind == "thp-single-pte" and (look.pages != 1 or not flags[0] & HEAD or not flags[0] & THP):
        yield f"{look.pages} pages, flags {flags[0]:x}"
    if kind == "thp-mremapped":
        half = look.pages // 2
        if look.pfns[0] != look.pfns[half] + half or not flags[half] & HEAD:
            yield "the halves of the THP are not where they should be"
    if kind in ("base", "shmem") and any(flag & (HEAD | TAIL | THP) for flag in flags):
        yield "is of compound pages"
    if (kind in ("zero", "zero-thp")) != all(flag & ZERO for flag in flags):
        yield f"zero page: {[bool(flag & ZERO) for flag in flags[:4]]} ..."
    if kind == "zero" and len(set(look.pfns)) != 1:
        yield f"{len(set(look.pfns))} page frames"


def hold(tap, kind, before):
    arguments = [THPIN, "hold", "--pin", "vmsplice", "--memory", kind]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as holder:
        line = holder.stdout.readline()
        if not line:
            tap.skip(f"{kind} is held", holder.stderr.read().strip())
            return
        look = Look(json.loads(line))
        tap.point(f"{kind} is mapped so", check_mapping(kind, look))
        if look.flags:
            tap.point(f"{kind} is of such pages", check_frames(kind, look))
        else:
            tap.skip(f"{kind} is of such pages", "page frames are not visible")
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    tap.point(f"{kind}: its holder killed, all settings are as before", changed(before))


# --- what it does ------------------------------------------------------------


def parts_with_a_write(kind):
    """Whether the first write after a read-only pin gets another page, by itself"""
    return (
        kind in NOT_OWNED
        or kind == "thp-shared"
        or (kind.endswith("-swapped") and KERNEL < (5, 19))
    )


def lost(cell):
    """How many pages have to be lost"""
    pin, kind, race = cell["case"].split("/")
    pages = cell["pages"]
    reads = pin == "vmsplice"
    kept = 1 if kind == "thp-shared" else 0  # the page that never was shared
    if race == "remap-fixed":
        whole = kind.startswith("hugetlb") or pages == 1 or (reads and kind in NOT_OWNED)
        swapped = reads and kind.endswith("-swapped") and KERNEL < (5, 19)
        if reads and kind == "thp-shared":
            return pages - kept
        return pages if whole or swapped else pages // 2
    # madv-free has memory like it made beside, which takes no page of it along.
    if race in ("none", "madv-free"):
        return pages - kept if reads and parts_with_a_write(kind) else 0
    if kind in SHARED:
        return 0
    if reads:
        return 1
    # Early copies for the child came to hugetlb with 5.12; a copy is of all of it.
    return pages if kind.startswith("hugetlb") and KERNEL < (5, 12) else 0


def check_cell(cell):
    refused = cell["memory"].startswith("file") and cell["pin"] == "uring-fixed"
    if cell["verdict"] == "skipped":
        if refused and "long-term pin" in cell["reason"]:
            return
        yield cell["reason"]
        return
    wanted = lost(cell)
    verdict = "out-of-sync" if wanted else "in-sync"
    if cell["verdict"] != verdict or cell["pages_lost"] != wanted:
        yield f"{cell['verdict']}, {cell['pages_lost']} pages, not {verdict}, {wanted}: {cell['reason']}"
    hopes = cell["expectation"] in ("promised", "unknown")
    if hopes == bool(wanted):
        yield f"the rule {cell['rule']} says {cell['expectation']}"
    swapped_out = cell["evidence"]["vmstat"]["pswpout"]
    if cell["memory"].endswith("-swapped") and swapped_out is not None and not swapped_out:
        yield "nothing was swapped out"


def run(tap, kind, before):
    races = "none,fork-parent-write,remap-fixed" + (",madv-free" if kind == "thp-shared" else "")
    said = subprocess.run(
        [THPIN, "repro", "--json", "--no-control", "--pin", "uring-fixed,vmsplice"]
        + ["--memory", kind, "--race", races],
        capture_output=True,
        text=True,
        check=False,
    )
    for cell in json.loads(said.stdout)["cases"]:
        name = f"{cell['case']}: {cell['verdict']}"
        if cell["verdict"] == "skipped" and "liburing" in cell["reason"]:
            tap.skip(name, cell["reason"])
        else:
            tap.point(name, list(check_cell(cell)))
    tap.point(f"{kind}: all settings are as before", changed(before))


def main():
    tap = Tap()
    before = settings()
    said = subprocess.run(
        [THPIN, "list", "memory", "--json"], capture_output=True, text=True, check=True
    )
    for kind in json.loads(said.stdout)["memory"]:
        if kind["available"]:
            hold(tap, kind["name"], before)
            run(tap, kind["name"], before)
        else:
            tap.skip(kind["name"], kind["reason"])
    tap.done()


main()
