#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long thpin inspect takes, beside the tools that show the pages of a process
# without knowing pins: page-types (tools/mm or tools/vm of a kernel tree;
# PAGE_TYPES=FILE) and thpmaps (tools/mm; THPMAPS=FILE, needs numpy of PYTHON), and
# beside the bare system calls (bench/floor.c).  The wall time is the best of ROUNDS,
# as whatever else runs only adds; CPU time and memory are of that run.  bench/README
# has figures.  No figure here is right or wrong, and none is tested.

set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")/.." && pwd) || exit 1
export THPIN=${THPIN:-$here/thpin}
if ! [ -x "$THPIN" ]; then
	echo "bench/inspect.sh: $THPIN is not there: run make first" >&2
	exit 1
fi
make -s -C "$here" bench/floor bench/measure || exit 1
export FLOOR=$here/bench/floor MEASURE=$here/bench/measure
export PAGE_TYPES=${PAGE_TYPES-} THPMAPS=${THPMAPS-}
export PYTHON=${PYTHON-} ROUNDS=${ROUNDS:-5}
exec python3 -B - <<'END'
import ctypes
import mmap
import os
import signal
import subprocess
import sys

THPIN = os.environ["THPIN"]
ROUNDS = int(os.environ["ROUNDS"])
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
MIB, GIB, TIB = 1 << 20, 1 << 30, 1 << 40
MADV_HUGEPAGE, MADV_NOHUGEPAGE = 14, 15


def anonymous(size, flags=0):
    """Address of private memory"""
    at = LIBC.mmap(None, ctypes.c_size_t(size), 3, 0x22 | flags, -1, ctypes.c_long(0))
    if at in (None, ctypes.c_void_p(-1).value):
        sys.exit(f"mmap of {size >> 20} MiB: {os.strerror(ctypes.get_errno())}")
    return at


def filled(size, advice):
    at = anonymous(size)
    LIBC.madvise(ctypes.c_void_p(at), ctypes.c_size_t(size), advice)
    LIBC.memset(ctypes.c_void_p(at), 1, ctypes.c_size_t(size))


def sparse():
    """As AddressSanitizer reserves it (MAP_NORESERVE), a page of each 16 GiB touched"""
    at = anonymous(20 * TIB, 0x4000)
    for offset in range(0, 20 * TIB, 16 * GIB):
        ctypes.memset(at + offset, 1, 1)


def many_vmas():
    """As MADV_DONTFORK or mprotect() buffer by buffer make them"""
    at = anonymous(60000 * mmap.PAGESIZE)
    ctypes.memset(at, 1, 60000 * mmap.PAGESIZE)
    for page in range(0, 60000, 2):
        LIBC.mprotect(ctypes.c_void_p(at + page * mmap.PAGESIZE), mmap.PAGESIZE, 1)


class Target:
    """A process with such memory, all of it there"""

    def __init__(self, make, *arguments):
        reader, writer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            make(*arguments)
            os.write(writer, b"x")
            while True:
                signal.pause()
        os.close(writer)
        self.made = os.read(reader, 1)
        os.close(reader)

    def __enter__(self):
        return self.pid if self.made else None

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def measure(command):
    """Wall and CPU milliseconds and KiB of the best round, or None"""
    best = None
    for _ in range(ROUNDS):
        line = subprocess.run([os.environ["MEASURE"], *command], stdout=subprocess.PIPE,
                              text=True, check=True).stdout
        wall, cpu, rss, status = (float(word) for word in line.split())
        if status not in (0, 1):
            return None
        if not best or wall < best[0]:
            best = wall, cpu, rss
    return best


def headline(title, more=""):
    print(f"{title}\n  {'':<28} {'wall ms':>9} {'CPU ms':>9} {'MiB':>8} {more}")


def show(name, figures, base=None):
    if not figures:
        print(f"  {name:<28} failed")
        return
    ratio = f"{figures[0] / base[0]:8.1f} {figures[1] / base[1]:8.1f}" if base else ""
    print(f"  {name:<28} {figures[0]:9.1f} {figures[1]:9.1f} {figures[2] / 1024:8.1f} {ratio}")


def floor(pid, base, start):
    """What of thpin's CPU time the size of the process takes, over the bare system calls"""
    bare = subprocess.run([os.environ["FLOOR"], str(pid), str(ROUNDS)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=False).stdout
    if not bare:
        print(f"  {'bare system calls':<28} need BPF")
        return
    print(f"  {'bare system calls':<28} {'':9} {float(bare):9.1f}          thpin without its start: "
          f"{(base[1] - start[1]) / float(bare):.2f} times as long")


def compare(title, start, size, advice):
    with open("/proc/meminfo", encoding="ascii") as text:
        free = next(int(line.split()[1]) for line in text if line.startswith("MemAvailable"))
    while size > free * 1024 - 4 * GIB and size > 512 * MIB:
        size //= 2
    with Target(filled, size, advice) as pid:
        headline(f"{size / GIB:g} GiB of {title}", f"{'wall':>8} {'CPU':>8}  times thpin")
        base = measure([THPIN, "inspect", str(pid)])
        show("thpin inspect", base)
        peers = {
            "page-types -p": ("PAGE_TYPES", [os.environ["PAGE_TYPES"], "-p", str(pid)]),
            "thpmaps --pid": ("THPMAPS", [os.environ["PYTHON"] or sys.executable,
                                          os.environ["THPMAPS"], "--pid", str(pid)]),
        }
        for name, (variable, command) in peers.items():
            if os.environ[variable]:
                show(name, measure(command), base)
            else:
                print(f"  {name:<28} skipped: not given as {variable}=FILE")
        floor(pid, base, start)


def alone(title, make, *arguments):
    with Target(make, *arguments) as pid:
        headline(title)
        figures = measure([THPIN, "inspect", str(pid)])
        show("thpin inspect", figures)
        return figures


small = alone("a small process", filled, MIB, MADV_NOHUGEPAGE)
compare("THPs", small, 8 * GIB, MADV_HUGEPAGE)
compare("base pages", small, 4 * GIB, MADV_NOHUGEPAGE)
alone("20 TiB reserved, a page of each 16 GiB there", sparse)
alone("60 000 VMAs", many_vmas)
END
