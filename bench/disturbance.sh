#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a busy process notices of being looked at: faults, and how long its stores,
# system calls and mappings take (bench/victim.c), left alone, while thpin inspect
# looks again and again, and while page-types does (PAGE_TYPES=FILE).  The process has
# the first CPU, who looks the last.  tests/live/undisturbed.sh tests what has to hold;
# no figure here is right or wrong.

set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")/.." && pwd) || exit 1
export THPIN=${THPIN:-$here/thpin} PAGE_TYPES=${PAGE_TYPES-} MILLISECONDS=${MILLISECONDS:-3000}
if ! [ -x "$THPIN" ]; then
	echo "bench/disturbance.sh: $THPIN is not there: run make first" >&2
	exit 1
fi
make -s -C "$here" bench/victim || exit 1
export VICTIM=$here/bench/victim
exec python3 -B - <<'END'
import os
import subprocess
import threading

CPUS = sorted(os.sched_getaffinity(0))
MIB = 1024
COLUMNS = ("p50", "p99", "p99.9", "max")


class Looks:
    """A command again and again, on the last CPU"""

    def __init__(self, command):
        self.command, self.count, self.stop = command, 0, False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while self.command and not self.stop:
            subprocess.run(["taskset", "-c", str(CPUS[-1]), *self.command], check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop = True
        self.thread.join()


def frames(pid):
    """Page frames of its largest mapping"""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as text:
        ranges = [[int(x, 16) for x in line.split()[0].split("-")] for line in text]
    start, end = max(ranges, key=lambda span: (span[1] - span[0]) * (span[1] < 1 << 47))
    with open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        pagemap.seek(start // 4096 * 8)
        return [pagemap.read(8 * 4096) for _ in range((end - start) // 4096 // 4096)]


def period(victim, name, command):
    before = frames(victim.pid)
    with Looks(command) as looks:
        victim.stdin.write(os.environ["MILLISECONDS"] + "\n")
        victim.stdin.flush()
        figures = [int(word) for word in victim.stdout.readline().split()]
    moved = sum(one[i:i + 8] != other[i:i + 8] for one, other in zip(before, frames(victim.pid))
                if one != other for i in range(0, len(one), 8))
    print(f"  {name:<16} {looks.count:5}" + "".join(f"{x / 1000:9.1f}" for x in figures[:8]) +
          f"{figures[8]:8}{figures[9]:6}{figures[10]:8}{moved:7}")


def disturb(kind):
    with subprocess.Popen(["taskset", "-c", str(CPUS[0]), os.environ["VICTIM"], str(MIB), kind],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as victim:
        victim.stdout.readline()
        print(f"{MIB} MiB of {'THPs' if kind == 'thp' else 'base pages'}: us of a store and system "
              "call, us of mmap() and munmap()")
        print(f"  {'':<16} looks" + "".join(f"{x:>9}" for x in 2 * COLUMNS) +
              "  minflt  majf  waited  moved")
        period(victim, "left alone", None)
        period(victim, "thpin inspect", [os.environ["THPIN"], "inspect", str(victim.pid)])
        if os.environ["PAGE_TYPES"]:
            period(victim, "page-types -p", [os.environ["PAGE_TYPES"], "-p", str(victim.pid)])
        else:
            print("  page-types -p    skipped: not given as PAGE_TYPES=FILE")
        period(victim, "left alone", None)
        victim.stdin.close()


disturb("thp")
disturb("base")
END
