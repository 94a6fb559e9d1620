# SPDX-License-Identifier: GPL-2.0-or-later
"""
calls.py: system calls on memory that Python has not, for the processes that thpin
inspect is shown. Such a process ends with the one that started it.
"""

import ctypes
import os
import sys

PAGE = os.sysconf("SC_PAGE_SIZE")
THP = 2 << 20
DONTNEED, DONTFORK, MERGEABLE, HUGEPAGE, NOHUGEPAGE, WIPEONFORK = 4, 10, 12, 14, 15, 18
PRIVATE, SHARED, FIXED, POPULATE = 0x22, 0x01, 0x10, 0x8000  # the first is anonymous
SETUP, REGISTER = 425, 427
BUFFERS, FILES, RING_FDS = 0, 2, 20

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int,
                        ctypes.c_void_p]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.vmsplice.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_uint]
libc.splice.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p,
                        ctypes.c_size_t, ctypes.c_uint]
libc.syscall.argtypes = [ctypes.c_long] + [ctypes.c_void_p] * 4
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def failed(what):
    sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")


def end_with_parent(wanted=True):
    libc.prctl(1, 9 if wanted else 0, 0, 0, 0)  # PR_SET_PDEATHSIG


def mmap(address, size, protection=3, flags=PRIVATE, fd=-1, offset=0):
    start = libc.mmap(address, size, protection, flags, fd, offset)
    if start == ctypes.c_void_p(-1).value:
        failed("mmap")
    return start


def advise(start, size, advice):
    if libc.madvise(start, size, advice):
        failed(f"madvise {advice}")


def fill(start, size, value=1):
    ctypes.memset(start, value, size)


def area(pages, *advice):
    """Private anonymous memory, next to none that it could be one VMA with"""
    start = mmap(None, (pages + 2) * PAGE, 0) + PAGE
    mmap(start, pages * PAGE, flags=PRIVATE | FIXED)
    for one in (NOHUGEPAGE, *advice):
        advise(start, pages * PAGE, one)
    fill(start, pages * PAGE)
    return start


def huge(count=1):
    """THPs, if there are any to be had"""
    start = mmap(None, (count + 1) * THP)
    start = (start + THP - 1) // THP * THP
    advise(start, count * THP, HUGEPAGE)
    fill(start, count * THP)
    return start


def vmsplice(end, *ranges):
    vectors = (Vector * len(ranges))(*[Vector(start, size) for start, size in ranges])
    if libc.vmsplice(end, vectors, len(ranges), 0) != sum(size for start, size in ranges):
        failed("vmsplice")


def uring():
    ring = libc.syscall(SETUP, 1, ctypes.create_string_buffer(120), None, None)
    if ring < 0:
        failed("io_uring_setup")
    return ring


def register_files(ring, *files):
    array = (ctypes.c_int * len(files))(*files)
    if libc.syscall(REGISTER, ring, FILES, ctypes.addressof(array), len(files)):
        failed("io_uring_register")


def register(ring, *ranges):
    vectors = (Vector * len(ranges))(*[Vector(start, size) for start, size in ranges])
    if libc.syscall(REGISTER, ring, BUFFERS, ctypes.addressof(vectors), len(ranges)):
        failed("io_uring_register")
