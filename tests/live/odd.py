# SPDX-License-Identifier: GPL-2.0-or-later
"""
odd.py [vmas | mapped | registered | inherited]: a process whose registered buffers are each at risk in
another way; with "vmas", one that has come near vm.max_map_count by MADV_DONTFORK; with
the others, one whose ring has no descriptor, and is mapped, or registered with itself,
or has one in another program only.
Prints its PID and, for each buffer, "INDEX HAZARD,..." with "-" for none, and waits for
the end of stdin.
"""

import ctypes
import os
import subprocess
import sys

PAGES = 16
PAGE = os.sysconf("SC_PAGE_SIZE")
THP = 2 << 20
SETUP, REGISTER, BUFFERS, RING_FDS = 425, 427, 0, 20
DONTNEED, DONTFORK, MERGEABLE, HUGEPAGE, NOHUGEPAGE, WIPEONFORK = 4, 10, 12, 14, 15, 18

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.syscall.argtypes = [ctypes.c_long] + [ctypes.c_void_p] * 4
libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def advise(start, size, advice):
    if libc.madvise(start, size, advice):
        sys.exit(f"madvise {advice}: {os.strerror(ctypes.get_errno())}")


def area(*advice):
    """Private anonymous memory, next to none that it could be one VMA with"""
    start = libc.mmap(None, (PAGES + 2) * PAGE, 0, 0x22, -1, 0) + PAGE
    libc.mmap(start, PAGES * PAGE, 3, 0x32, -1, 0)
    for one in (NOHUGEPAGE, *advice):
        advise(start, PAGES * PAGE, one)
    ctypes.memset(start, 1, PAGES * PAGE)
    return start


def huge():
    start = libc.mmap(None, 2 * THP, 3, 0x22, -1, 0)
    start = (start + THP - 1) // THP * THP
    advise(start, THP, HUGEPAGE)
    ctypes.memset(start, 1, THP)
    return start


def many_vmas():
    """Every other page of an area is not for children; none of them is ever written"""
    with open("/proc/sys/vm/max_map_count", encoding="ascii") as file:
        wanted = int(file.read()) * 85 // 100
    start = libc.mmap(None, wanted * PAGE, 3, 0x22, -1, 0)
    for page in range(0, wanted, 2):
        advise(start + page * PAGE, PAGE, DONTFORK)


if sys.argv[1:] == ["vmas"]:
    many_vmas()
    print(os.getpid(), flush=True)
    sys.stdin.read()
    sys.exit()

def hide(ring, how):
    """What the ring has pinned stays without its descriptor."""
    if how == "mapped":
        if libc.mmap(None, PAGE, 3, 0x8001, ring, 0) == ctypes.c_void_p(-1).value:
            sys.exit("mmap of the ring")
    elif how == "inherited":  # rings are not sent in messages since 6.7 (705318a99a13)
        subprocess.Popen(["cat"], stdout=subprocess.DEVNULL, pass_fds=[ring])
    else:
        update = (ctypes.c_uint32 * 4)(0xffffffff, 0, ring, 0)
        if libc.syscall(REGISTER, ring, RING_FDS, ctypes.addressof(update), 1) != 1:
            sys.exit(f"IORING_REGISTER_RING_FDS: {os.strerror(ctypes.get_errno())}")
    os.close(ring)


plain, dontfork, wipe, merge, edge, hole, part = (
    area(), area(DONTFORK), area(WIPEONFORK), area(MERGEABLE), area(), area(), huge())
whole = PAGES * PAGE
wanted = [(plain, whole, "-"), (dontfork, whole, "-"), (wipe, whole, "wipe-on-fork"),
          (merge, whole, "mergeable"), (edge + 100, whole - 100, "shared-edge"),
          (hole, whole, "pinned-diverged,holes"), (part, whole, "thp-kept-whole")]
vectors = (Vector * len(wanted))(*[Vector(start, size) for start, size, hazards in wanted])
ring = libc.syscall(SETUP, 1, ctypes.create_string_buffer(120), None, None)
if libc.syscall(REGISTER, ring, BUFFERS, ctypes.addressof(vectors), len(wanted)):
    sys.exit(f"io_uring_register: {os.strerror(ctypes.get_errno())}")
if sys.argv[1:]:
    hide(ring, sys.argv[1])
advise(hole + PAGE, PAGE, DONTNEED)
libc.munmap(part + THP // 2, THP // 2)
print(os.getpid())
for index, (start, size, hazards) in enumerate(wanted):
    print(index, hazards)
print(flush=True)
sys.stdin.read()
