# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspect_busy.py [SECONDS]: "thpin inspect" of processes that pin nothing, and of processes
that pin and let go without end, raises no false alarm.  Prints TAP.
"""

import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.environ["TESTDIR"])
from truth import Tap

THPIN = os.environ["THPIN"]
SECONDS = float(sys.argv[1]) if len(sys.argv) > 1 else 12
tap = Tap()


def inspect(pid):
    done = subprocess.run([THPIN, "inspect", str(pid), "--json", "--full"], capture_output=True,
                          text=True, timeout=60)
    return done.returncode, done.stdout and json.loads(done.stdout), done.stderr


status, found, err = inspect(os.getpid())
if status not in (0, 1) or found["probe"] == "proc":
    tap.skip("false alarms", "the kernel's memory cannot be read")
    tap.done()
sleepers = [subprocess.Popen(["sleep", "600"]) for i in range(100)]
time.sleep(0.5)
faults = []
for sleeper in sleepers:
    status, found, err = inspect(sleeper.pid)
    if status or found["holders"] or found["hazards"]:
        faults.append(f"exit status {status}, {found and (found['holders'], found['hazards'])} {err}")
    sleeper.kill()
    sleeper.wait()
tap.point("100 processes that pin nothing: nothing is found", faults[:3])

script = os.path.join(os.environ["TESTDIR"], "live/busy.py")
busy = [subprocess.Popen([sys.executable, "-B", script]) for i in range(2)]
time.sleep(0.5)
faults, looks, held, unknown = [], 0, 0, 0
end = time.monotonic() + SECONDS
while time.monotonic() < end:
    for process in busy:
        status, found, err = inspect(process.pid)
        looks += 1
        if status not in (0, 1):
            faults.append(f"exit status {status}: {err}")
            continue
        held += sum(h["holder"] in ("io_uring", "pipe") for h in found["holders"])
        unknown += sum(h["unknown"] for h in found["holders"])
        parted = [h for h in found["holders"] if h["out-of-sync"] or h["unmapped"]]
        if parted or {"pinned-diverged", "holes"} & {h["hazard"] for h in found["hazards"]}:
            faults.append(f"look {looks}: {parted}, {found['hazards']}")

# What others let go while it is read may already be memory of this one, and what it has
# just faulted has references of the kernel's batches.
FRESH = """
import mmap
while True:
    memory = mmap.mmap(-1, 8 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for at in range(0, 8 << 20, mmap.PAGESIZE):
        memory[at] = 1
    memory.close()
"""
fresh = subprocess.Popen([sys.executable, "-c", FRESH])
fresh_faults = []
end = time.monotonic() + SECONDS
while time.monotonic() < end:
    status, found, err = inspect(fresh.pid)
    looks += 1
    if status or found["holders"]:
        fresh_faults.append(f"exit status {status}, {found and found['holders'][:2]} {err}")
fresh.kill()
fresh.wait()
tap.point("a process with ever new memory beside them: nothing is found", fresh_faults[:3])

for process in busy:
    if process.poll() is not None:
        faults.append(f"a busy process ended with {process.returncode}")
    process.kill()
    process.wait()
tap.point("processes that pin and let go: nothing is out of sync", faults[:3])
tap.point("... and they were seen with pins", [] if held else ["never"])
print(f"# {looks} looks, {held} holders, {unknown} pages unknown, {len(faults)} faults")
tap.done()
