# SPDX-License-Identifier: GPL-2.0-or-later
"""
kill.py [--own-mounts] [--nobody]: kill "thpin repro" with SIGKILL at random
moments and check that within two seconds nothing of it is left on this machine.

THPIN_KILL_SEED repeats the moments of an earlier run, THPIN_KILL_RUNS sets how
many there are.  With --own-mounts this is a mount namespace of its own, in which
/sys/fs/fuse/connections may be mounted: it shows FUSE mounts that are in no mount
table.  With --nobody setpriv(1) works, and nobody can run $THPIN.
"""

import ctypes
import glob
import json
import os
import random
import signal
import subprocess
import sys
import time

import worker
from resources import (SETTINGS, difference, mount_fusectl, read, resources, settings,
                       some_settings, swaps, who_pins)

THPIN = os.environ["THPIN"]
TMPDIR = os.environ["TMPDIR"]
SEED = int(os.environ.get("THPIN_KILL_SEED", 0)) or random.randrange(1, 1 << 32)
THOROUGH = os.environ.get("THPIN_THOROUGH")
RUNS = int(os.environ.get("THPIN_KILL_RUNS", 200 if THOROUGH else 30))
LEFT_AFTER = 2.0  # seconds

PLAIN = "--memory=thp,thp-pte,base"


def default_races():
    """A selection would have the slow ones as well."""
    said = subprocess.run(
        [THPIN, "list", "races", "-nr", "-o", "NAME,LEVEL"],
        capture_output=True,
        text=True,
        check=True,
    )
    races = (line.split() for line in said.stdout.splitlines())
    return "--race=" + ",".join(name for name, level in races if level == "default")


QUICK = default_races()
# All default pins, and others; each takes about a second.
SELECTIONS = [
    [QUICK, PLAIN, QUICK, "odirect-*/thp*/*", "vmsplice/base/none"],
    [QUICK, PLAIN, QUICK, "uring-fixed/*/*", "vmsplice/*/*"],
    [QUICK, "odirect-*/base/*", "uring-fixed/base/*"],
    # Of these a case takes longer.
    [QUICK, "aio/thp/fork-*", "uring-odirect/thp/fork-*", "msg-zerocopy/base/fork-*",
     "process-vm/base/fork-*", "xdp-umem/thp/fork-parent-*"],
]
# Where swap can be made, it is on for much of the time.
SWAP_SELECTIONS = [
    [QUICK, "--memory=thp,base", "[ouv]*/*/pageout"],
    [QUICK, PLAIN, "--repeat=3", "vmsplice/*/pageout", "odirect-block/*/fork-*"],
]
# As root, settings are changed for much of the time.
SETTING_SELECTIONS = [
    ["--repeat=3", "vmsplice/mthp-*/none", "uring-fixed/hugetlb*/fork-child-*"],
    ["--repeat=3", QUICK, "vmsplice/shmem-thp/[nfd]*", "uring-fixed/mthp-64k/fork-*"],
    ["vmsplice/thp/khugepaged", "vmsplice/base/ksm", "vmsplice/thp/memory-pressure"],
    ["--timeout=3", "uring-fixed/thp/split-child-pageout", "uring-fixed/base/numa-hint"],
]
# Moments that chance may miss are waited for: what there must be, and what makes it.
AIMED = {
    "with swap on": ["--repeat=3", "vmsplice/base/pageout", "odirect-block/thp/pageout"],
    "with a setting": ["--repeat=3", "vmsplice/mthp-*/none"],
    "with FUSE": ["--repeat=3", "odirect-read/thp/fork-*"],
}
PR_SET_CHILD_SUBREAPER = 36

NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


# --- one run -----------------------------------------------------------------


def kill_group(group):
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass


def kill_parent(thpin):
    os.kill(thpin.pid, signal.SIGKILL)
    return True


def kill_worker(thpin):
    """True if there was one to be killed, in this or in the next case"""
    pid = worker.wait_for(thpin.pid, 0.2)
    return bool(pid) and worker.send(thpin.pid, pid, signal.SIGKILL)


def kill_groups(thpin):
    """All but the guardian, which is out of reach of any group"""
    pid = worker.find(thpin.pid)
    kill_group(thpin.pid)
    if pid:
        kill_group(pid)
    return True


def start(selection, user=()):
    with open(os.path.join(TMPDIR, "out"), "wb") as out:
        return subprocess.Popen(
            [*user, THPIN, "repro", "--json", *selection],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


TIMES = {}


def seconds_of(selection, user):
    """The time of a run that nobody kills; measured once"""
    key = (tuple(selection), str(user))
    if key not in TIMES:
        began = time.monotonic()
        thpin = start(selection, user)
        try:
            status = thpin.wait(60)
        except subprocess.TimeoutExpired:
            thpin.kill()
            status = "nothing within 60 s"
        TIMES[key] = time.monotonic() - began
        if status not in (0, 1):
            print(f"Bail out! not killed, thpin repro {selection} exits with {status}")
            sys.exit(1)
    return TIMES[key]


def reap():
    """Orphans that have ended; only thpin itself is waited for elsewhere"""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def check_report():
    """After the end of one worker: an error of that case, and all others ran."""
    try:
        result = json.loads(read(os.path.join(TMPDIR, "out")))
    except ValueError as error:
        return [f"JSON: {error}"], []
    errors = [cell for cell in result["cases"] if cell["verdict"] == "error"]
    faults = [
        f"{cell['case']}: error: {cell['reason']}"
        for cell in errors
        if "killed by signal 9" not in (cell["reason"] or "")
    ]
    if len(errors) > 1:
        faults.append(f"{len(errors)} errors of one worker killed")
    if any(cell["verdict"] is None for cell in result["cases"]):
        faults.append("not all cases were run")
    for cell in result["cases"]:
        if cell["unexpected"]:
            faults.append(f"{cell['case']}: {cell['verdict']}, unexpected")
    return faults, errors


class Batch:
    """Runs that are killed in the same way"""

    turn = 0  # kills of all batches

    def __init__(self, name, kill, before, selections, user=()):
        self.name = name
        self.kill = kill
        self.selections = selections
        self.user = user
        self.before = before
        self.faults = []
        self.recovery = []  # seconds until nothing was left
        self.counts = dict.fromkeys(
            ("runs", "kills", "with a worker", "with swap on", "with a setting")
            + ("with FUSE", "errors"), 0
        )

    def met(self, thpin):
        """What there is at this moment"""
        found = {
            "with a worker": worker.find(thpin.pid),
            "with swap on": swaps() - self.before["swap"],
            "with a setting": some_settings() - self.before["setting"],
        }
        if FUSECTL:
            found["with FUSE"] = set(os.listdir(FUSECTL)) - self.before["FUSE connection"]
        return {what for what, things in found.items() if things}

    def fault(self, run, lines):
        self.faults += [f"run {run}: {line}" for line in lines]

    def settle(self, run):
        """Wait until nothing is left: nothing that was there all the time."""
        began = time.monotonic()
        left = None
        while True:
            reap()
            now = difference(self.before, resources(FUSECTL))
            left = now if left is None else left & now
            took = time.monotonic() - began
            if not left:
                self.recovery.append(took)
                return
            if took > LEFT_AFTER:
                self.fault(run, sorted(left))
                if any(line.startswith("pinned page") for line in left):
                    self.faults += ["by: " + line for line in who_pins()]
                # What is left must be said once, not with all runs to come.
                self.before = resources(FUSECTL)
                return
            time.sleep(0.005)

    def one(self, run, selection, delay, limit, until=None):
        """A kill after @delay seconds, and when there is @until"""
        thpin = start(selection, self.user)
        time.sleep(delay)
        self.counts["runs"] += 1
        met = self.met(thpin)
        while until and until not in met and worker.alive(thpin.pid):
            met = self.met(thpin)
        if worker.alive(thpin.pid):
            for what in met:
                self.counts[what] += 1
            self.counts["kills"] += self.kill(thpin)
        goes_on = self.kill is kill_worker
        try:
            status = thpin.wait(limit if goes_on else LEFT_AFTER)
        except subprocess.TimeoutExpired:
            self.fault(run, [f"thpin {' '.join(selection)} does not end"])
            thpin.kill()
            status = thpin.wait()
        if goes_on:
            faults, errors = check_report()
            self.counts["errors"] += bool(errors)
            # A loss says more than an error does; 125 is a control's.
            if status not in ((1, 125, 128) if errors else (0, 1)):
                cases = [cell["case"] for cell in errors]
                faults.append(f"exit status {status} with errors of {cases}")
            self.fault(run, faults)
        self.settle(run)

    def run(self, runs, moments):
        """Moments spread evenly over the run time, each at random in its part"""
        times = [seconds_of(selection, self.user) for selection in self.selections]
        parts = list(range(runs))
        moments.shuffle(parts)
        for run, part in enumerate(parts):
            # Batches go on where the last one was: few kills still meet every selection.
            which = Batch.turn % len(times)
            Batch.turn += 1
            delay = times[which] * (part + moments.random()) / runs
            self.one(run, self.selections[which], delay, 10 + 5 * times[which])

    def aim(self, whats):
        for run, what in enumerate(whats):
            self.one(run, AIMED[what], 0, LEFT_AFTER, what)


# --- the points --------------------------------------------------------------

points = []


def point(name, faults):
    points.append(not faults)
    print(f"{'not ' if faults else ''}ok {len(points)} - {name}", flush=True)
    for fault in faults[:40]:
        print(f"# {fault}", flush=True)


def can_set():
    """Whether the sizes of THPs can be switched on here"""
    return any(os.access(path, os.W_OK) for path in glob.glob(SETTINGS[1]))


def check_batch(batch, settings_before):
    point(f"{batch.name}: nothing is left", batch.faults)
    point(f"{batch.name}: no setting has changed", sorted(settings() ^ settings_before))
    said = ", ".join(f"{count} {what}" for what, count in batch.counts.items())
    slowest = max(batch.recovery, default=0)
    mean = sum(batch.recovery) / max(len(batch.recovery), 1)
    print(f"# {said}; clean after {1000 * mean:.0f} ms, at most {1000 * slowest:.0f} ms")


def aimed(batches):
    """Those that end with the process that knows what there is; as root, who can make it"""
    return [batch for batch in batches if batch.kill is not kill_worker and not batch.user]


def check_cover(batches, sights):
    """Kills that meet nothing prove nothing."""
    counts = {}
    for batch in batches:
        for what, count in batch.counts.items():
            counts[what] = counts.get(what, 0) + count
    few = RUNS // 20
    wanted = {"kills": RUNS // 2, "with a worker": RUNS // 4, "errors": few}
    wanted.update({sight: len(aimed(batches)) for sight in sights})
    faults = [f"only {counts[w]} {w}" for w, least in wanted.items() if counts[w] < least]
    point("the kills met workers, swap and FUSE mounts", faults)


def main():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    print(f"# THPIN_KILL_SEED={SEED} repeats these moments")
    moments = random.Random(SEED)
    before, settings_before = resources(FUSECTL), settings()
    # thpin makes swap of its own on a loop device.
    can_swap = "--own-mounts" in sys.argv and os.access("/dev/loop-control", os.W_OK)
    selections = SELECTIONS + (SWAP_SELECTIONS if can_swap else [])
    if can_set():
        selections = selections + SETTING_SELECTIONS
    sights = ["with swap on"] if can_swap else []
    if can_set():
        sights.append("with a setting")
    if FUSECTL and os.path.exists("/dev/fuse"):
        sights.append("with FUSE")
    batches = [
        Batch("thpin killed", kill_parent, before, selections),
        Batch("worker killed", kill_worker, before, selections),
        Batch("thpin and its worker killed", kill_groups, before, selections),
    ]
    if "--nobody" in sys.argv:
        batches.append(
            Batch("thpin of nobody killed", kill_parent, before, SELECTIONS, NOBODY)
        )
    for number, batch in enumerate(batches):
        batch.run(RUNS // len(batches) + (number < RUNS % len(batches)), moments)
        if batch in aimed(batches):
            batch.aim(sights)
        check_batch(batch, settings_before)
        for later in batches:
            later.before = batch.before
    check_cover(batches, sights)
    print(f"1..{len(points)}")
    sys.exit(0 if all(points) else 1)


FUSECTL = mount_fusectl(os.path.join(TMPDIR, "fusectl")) if "--own-mounts" in sys.argv else None
main()
