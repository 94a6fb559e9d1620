# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspect_targets.py: "thpin inspect" of processes that are not just any.  Prints TAP.
"""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.environ["TESTDIR"])
from pinned import compare
from truth import Tap

THPIN = os.environ["THPIN"]
HERE = os.path.join(os.environ["TESTDIR"], "live")
WORK = os.environ["TMPDIR"]
HOLD = [THPIN, "hold", "--memory", "base", "--size", "64K", "--diverge", "2"]
tap = Tap()

# A page of its own in a pipe, and then it waits; without a C library, by i386 system calls.
PROGRAM = r"""
static int call(int number, int b, int c, int d, int s)
{
	int result;
	__asm__ volatile("int $0x80" : "=a"(result)
			 : "a"(number), "b"(b), "c"(c), "d"(d), "S"(s) : "memory");
	return result;
}
static char page[4096] __attribute__((aligned(4096)));
void _start(void)
{
	int ends[2];
	struct { void *base; unsigned length; } vector = { page, sizeof(page) };
	page[0] = 1;
	if (call(42, (int)ends, 0, 0, 0) || call(316, ends[1], (int)&vector, 1, 0) != 4096)
		call(1, 1, 0, 0, 0);
	call(4, 1, (int)"ready\n", 6, 0);
	for (;;)
		call(29, 0, 0, 0, 0);
}
"""


def inspect(pid, *options, before=()):
    done = subprocess.run([*before, THPIN, "inspect", str(pid), *options], capture_output=True,
                          text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def looked(pid, *options, before=()):
    """What was found, or the messages"""
    status, out, err = inspect(pid, "--json", "--full", *options, before=before)
    return json.loads(out) if status in (0, 1) else f"exit status {status}: {err}"


def refused(name, pid, words, before=(), options=()):
    """Exit status 125, and a message that has these words"""
    status, out, err = inspect(pid, *options, before=before)
    tap.point(name, [] if status == 125 and words in err and not out else [(status, out, err)])


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[0]


def of_hold(name, said, found):
    """Whether hold's pages are found, and no others."""
    fault = found if isinstance(found, str) else compare(said, "io_uring", found)
    tap.point(name, [fault] if fault else [])


def stopped():
    with subprocess.Popen(HOLD, stdout=subprocess.PIPE, text=True) as process:
        said = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGSTOP)
        while state(process.pid) != "T":
            time.sleep(0.01)
        of_hold("a stopped process: its pages are found", said, looked(process.pid))
        tap.point("... and it is stopped still", [] if state(process.pid) == "T" else [state])
        process.send_signal(signal.SIGCONT)
        process.terminate()


def growing():
    """The kernel tells of memory that was told of already where it grew meanwhile"""
    script = os.path.join(HERE, "growing.py")
    with subprocess.Popen([sys.executable, "-B", script], stdout=subprocess.PIPE,
                          text=True) as process:
        process.stdout.readline()
        faults = [found for probe in ("proc", "auto") for i in range(12)
                  if isinstance(found := looked(process.pid, "--probe", probe), str)]
        process.kill()
    tap.point("a process whose heaps grow: it is looked at", faults[:3])


def elsewhere():
    """Where /proc and PIDs are others; where /tmp is another only"""
    for name, options in (("another PID namespace", "-pf"), ("another mount namespace", "-m")):
        command = ["unshare", options, *(["--mount-proc"] if "p" in options else []), *HOLD]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            line = process.stdout.readline()
            if not line:
                tap.skip(name, "there is none here")
                continue
            said = json.loads(line)
            with open(f"/proc/{process.pid}/task/{process.pid}/children", encoding="ascii") as file:
                # unshare -f waits for the process, which is 1 in there
                pid = int(file.read().split()[0]) if "f" in options else process.pid
            of_hold(f"{name}: its pages are found", said, looked(pid))
            os.kill(pid, signal.SIGTERM)
    done = subprocess.run(["unshare", "-pf", "--mount-proc", *HOLD, "--", "inspect", "{}",
                           "--json", "--full", "--probe", "bpf"], capture_output=True, text=True)
    tap.point("from a PID namespace: refused, with the reason",
              [] if done.returncode == 125 and "PID namespace" in done.stderr else [done])


def thirty_two():
    name = "a process of 32 bits: its page in a pipe is found"
    source, program = os.path.join(WORK, "small.c"), os.path.join(WORK, "small")
    with open(source, "w", encoding="ascii") as file:
        file.write(PROGRAM)
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler or subprocess.run([compiler, "-m32", "-nostdlib", "-static", "-fno-pie",
                                       "-no-pie", "-O1", "-fno-stack-protector", "-o", program,
                                       source], capture_output=True).returncode:
        tap.skip(name, "no compiler for 32 bits")
        return
    try:
        process = subprocess.Popen([program], stdout=subprocess.PIPE, text=True)
    except OSError as error:
        tap.skip(name, f"no programs of 32 bits: {error}")
        return
    with process:
        ready = process.stdout.readline()
        found = looked(process.pid)
        process.kill()
    holders = found if isinstance(found, str) or not ready else found["holders"]
    tap.point(name, [] if len(holders) == 1 and holders[0]["holder"] == "pipe" and
              holders[0]["in-sync"] == 1 and int(holders[0]["start"], 16) < 1 << 32 else [holders])


def gone():
    child = subprocess.Popen(["true"])
    while state(child.pid) != "Z":
        time.sleep(0.01)
    refused("a zombie", child.pid, "zombie")
    child.wait()
    refused("a process that was", child.pid, "no process")
    ready, end = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: (ready.set(), end.wait()))
    thread.start()
    ready.wait()
    refused("a thread", thread.native_id, f"thread of process {os.getpid()}")
    end.set()
    thread.join()


def meanwhile():
    """Some exit before they are looked at, some while, some after."""
    faults, seen = [], set()
    for i in range(12):
        with subprocess.Popen(["sleep", str(i * 0.006)]) as process:
            status, out, err = inspect(process.pid, "--json")
        seen.add(status)
        if status not in (0, 125) or (status == 125 and not err) or "hazard\"" in out:
            faults.append((i, status, out, err))
    tap.point("processes that exit meanwhile", faults)
    tap.point("... some of them did", [] if 125 in seen else [seen])
    # The same process, again and again another program
    faults = []
    programs = executes_again("", 8, faults) or executes_again("sleep 1\n", 20, faults)
    tap.point("a process that executes programs meanwhile: nothing is held", faults)
    tap.point("... and it was looked at", [] if programs else ["never"])


def executes_again(after, looks, faults):
    """How many looks did not meet an exec(), which is the end of a look."""
    script = os.path.join(WORK, "again")
    with open(script, "w", encoding="ascii") as file:
        file.write(f'#!/bin/sh\n{after}exec "$0"\n')
    os.chmod(script, 0o755)
    programs = 0
    with subprocess.Popen([script]) as process:
        for _ in range(looks):
            found = looked(process.pid)
            programs += not isinstance(found, str)
            if isinstance(found, str) and "exit status 125" not in found:
                faults.append(found)
            elif not isinstance(found, str) and (found["holders"] or found["hazards"]):
                faults.append((found["holders"], found["hazards"]))
        process.kill()
    return programs


def at_risk():
    """Each hazard that a process can bring upon itself"""
    command = [sys.executable, "-B", os.path.join(HERE, "odd.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        pid = process.stdout.readline().strip()
        wanted = {}
        for line in iter(process.stdout.readline, "\n"):
            index, hazards = line.split()
            wanted[int(index)] = set(hazards.split(",")) - {"-"}
        found = looked(pid)
        process.stdin.close()
    said = found if isinstance(found, str) else {
        holder["index"]: set(holder["hazards"]) for holder in found["holders"]}
    for index, hazards in wanted.items():
        name = ", ".join(sorted(hazards)) or "no hazard"
        tap.point(f"buffer {index}: {name}",
                  [] if said != found and said.get(index) == hazards else [said])
    with subprocess.Popen([*command, "vmas"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        pid = process.stdout.readline().strip()
        status, out, err = inspect(pid)
        process.stdin.close()
    tap.point("many-vmas", [] if status == 1 and out.count("To do:") == 1 and
              "\nmany-vmas: " in out else [status, out, err])


def hidden():
    """Rings whose descriptor was closed"""
    for how in ("mapped", "registered", "inherited"):
        command = [sys.executable, "-B", os.path.join(HERE, "odd.py"), how]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            pid = process.stdout.readline().strip()
            if not pid:
                tap.skip(f"a ring that is {how} only", process.stderr.read().strip())
                continue
            found = looked(pid)
            status, out, err = inspect(pid, "--probe", "proc")
            process.stdin.close()
        said = found if isinstance(found, str) else [
            (h["holder"], h["fd"] is None, h["comm"] == "cat", h["index"], h["unmapped"])
            for h in found["holders"]]
        of_other = how == "inherited"
        tap.point(f"a ring that is {how} only: its buffers are found",
                  [] if said == [("io_uring", not of_other, of_other, i, int(i == 5))
                                 for i in range(7)] else [said])
        wanted = ["VmPin) than was found"] + ["has no descriptor"] * (how == "mapped")
        text = " ".join(out.split())
        tap.point("... /proc alone says that there is more",
                  [f"no '{words}' in: {out} {err}" for words in wanted if words not in text])


def iommufd():
    """Where there is a /dev/iommu, that its maps are not read; in a /dev of its own"""
    name = "a machine with iommufd: what it maps is not read, and that is said"
    own = ["unshare", "-m", "--propagation", "private", "sh", "-c", '''
        mount -t tmpfs thpin-test "$TMPDIR" && cp -a /dev/null /dev/zero "$TMPDIR" &&
        : >"$TMPDIR/iommu" && mount --bind "$TMPDIR" /dev && exec "$@"''', "sh"]
    if subprocess.run([*own, "true"], capture_output=True).returncode:
        tap.skip(name, "no mount namespaces here")
        return
    with subprocess.Popen([THPIN, "hold", "--pin", "odirect-read"], stdout=subprocess.PIPE,
                          text=True) as process:
        process.stdout.readline()
        status, out, err = inspect(process.pid, before=own)
        without = inspect(process.pid)[1]
        process.terminate()
    words = "Not found here is what is held by iommufd: what /dev/iommu maps is not read"
    tap.point(name, [] if words in " ".join(out.split()) else [(status, out, err)])
    tap.point("... and nothing is where there is none",
              [] if os.path.exists("/dev/iommu") or "iommufd" not in without else [without])


def by_whom():
    """Page frames that read as zero are those of no page."""
    without = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    if subprocess.run([*without, "true"], capture_output=True).returncode:
        tap.skip("without CAP_SYS_ADMIN", "it cannot be dropped")
        return
    with subprocess.Popen(HOLD, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        refused("without CAP_SYS_ADMIN: bpf refuses", process.pid, "CAP_SYS_ADMIN", without,
                ("--probe", "bpf"))
        found = looked(process.pid, before=without)
        process.terminate()
    verdicts = found if isinstance(found, str) else [
        (h["in-sync"], h["out-of-sync"], h["unknown"]) for h in found["holders"]]
    tap.point("... and what is left gives no verdict", [] if verdicts == [(0, 0, 16)] else
              [verdicts])


probe = looked(os.getpid())
if isinstance(probe, str) or probe["probe"] == "proc":
    print("1..0 # SKIP the kernel's memory cannot be read (see: thpin list probes)")
    sys.exit()
ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
for test in (stopped, growing, elsewhere, thirty_two, gone, meanwhile, at_risk, hidden,
             iommufd, by_whom):
    test()
tap.done()
