# SPDX-License-Identifier: GPL-2.0-or-later
"""
moved.py HOW: a process with pages in a pipe, by vmsplice(), that are moved or shared
afterwards, or whose pipe another process is given, and it alone ("passed").  Prints "PID ADDRESS PAGES" of what is to be looked at, and waits for the end
of stdin.
"""

import ctypes
import os
import socket
import sys

PAGES = 16
PAGE = os.sysconf("SC_PAGE_SIZE")
MREMAP_MAYMOVE_FIXED = 3

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = libc.mremap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.mremap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_int,
                        ctypes.c_void_p]
libc.vmsplice.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_uint]
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def area(pages):
    return libc.mmap(None, pages * PAGE, 3, 0x22, -1, 0)  # private, anonymous


def write(start, value):
    for page in range(PAGES):
        ctypes.memset(start + page * PAGE, value, 8)


def move(start, pages):
    """To a place of its own, next to no other memory"""
    target = area(pages + 2) + PAGE
    if libc.mremap(start, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE_FIXED, target) != target:
        sys.exit("mremap")
    return target


def say(pid, start, pages=PAGES):
    print(pid, hex(start), pages, flush=True)
    sys.stdin.read()


def pass_on(keeper, ends):
    """By a message (SCM_RIGHTS), and without them here any more"""
    socket.send_fds(keeper, [b"x"], ends)
    for end in ends:
        os.close(end)
    keeper.recv(1)


how = sys.argv[1]
if how == "passed":  # before there is any memory to share
    keeper, other = socket.socketpair()
    if not os.fork():
        libc.prctl(1, 9, 0, 0, 0)
        keeper.close()
        kept = socket.recv_fds(other, 1, 2)
        other.send(b"x")
        sys.stdin.read()
        os._exit(0)
    other.close()
start = area(PAGES)
libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(PAGES * PAGE), 15)  # MADV_NOHUGEPAGE
write(start, 1)
ends = os.pipe()
if libc.vmsplice(ends[1], ctypes.byref(Vector(start, PAGES * PAGE)), 1, 0) != PAGES * PAGE:
    sys.exit("vmsplice")
if how == "mremap":
    say(os.getpid(), move(start, PAGES))
elif how == "mremap-half":
    say(os.getpid(), move(start + PAGES // 2 * PAGE, PAGES // 2), PAGES // 2)
elif how == "passed":
    pass_on(keeper, ends)
    say(os.getpid(), start)
else:
    ready = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if not child:
        libc.prctl(1, 0 if how == "orphan" else 9, 0, 0, 0)  # PR_SET_PDEATHSIG
        if how == "child-writes":
            write(start, 2)
        os.write(ready[1], b"x")
        if how == "orphan":
            while os.getppid() == parent:
                pass
            say(os.getpid(), start)
        sys.stdin.read()
        os._exit(0)
    os.read(ready[0], 1)
    if how == "orphan":
        os._exit(0)
    if how == "parent-writes":
        write(start, 3)
    say(parent if how == "parent-writes" else child, start)
