# SPDX-License-Identifier: GPL-2.0-or-later
"""
undisturbed.py: a process that "thpin inspect" looks at keeps its pages where they are
and what is in them, is not stopped or woken, and has no fault when it goes on.  Prints
TAP.
"""

import ctypes
import hashlib
import mmap
import os
import resource
import signal
import subprocess
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from truth import Tap

THPIN = os.environ["THPIN"]
PAGE = mmap.PAGESIZE
SIZE = 16 << 20
# The kernel itself moves pages now and then; what moves them each time is thpin.
ATTEMPTS = 5
LOOKS = (["--vmas"], ["--json"], ["--map"], ["--probe=proc"])
tap = Tap()


class Target:
    """THPs and base pages; when woken it touches all of them and tells its faults"""

    def __init__(self):
        self.memory = [mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
                       for _ in range(2)]
        wake, self.wake = os.pipe()
        self.said, say = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            self.live(wake, say)
        os.close(wake)
        os.close(say)
        self.addresses = [ctypes.addressof(ctypes.c_char.from_buffer(memory))
                          for memory in self.memory]
        os.read(self.said, 64)

    def live(self, wake, say):
        self.memory[0].madvise(mmap.MADV_HUGEPAGE)
        self.memory[1].madvise(mmap.MADV_NOHUGEPAGE)
        for memory in self.memory:
            for at in range(0, SIZE, PAGE):
                memory[at:at + 8] = at.to_bytes(8, "little")
        pages = range(0, SIZE, PAGE)
        self.faults(pages)
        os.write(say, b"ready")
        while woken := os.read(wake, 1):
            if woken == b"d":
                for memory in self.memory:
                    memory.madvise(mmap.MADV_DONTNEED, SIZE // 2, PAGE)
                os.write(say, b"done")
                continue
            # First: to read what is there would bring back what was taken away.
            faults = self.faults(pages)
            digest = hashlib.sha256(b"".join(memory[at:at + 8] for memory in self.memory
                                             for at in pages)).hexdigest()
            os.write(say, f"{faults} {digest}".encode())
        os._exit(0)

    def faults(self, pages):
        """Minor and major ones of a store to each page"""
        before = resource.getrusage(resource.RUSAGE_SELF)
        for memory in self.memory:
            for at in pages:
                memory[at + 9] = 1
        after = resource.getrusage(resource.RUSAGE_SELF)
        return after.ru_minflt - before.ru_minflt + after.ru_majflt - before.ru_majflt

    def discard(self):
        """It does to itself all that must not be done to it."""
        os.write(self.wake, b"d")
        os.read(self.said, 64)

    def go_on(self):
        """Faults, and a hash of what is in its pages"""
        os.write(self.wake, b"x")
        faults, digest = os.read(self.said, 256).decode().split()
        return int(faults), digest

    def frames(self):
        """Page frames and the bits beside them"""
        found = []
        with open(f"/proc/{self.pid}/pagemap", "rb") as pagemap:
            for address in self.addresses:
                pagemap.seek(address // PAGE * 8)
                found.append(pagemap.read(SIZE // PAGE * 8))
        return found

    def status(self):
        """Of what shows that it was stopped, or ran"""
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as text:
            lines = dict(line.rstrip("\n").split(":\t", 1) for line in text if ":\t" in line)
        return {key: lines[key] for key in ("State", "TracerPid", "voluntary_ctxt_switches",
                                            "nonvoluntary_ctxt_switches", "VmRSS", "VmSwap")}

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def asleep(target):
    """It is as soon as it waits for the next byte."""
    while not target.status()["State"].startswith("S"):
        pass


def attempt(target, disturb):
    """What disturb() did to it, by kind"""
    target.go_on()
    asleep(target)
    _, digest = target.go_on()
    asleep(target)
    status, frames = target.status(), target.frames()
    failed = disturb()
    if failed:
        return {"failed": failed}
    asleep(target)
    seen, now = {}, target.status()
    if now != status:
        seen["status"] = f"it was {status}, is {now}"
    if target.frames() != frames:
        seen["frames"] = "page frames, or bits beside them, have changed"
    faults, after = target.go_on()
    if after != digest:
        seen["content"] = "what is in its pages has changed"
    if faults:
        seen["faults"] = f"{faults} faults when it went on"
    return seen


def look(target, options):
    done = subprocess.run([THPIN, "inspect", *options, str(target.pid)], capture_output=True,
                          text=True, timeout=60, check=False)
    return None if done.returncode in (0, 1) else done.stderr.strip()


def main():
    target = Target()
    for options in LOOKS:
        name = f"inspect {' '.join(options)} changes nothing of the process"
        for _ in range(ATTEMPTS):
            seen = attempt(target, lambda: look(target, options))
            if not seen or {"failed", "content"} & set(seen):
                break
        tap.point(name, [f"{kind}: {what}" for kind, what in seen.items()])
    # Two pages, of which one was of a THP, and it ran: nothing of this goes unseen.
    seen = attempt(target, target.discard)
    wanted = {"status", "frames", "content", "faults"}
    tap.point("control: what does change it is seen", [] if set(seen) == wanted else [seen])
    target.end()
    tap.done()


main()
