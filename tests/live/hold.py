# SPDX-License-Identifier: GPL-2.0-or-later
"""
hold.py: run "thpin hold" and compare what it says with what /proc says of it.
Prints TAP.
"""

import json
import os
import signal
import struct
import subprocess
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from truth import Tap

THPIN = os.environ["THPIN"]
PAGE = os.sysconf("SC_PAGE_SIZE")
tap = Tap()


def point(name, fault):
    tap.point(name, [fault] if fault else [])


def mapped_now(pid, start, pages):
    """PFN of each page, None where none is present."""
    with open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        pagemap.seek(start // PAGE * 8)
        entries = struct.unpack(f"{pages}Q", pagemap.read(pages * 8))
    return [e & (1 << 55) - 1 if e >> 63 else None for e in entries]


def expand(runs, pages):
    frames = [None] * pages
    for one in runs:
        for i in range(one["count"]):
            frames[one["first"] + i] = one["pfn"] and int(one["pfn"], 16) + i
    return frames


def check(held, diverge, discard, fork):
    pages = held["pages"]
    pinned, mapped = expand(held["pinned"], pages), expand(held["mapped"], pages)
    now = mapped_now(held["pid"], int(held["start"], 16), pages)
    diverged, discarded = held["diverged"], held["discarded"]
    if (len(set(diverged)), len(set(discarded))) != (diverge, discard):
        return f"parted {diverged} and {discarded}"
    if bool(held["child"]) != fork or fork and not os.path.exists(f"/proc/{held['child']}"):
        return f"child {held['child']}"
    for i in range(pages):
        if (now[i] is None) != (i in discarded):
            return f"page {i} is {'not ' if now[i] is None else ''}mapped"
        if os.geteuid():
            continue
        if mapped[i] != now[i]:
            return f"page {i}: says {mapped[i]}, has {now[i]}"
        if (pinned[i] == now[i]) != (i not in diverged and i not in discarded):
            return f"page {i}: pinned {pinned[i]}, mapped {now[i]}"
    return None


def held(name, *arguments, diverge=0, discard=0, fork=False):
    command = [THPIN, "hold", *arguments, "--diverge", str(diverge), "--discard", str(discard)]
    process = subprocess.Popen(command + ["--fork"] * fork, stdout=subprocess.PIPE)
    line = process.stdout.readline()
    if not line:
        point(name, f"exited with {process.wait()}")
        return
    said = json.loads(line)
    point(name, check(said, diverge, discard, fork))
    process.send_signal(signal.SIGTERM)
    point(f"{name}: ends when told to", process.wait(10) and "not with status 0")
    if fork:
        point(f"{name}: takes its child along",
              os.path.exists(f"/proc/{said['child']}") and "it lives")


def requests(pid, start):
    """Bytes that the system calls of all threads wait for, in memory from start on"""
    size = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/syscall", encoding="ascii") as file:
            fields = [int(field, 0) for field in file.read().split() if field.startswith("0x")]
        if len(fields) > 2 and 0 <= fields[1] - start < 64 << 20:
            size += fields[2]
    return size


def one_page(pin, memory):
    """Of a kind that has one page, that page is pinned, and nothing behind it."""
    name = f"{pin}, {memory}: one page is pinned"
    with subprocess.Popen([THPIN, "hold", "--pin", pin, "--memory", memory],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        if not line:
            tap.skip(name, process.stderr.read().strip())
            return
        said = json.loads(line)
        start, end = int(said["start"], 16), int(said["end"], 16)
        point(f"{name}, by what it says", end - start != PAGE and said)
        try:
            size = requests(said["pid"], start)
            point(name, size != PAGE and f"{size} bytes are asked for")
        except OSError as error:
            tap.skip(name, error)
        process.send_signal(signal.SIGTERM)


def usage(name, *arguments):
    said = subprocess.run([THPIN, "hold", *arguments], capture_output=True, text=True, timeout=20)
    point(name, None if said.returncode == 129 and "--help" in said.stderr else said)


held("a THP, in sync")
held("a THP with pages parted", diverge=5, discard=3)
held("a PTE-mapped THP", "--memory", "thp-pte", diverge=1)
held("base pages, every one parted", "--memory", "base", "--size", "64K", diverge=16)
held("vmsplice, with a child", "--pin", "vmsplice", "--memory", "base", discard=2, fork=True)
several = subprocess.run([THPIN, "hold", "--pin", "vmsplice,uring-fixed", "--memory", "base,shmem",
                          "--size", "16K", "--", "list", "pins", "-n", "--", "list", "races",
                          "-n"], capture_output=True, text=True, timeout=60)
lines = several.stdout.splitlines()
said = [json.loads(line) for line in lines if line.startswith("{")]
point("several pins, one after the other, of several kinds of memory",
      ([(h["pin"], h["memory"]) for h in said], len({h["pid"] for h in said}))
      != ([("vmsplice", "base"), ("vmsplice", "shmem"), ("uring-fixed", "base"),
           ("uring-fixed", "shmem")], 4) and several)
point("... each with every subcommand",
      (sum(line.startswith("odirect-read ") for line in lines),
       sum(line.startswith("fork-parent-write ") for line in lines)) != (4, 4) and several)
one_page("odirect-read", "thp-single-pte")
NAME = "why memory of a file that is written back cannot be pinned"
listed = subprocess.run([THPIN, "list", "memory", "-nr", "-o", "NAME,AVAILABLE,REASON"],
                        capture_output=True, text=True, timeout=20).stdout
file = next(line for line in listed.splitlines() if line.startswith("file-shared "))
said = subprocess.run([THPIN, "hold", "--pin", "uring-fixed", "--memory", "file-shared", "--",
                       "list", "races"], capture_output=True, text=True, timeout=20)
if said.stdout or " yes " not in file:
    tap.skip(NAME, "this kernel pins it (before Linux 6.5)" if said.stdout else file)
else:
    point(NAME, (said.returncode, said.stderr) != (125, "thpin: the kernel takes no long-term "
          "pin of this file's memory (8ac268436e6d)\n") and said)
usage("several without a subcommand", "--pin", "vmsplice,uring-fixed")
usage("more pages than there are", "--size", "8K", "--memory", "base", "--diverge", "3")
usage("an unknown pin", "--pin", "uring-fixd")
usage("an unknown kind of memory", "--memory", "thpp")
usage("an operand", "4711")
said = subprocess.run([THPIN, "hold", "--pin", "uring-fixed,udmabuf", "--merge", "1", "--memory",
                       "shmem,hugetlb"], capture_output=True, text=True, timeout=20)
point("what cannot be: the reason is that of the pin and the memory it names",
      "uring-fixed cannot pin shmem: " not in said.stderr or "memfd" in said.stderr and said)
tap.done()
