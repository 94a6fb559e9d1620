# SPDX-License-Identifier: GPL-2.0-or-later
"""
odd.py [vmas | mapped | registered | inherited]: a process whose registered buffers are
each at risk in another way; with "vmas", one that has come near vm.max_map_count by MADV_DONTFORK; with
the others, one whose ring has no descriptor, and is mapped, or registered with itself,
or has one in another program only.
Prints its PID and, for each buffer, "INDEX HAZARD,..." with "-" for none, and waits for
the end of stdin.
"""

import ctypes
import os
import subprocess
import sys

from calls import (DONTFORK, DONTNEED, MERGEABLE, PAGE, REGISTER, RING_FDS, SHARED, POPULATE,
                   THP, WIPEONFORK, advise, area, end_with_parent, failed, huge, libc, mmap,
                   register, uring)

PAGES = 16

end_with_parent()


def many_vmas():
    """Every other page of an area is not for children; none of them is ever written"""
    with open("/proc/sys/vm/max_map_count", encoding="ascii") as file:
        wanted = int(file.read()) * 85 // 100
    start = mmap(None, wanted * PAGE)
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
        mmap(None, PAGE, flags=SHARED | POPULATE, fd=ring)
    elif how == "inherited":  # rings are not sent in messages since 6.7 (705318a99a13)
        subprocess.Popen(["cat"], stdout=subprocess.DEVNULL, pass_fds=[ring])
    else:
        update = (ctypes.c_uint32 * 4)(0xffffffff, 0, ring, 0)
        if libc.syscall(REGISTER, ring, RING_FDS, ctypes.addressof(update), 1) != 1:
            failed("IORING_REGISTER_RING_FDS")
    os.close(ring)


plain, dontfork, wipe, merge, edge, hole, part = (
    area(PAGES), area(PAGES, DONTFORK), area(PAGES, WIPEONFORK), area(PAGES, MERGEABLE),
    area(PAGES), area(PAGES), huge())
whole = PAGES * PAGE
wanted = [(plain, whole, "-"), (dontfork, whole, "-"), (wipe, whole, "wipe-on-fork"),
          (merge, whole, "mergeable"), (edge + 100, whole - 100, "shared-edge"),
          (hole, whole, "pinned-diverged,holes"), (part, whole, "thp-kept-whole")]
ring = uring()
register(ring, *[(start, size) for start, size, hazards in wanted])
if sys.argv[1:]:
    hide(ring, sys.argv[1])
advise(hole + PAGE, PAGE, DONTNEED)
libc.munmap(part + THP // 2, THP // 2)
print(os.getpid())
for index, (start, size, hazards) in enumerate(wanted):
    print(index, hazards)
print(flush=True)
sys.stdin.read()
