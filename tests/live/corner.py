# SPDX-License-Identifier: GPL-2.0-or-later
"""
corner.py HOW: a process where what holds its memory is easily mistaken.  Prints
"PID START" of what is to be looked at, maybe several, and waits for the end of stdin.
"""

import os
import socket
import sys
import threading

from calls import (DONTFORK, DONTNEED, FIXED, PAGE, SHARED, THP, advise, area, end_with_parent,
                   failed, fill, huge, libc, mmap, register, uring, vmsplice)

KEEP = []  # descriptors and sockets


def hold(*ranges):
    """In a pipe"""
    ends = os.pipe()
    KEEP.append(ends)
    vmsplice(ends[1], *ranges)


def hold_unnamed(start, pages):
    """In a message that nobody receives: no list of anybody's has it"""
    ends, ours_and_other = os.pipe(), socket.socketpair()
    KEEP.append(ours_and_other)
    vmsplice(ends[1], (start, pages * PAGE))
    if libc.splice(ends[0], None, ours_and_other[0].fileno(), None, pages * PAGE, 0) \
            != pages * PAGE:
        failed("splice")


def shared_file(address=None, pages=4):
    fd = os.memfd_create("corner")
    KEEP.append(fd)
    os.truncate(fd, pages * PAGE)
    return mmap(address, pages * PAGE, flags=SHARED | (FIXED if address else 0), fd=fd)


def hold_registered(start, pages=4):
    """In an io_uring"""
    ring = uring()
    KEEP.append(ring)
    register(ring, (start, pages * PAGE))


def registered_file():
    start = shared_file()
    fill(start, 4 * PAGE)
    hold_registered(start)
    return start


def fork(what):
    """A child that does it, and then waits; its PID"""
    done = os.pipe()
    pid = os.fork()
    if not pid:
        end_with_parent()
        what()
        os.write(done[1], b"x")
        sys.stdin.read()
        os._exit(0)
    os.close(done[1])
    if os.read(done[0], 1) != b"x":
        sys.exit("the child failed")
    return pid


def beside():
    """A page in a pipe, and next to it pages that nobody has"""
    start = area(13)
    hold((start, PAGE))
    hold_unnamed(start + PAGE, 12)
    return start


def thp_hole():
    """Pages of a THP, whose first is in no VMA any more"""
    start = huge()
    hold_unnamed(start + 100 * PAGE, 8)
    libc.munmap(start, PAGE)
    return start


def two_vmas():
    start = area(12)
    hold_unnamed(start, 12)
    advise(start + 4 * PAGE, 8 * PAGE, DONTFORK)
    return start


def other_file():
    """What is registered is of a file, and another is mapped in its place, unread"""
    start = registered_file()
    shared_file(start)
    return start


def ring_page():
    """A page in a pipe, and behind it one of the kernel, mapped elsewhere"""
    ring = uring()
    KEEP.append(ring)
    of_kernel, start = mmap(None, PAGE, flags=SHARED, fd=ring), area(2)
    fill(start + PAGE, PAGE, 2)
    hold((start, PAGE), (of_kernel, PAGE))
    return start


def shared_discarded():
    """Only its page tables have lost it"""
    start = registered_file()
    advise(start, 4 * PAGE, DONTNEED)
    return start


def thp_and_child(what):
    start = huge()
    hold((start + 8 * PAGE, 4 * PAGE))
    KEEP.append(fork(lambda: what(start)))
    return start + 8 * PAGE


def kept():
    """A THP that a pipe keeps, mapped in part, and one behind it that is whole"""
    start = huge(2)
    hold((start + 7 * PAGE, PAGE))
    hold_registered(start + THP)
    libc.munmap(start, PAGE)
    return start + 7 * PAGE


def child_registers():
    """With a ring that its parent made; memory that the parent never had"""
    ring, said = uring(), os.pipe()
    KEEP.append(ring)

    def register_own():
        start = area(4)
        register(ring, (start, 4 * PAGE))
        os.write(said[1], f"{start}".encode())

    child = fork(register_own)
    start = int(os.read(said[0], 64))
    print(child, hex(start))
    return start


def leaderless():
    """Its first thread ends, another goes on."""
    print(os.getpid(), 0, flush=True)
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
    libc.pthread_exit(None)


CASES = {
    "beside": beside,
    "thp-hole": thp_hole,
    "two-vmas": two_vmas,
    "other-file": other_file,
    "ring-page": ring_page,
    "shared-discarded": shared_discarded,
    "shared-but-first": lambda: thp_and_child(lambda start: libc.munmap(start, PAGE)),
    "first-shared": lambda: thp_and_child(lambda start: libc.munmap(start + PAGE, THP - PAGE)),
    "kept": kept,
    "child-registers": child_registers,
    "leaderless": leaderless,
}

end_with_parent()
address = CASES[sys.argv[1]]()
print(os.getpid(), hex(address), flush=True)
sys.stdin.read()
