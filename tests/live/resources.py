# SPDX-License-Identifier: GPL-2.0-or-later
"""
What a case may have of this machine, for kill.py: mounts, swap, loop devices, processes,
namespaces, links, sockets, pins, settings and cgroups, and what is left of them.
"""

import glob
import os
import re
import subprocess

THPIN = os.environ["THPIN"]

# Those that cases change
SETTINGS = [
    "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
    "/sys/kernel/mm/transparent_hugepage/hugepages-*/enabled",
    "/sys/kernel/mm/hugepages/*/nr_overcommit_hugepages",
    "/sys/kernel/mm/transparent_hugepage/defrag",
    "/sys/kernel/mm/transparent_hugepage/khugepaged/*_*",
    "/sys/kernel/mm/ksm/run",
    "/sys/kernel/mm/ksm/pages_to_scan",
    "/sys/kernel/mm/ksm/sleep_millisecs",
    "/sys/kernel/mm/ksm/smart_scan",
    "/proc/sys/kernel/numa_balancing*",
]
# All of them
KNOBS = [
    "/sys/kernel/mm/transparent_hugepage/*",
    "/sys/kernel/mm/transparent_hugepage/khugepaged/*",
    "/sys/kernel/mm/transparent_hugepage/hugepages-*/*",
    "/sys/kernel/mm/hugepages/*/nr_*hugepages",
    "/sys/kernel/mm/ksm/[arsu]*",
    "/sys/kernel/mm/ksm/pages_to_scan",
    "/sys/kernel/mm/swap/*",
    "/sys/module/loop/parameters/*",
    "/proc/sys/vm/*",
    "/proc/sys/fs/pipe-*",
    "/proc/sys/kernel/[a-z]*",
]
# Not settings: they change by themselves, or reading does something.
NO_KNOBS = re.compile(
    "/(pages_collapsed|full_scans|stat_refresh|compact_memory|drop_caches|ns_last_pid|"
    "random|pty|cap_last_cap|perf_event_max_sample_rate|hung_task_detect_count|sched_.*|stats)$"
)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def processes():
    """Fields of /proc/PID/stat by PID: name, state, parent, group, session"""
    found = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        text = read(path)
        if text:
            begin, end = text.index("("), text.rindex(")")
            state, *numbers = text[end + 2 :].split()[:4]
            name = text[begin + 1 : end]
            found[int(text[:begin])] = (name, state, *map(int, numbers))
    return found


def descendants():
    """What this process has started and what that did: orphans come to it, too"""
    found, mine = processes(), {os.getpid()}
    for _ in found:
        more = {pid for pid, fields in found.items() if fields[2] in mine} - mine
        if not more:
            break
        mine |= more
    return {pid: found[pid] for pid in mine if pid in found and pid != os.getpid()}


def namespaces(pids):
    """Those of processes, which are the user and mount namespaces of a worker"""
    found = set()
    for kind in ("user", "mnt", "net", "pid", "ipc"):
        for pid in pids:
            try:
                found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
            except OSError:
                pass  # the process is gone
    return found


def pin_counters():
    """Acquired and released, of the whole machine; a write gathers them (vm.stat_refresh)."""
    try:
        with open("/proc/sys/vm/stat_refresh", "w", encoding="ascii") as file:
            file.write("1")
    except OSError:
        return 0, 0
    counts = dict(line.split() for line in read("/proc/vmstat").splitlines())
    return tuple(int(counts.get(f"nr_foll_pin_{what}", 0)) for what in ("acquired", "released"))


def pinned_pages():
    """CPUs are gathered one after another, so that a page pinned on one and released on
    another meanwhile counts as released only: they must say the same twice."""
    last = None
    for _ in range(100):
        now = pin_counters()
        if now == last:
            return now[0] - now[1]
        last = now
    return None


def who_pins():
    """What thpin itself says of all processes"""
    said = subprocess.run(
        [THPIN, "inspect", "--all", "--raw"], capture_output=True, text=True, check=False
    )
    return said.stdout.splitlines()[:20] + said.stderr.splitlines()[:5]


FEWEST_PINS = []  # one number: others may have pinned pages at first


def more_pins():
    now = pinned_pages()
    if now is None:
        return {"some come and go"}
    FEWEST_PINS[:] = [min([now] + FEWEST_PINS)]
    return {f"{now - FEWEST_PINS[0]} more"} if now > FEWEST_PINS[0] else set()


def swaps():
    """Devices; how much of each is used is not ours alone."""
    lines = (read("/proc/swaps") or "").splitlines()[1:]
    return {line.split()[0] for line in lines}


def links():
    """Of the network namespace of this process, and RDMA devices"""
    found = set()
    for folder in ("/sys/class/net", "/sys/class/infiniband"):
        if os.path.isdir(folder):
            found |= {f"{folder}/{name}" for name in os.listdir(folder)}
    return found


def orphaned_sockets():
    """TCP connections on this machine that no process has open, but for TIME_WAIT"""
    lines = (read("/proc/net/tcp") or "").splitlines()[1:]
    fields = [line.split() for line in lines]
    return {f"{f[1]} to {f[2]}" for f in fields if f[9] == "0" and f[3] != "06"}


def some_settings():
    paths = [path for pattern in SETTINGS for path in glob.glob(pattern)]
    return {f"{p}: {(read(p) or '').strip()}" for p in paths if not NO_KNOBS.search(p)}


def resources(fusectl):
    """By kind; @fusectl: where FUSE connections can be seen, or None"""
    others = descendants()
    left = [f"{pid} {' '.join(map(str, f))}" for pid, f in others.items()]
    found = {
        "mount": set((read("/proc/self/mountinfo") or "").splitlines()),
        "swap": swaps(),
        "loop device": {
            f"{path}: {(read(path) or '').strip()}"
            for path in glob.glob("/sys/block/loop*/loop/backing_file")
        },
        "process": set(left),
        "namespace": namespaces([os.getpid(), *others]),
        "network link": links(),
        "socket": orphaned_sockets(),
        "pinned page": more_pins(),
        "setting": some_settings(),
        "cgroup": set(glob.glob("/sys/fs/cgroup/thpin-*") + glob.glob("/sys/fs/cgroup/*/thpin-*")),
    }
    if fusectl:
        found["FUSE connection"] = set(os.listdir(fusectl))
    return found


def settings():
    paths = {path for pattern in KNOBS for path in glob.glob(pattern)}
    # What nobody can write is a count.
    paths = {path for path in paths if os.path.exists(path) and os.stat(path).st_mode & 0o222}
    texts = {path: read(path) for path in paths if not NO_KNOBS.search(path)}
    return {f"{path}: {text.strip()}" for path, text in texts.items() if text}


def difference(before, now):
    """Lines; other FUSE connections and pins than ours come and go meanwhile."""
    lines = set()
    for kind, things in now.items():
        lines |= {f"{kind} is left: {thing}" for thing in things - before[kind]}
        if kind in ("mount", "swap", "loop device", "network link"):
            lines |= {f"{kind} is gone: {thing}" for thing in before[kind] - things}
    return lines


def mount_fusectl(path):
    """@path, where that file system is mounted now, or None"""
    os.mkdir(path)
    said = subprocess.run(
        ["mount", "-t", "fusectl", "fusectl", path],
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode:
        print(f"# FUSE connections go unseen: {said.stderr.strip()}")
        return None
    return path
