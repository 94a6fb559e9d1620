# SPDX-License-Identifier: GPL-2.0-or-later
"""
growing.py: a process with many heaps that grow and shrink without end, as those of a C
library do: inside of memory that is reserved, by mprotect().
"""

import ctypes

HEAPS = 400
ROOM = 256 << 10
PAGE = 4096
NONE, READ_WRITE = 0, 3
PRIVATE_ANONYMOUS_NORESERVE = 0x4022

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + [ctypes.c_int] * 3 + [ctypes.c_long]
libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

libc.prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG
base = libc.mmap(None, HEAPS * ROOM, NONE, PRIVATE_ANONYMOUS_NORESERVE, -1, 0)
for pages in list(range(1, 60)) * 1000000:
    for heap in range(base, base + HEAPS * ROOM, ROOM):
        if pages == 1:
            libc.mprotect(heap + PAGE, ROOM - PAGE, NONE)
        libc.mprotect(heap, pages * PAGE, READ_WRITE)
    if pages == 1:
        print("grown", flush=True)
