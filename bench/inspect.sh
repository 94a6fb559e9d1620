#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long thpin inspect takes on big processes, beside the tools that show the
# pages of a process without knowing pins: page-types (tools/mm of a kernel tree;
# PAGE_TYPES=FILE) and thpmaps (likewise; THPMAPS=FILE, needs numpy).  The wall
# time is the best of ROUNDS, as whatever else runs only adds; CPU time is of that
# run.  No figure here is right or wrong, and none is tested.

set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")/.." && pwd) || exit 1
export THPIN=${THPIN:-$here/thpin}
if ! [ -x "$THPIN" ]; then
	echo "bench/inspect.sh: $THPIN is not there: run make first" >&2
	exit 1
fi
export PAGE_TYPES=${PAGE_TYPES-} THPMAPS=${THPMAPS-} ROUNDS=${ROUNDS:-5}
exec python3 -B - <<'END'
import ctypes
import mmap
import os
import signal
import subprocess
import sys
import time

THPIN = os.environ["THPIN"]
ROUNDS = int(os.environ["ROUNDS"])
LIBC = ctypes.CDLL(None, use_errno=True)
GIB = 1 << 30


def target(size, advice):
    """A process with that much memory, all of it touched"""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        os.read(reader, 1)
        os.close(reader)
        return pid
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    at = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    LIBC.madvise(ctypes.c_void_p(at), ctypes.c_size_t(size), advice)
    LIBC.memset(ctypes.c_void_p(at), 1, ctypes.c_size_t(size))
    os.write(writer, b"x")
    while True:
        signal.pause()


def measure(command):
    """Wall and CPU milliseconds and KiB of the best round, or None"""
    best = None
    for _ in range(ROUNDS):
        began = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = status
        wall = (time.monotonic() - began) * 1000
        cpu = (usage.ru_utime + usage.ru_stime) * 1000
        if os.WEXITSTATUS(status) not in (0, 1):
            return None
        if not best or wall < best[0]:
            best = wall, cpu, usage.ru_maxrss
    return best


def show(name, figures, base):
    if not figures:
        print(f"  {name:<28} failed, or not given")
        return
    ratio = f"{figures[0] / base[0]:8.1f} {figures[1] / base[1]:8.1f}" if base else ""
    print(f"  {name:<28} {figures[0]:9.1f} {figures[1]:9.1f} {figures[2] / 1024:8.1f} {ratio}")


def compare(title, size, advice):
    pid = target(size, advice)
    print(f"{title}\n  {'':<28} {'wall ms':>9} {'CPU ms':>9} {'MiB':>8} {'wall':>8} {'CPU':>8}  times thpin")
    base = measure([THPIN, "inspect", str(pid)])
    show("thpin inspect", base, None)
    peers = {"page-types -p": [os.environ["PAGE_TYPES"], "-p", str(pid)],
             "thpmaps --pid": [sys.executable, os.environ["THPMAPS"], "--pid", str(pid)]}
    for name, command in peers.items():
        given = command[0] and command[1]
        show(name, measure(command) if given else None, base)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


compare("8 GiB of THPs", 8 * GIB, 14)
compare("4 GiB of base pages", 4 * GIB, 15)
END
