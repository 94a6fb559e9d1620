# SPDX-License-Identifier: GPL-2.0-or-later
"""
busy.py: a process that registers, unregisters, vmsplices, maps, unmaps and forks without
end, and never writes to what is pinned otherwise than FOLL_PIN allows, nor discards it:
nothing of it is ever out of sync.
"""

import ctypes
import os

PAGES = 16
PAGE = os.sysconf("SC_PAGE_SIZE")

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
libc.vmsplice.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_uint]
libc.syscall.argtypes = [ctypes.c_long] + [ctypes.c_void_p] * 4
SETUP, REGISTER, BUFFERS, UNREGISTER_BUFFERS = 425, 427, 0, 1


class Vector(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG
ring = libc.syscall(SETUP, 1, ctypes.create_string_buffer(120), None, None)
ends = os.pipe()
count = 0
while True:
    start = libc.mmap(None, PAGES * PAGE, 3, 0x22, -1, 0)
    ctypes.memset(start, count & 255, PAGES * PAGE)
    vector = Vector(start, PAGES * PAGE)
    if libc.syscall(REGISTER, ring, BUFFERS, ctypes.addressof(vector), 1):
        raise SystemExit("io_uring_register")
    libc.vmsplice(ends[1], ctypes.byref(vector), 1, 0)
    if count % 8 == 0:
        child = os.fork()
        if not child:
            os._exit(0)
        os.waitpid(child, 0)
    os.read(ends[0], PAGES * PAGE)
    libc.syscall(REGISTER, ring, UNREGISTER_BUFFERS, None, 0)
    libc.munmap(start, PAGES * PAGE)
    count += 1
