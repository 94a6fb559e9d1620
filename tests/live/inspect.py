# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspect.py: "thpin inspect" has to find what "thpin hold" made, page by page, and
nothing where there is nothing.  Prints TAP.
"""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.environ["TESTDIR"])
from pinned import KINDS, compare, faults_of
from truth import KERNEL, Tap

THPIN = os.environ["THPIN"]
tap = Tap()


def point(name, fault=None):
    tap.point(name, [fault] if fault else [])


def skip(name, reason):
    tap.skip(name, reason)


def inspect(pid, *options):
    done = subprocess.run([THPIN, "inspect", str(pid), *options], capture_output=True, text=True,
                          timeout=60)
    return done.returncode, done.stdout, done.stderr


class Held:
    """A process of thpin hold"""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([THPIN, "hold", *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.said = json.loads(line) if line else None
        self.why = None if line else self.process.stderr.read().strip()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()


def find(name, kind, *arguments):
    with Held(*arguments) as held:
        if not held.said:
            # Swap and ksmd are one for all: another thpin may be at them, or nobody may.
            if {"--swap", "--merge"} & set(arguments) and held.process.wait(20) == 125:
                skip(name, held.why)
            else:
                point(name, f"hold failed: {held.why}")
            return
        for level in ("bpf", "kcore"):
            if level not in levels:
                continue
            status, out, err = inspect(held.said["pid"], "--json", "--full", "--probe", level)
            fault = err if status not in (0, 1) else compare(held.said, kind, json.loads(out))
            if not fault and status != bool(json.loads(out)["hazards"]):
                fault = f"exit status {status}"
            point(f"{name} ({level})", fault)
        status, out, err = inspect(held.said["pid"])
        point(f"{name}: no address in the text", held.said["start"][2:] in out and out)


def kinds_of_memory(level):
    """Each kind of memory that this machine has, pinned in all ways that need no device"""
    options = ["--", "inspect", "{}", "--json", "--full", "--probe", level]
    # Of a private mapping of a file the file has what is discarded, and a zero page is nobody's.
    for pins, parted, leave in (("uring-fixed,xdp-umem,udmabuf", ["--discard", "2"], ()),
                                ("vmsplice", [], ("zero", "zero-thp"))):
        listed = subprocess.run([THPIN, "list", "memory", "-nr", "-o", "NAME"], text=True,
                                capture_output=True, check=True).stdout.split()
        memory = ",".join(name for name in listed if name not in leave)
        said = subprocess.run([THPIN, "hold", "--pin", pins, "--memory", memory, "--diverge", "3",
                               *parted, *options], capture_output=True, text=True, timeout=100)
        faults, held = faults_of(said.stdout, [level])
        kinds = {memory for pin, memory in held}
        faults += [f"{kind} is missing" for kind in ("base", "shmem", "memfd-private")
                   if kind not in kinds]
        point(f"{pins} of {len(kinds)} kinds of memory ({level})", "\n# ".join(faults))


def kinds_of_pins(level):
    """Each pin that works here, by name or as what nobody has"""
    listed = subprocess.run([THPIN, "list", "pins", "-nr", "-o", "NAME,AVAILABLE"], text=True,
                            capture_output=True, check=True).stdout.split()
    pins = [name for name, here in zip(listed[::2], listed[1::2]) if here == "yes" and name in KINDS]
    said = subprocess.run([THPIN, "hold", "--pin", ",".join(pins), "--memory", "thp,thp-pte,base",
                           "--diverge", "3", "--discard", "2", "--", "inspect", "{}", "--json",
                           "--full", "--probe", level], capture_output=True, text=True, timeout=100)
    faults, held = faults_of(said.stdout, [level])
    faults += [f"{pin}, {memory} is missing: {said.stderr}" for pin in pins
               for memory in ("thp", "thp-pte", "base") if (pin, memory) not in held]
    point(f"each of {len(pins)} pins that work here ({level})", "\n# ".join(faults))


def moved(how, address, wanted, hazards):
    """What is said of the pages that moved.py has moved or shared"""
    script = os.path.join(os.environ["TESTDIR"], "live/moved.py")
    with subprocess.Popen([sys.executable, "-B", script, how], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        pid, start, pages = process.stdout.readline().split()
        status, out, err = inspect(pid, "--json", "--full")
        process.stdin.close()
    found = json.loads(out)
    holders = [h for h in found["holders"] if not address or h["start"] == start]
    said = [(h["holder"], h["in-sync"], h["out-of-sync"], h["unmapped"]) for h in holders]
    odd = {h["hazard"] for h in found["hazards"]}
    point(f"pages in a pipe, then {how}",
          (said, odd) != (wanted, hazards) and (said, odd, found["holders"]))
    if how == "passed":
        point("... another process has it",
              any(h["pid"] in (None, int(pid)) for h in holders) and holders)


def quiet(name, pid):
    """Nothing is pinned there."""
    status, out, err = inspect(pid, "--json")
    if status == 125:
        return  # it has gone meanwhile
    found = json.loads(out)
    odd = [h for h in found["holders"]] + found["hazards"]
    point(f"{name}: nothing is found where nothing is pinned", odd and f"{odd} {err}")


def available():
    """The levels that work here."""
    return {level for level in ("bpf", "kcore")
            if inspect(os.getpid(), "--json", "--probe", level)[0] in (0, 1)}


levels = available()
point("there is no such process", inspect(4194303)[0] != 125 and "exit status")
point("a PID is needed", inspect("self")[0] != 129 and "exit status")
if levels:
    for memory in ("thp", "thp-pte", "base"):
        find(f"uring-fixed, {memory}, in sync", "io_uring", "--memory", memory)
        find(f"uring-fixed, {memory}, parted", "io_uring", "--memory", memory, "--diverge", "7",
             "--discard", "4")
    find("uring-fixed, all pages parted", "io_uring", "--memory", "base", "--size", "64K",
         "--diverge", "16")
    find("uring-fixed, swapped out in part", "io_uring", "--memory", "base", "--size", "256K",
         "--diverge", "2", "--swap", "3")
    find("uring-fixed, merged in part", "io_uring", "--memory", "base", "--size", "256K",
         "--discard", "2", "--merge", "3")
    find("vmsplice, in sync", "pipe", "--pin", "vmsplice", "--memory", "base", "--size", "64K")
    find("vmsplice, parted", "pipe", "--pin", "vmsplice", "--memory", "base", "--size", "64K",
         "--diverge", "3", "--discard", "2")
    find("vmsplice of a THP", "pipe", "--pin", "vmsplice", "--memory", "thp", "--diverge", "3")
    # By another process, in a call of its own that waits: no list has it.
    find("process-vm of shmem, parted", "(unattributed)", "--pin", "process-vm", "--memory",
         "shmem", "--diverge", "3", "--discard", "2")
    for level in sorted(levels):
        kinds_of_memory(level)
        kinds_of_pins(level)
    moved("mremap", True, [("pipe", 16, 0, 0)], {"get-forkable"})
    moved("mremap-half", True, [("pipe", 8, 0, 0)], {"get-forkable"})
    moved("passed", True, [("pipe", 16, 0, 0)], {"get-forkable"})
    moved("fork", True, [("pipe", 16, 0, 0)], {"get-forkable", "pinned-shared"})
    # Not known to be its own alone, the pages move at the next write all the same.
    moved("orphan", True, [("pipe", 16, 0, 0)],
          {"get-forkable"} | ({"pinned-shared"} if KERNEL >= (5, 19) else set()))
    moved("child-writes", False, [], set())
    moved("parent-writes", True, [("pipe", 0, 16, 0)], {"get-forkable", "pinned-diverged"})
    with Held("--pin", "odirect-read") as held:
        status, out, err = inspect(held.said["pid"], "--json", "--full")
        holders = json.loads(out)["holders"]
        point("what cannot be named is unattributed",
              [h["holder"] for h in holders] != ["(unattributed)"] and holders)
        point("... at its address", [h["start"] for h in holders] != [held.said["start"]] and holders)
    with Held("--memory", "base", "--fork") as held:
        status, out, err = inspect(held.said["child"], "--json")
        point("a child has what its parent pinned copied",
              json.loads(out)["holders"] and out)
    sleepers = [subprocess.Popen(["sleep", "60"]) for _ in range(20)]
    time.sleep(0.2)
    for sleeper in sleepers:
        quiet("sleep", sleeper.pid)
        sleeper.kill()
        sleeper.wait()
    quiet("python", os.getpid())
else:
    skip("holders", "the kernel's memory cannot be read: "
         + inspect(os.getpid(), "--probe", "bpf")[2].strip())
status, out, err = inspect(os.getpid(), "--json", "--probe", "proc")
point("/proc alone gives the memory map",
      not (status == 0 and json.loads(out)["pages"]["resident"] > 100) and (status, err))
if os.geteuid() == 0:
    status, out, err = inspect(2)
    point("a kernel thread has no memory", not (status == 125 and "kernel thread" in err) and err)
    for name, what in (("another user's process", str(os.getpid())), ("all processes", "--all")):
        nobody = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                                 THPIN, "inspect", what], capture_output=True, text=True)
        if "Permission denied" in nobody.stderr and "needs" not in nobody.stderr:
            skip(name, "nobody cannot run thpin from here")
        else:
            point(f"{name} as nobody: 125, and what is needed",
                  not (nobody.returncode == 125 and "CAP_SYS_PTRACE" in nobody.stderr
                       and len(nobody.stderr.splitlines()) == 1) and nobody)
tap.done()
