# SPDX-License-Identifier: GPL-2.0-or-later
"""
corner.py HOW: a process where what holds its memory is easily mistaken.  Prints
"PID START" of what is to be looked at, maybe several, and waits for the end of stdin.
"""

import ctypes
import os
import socket
import struct
import sys
import threading

from calls import (DONTFORK, DONTNEED, FIXED, HUGEPAGE, PAGE, PRIVATE, SHARED, THP, WIPEONFORK,
                   advise, area, end_with_parent, failed, fill, huge, libc, mmap, register,
                   register_files, uring, vmsplice)

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


def hold_umem(start, pages):
    """In the umem of an AF_XDP socket, which does not know where it was"""
    umem = socket.socket(44, socket.SOCK_RAW)  # AF_XDP
    KEEP.append(umem)
    umem.setsockopt(283, 4, struct.pack("@QQIIII", start, pages * PAGE, 4096, 0, 0, 0))


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


def resident(start):
    """KiB of the VMA that begins there; the zero page is nobody's, and not counted"""
    with open("/proc/self/smaps", encoding="ascii", errors="replace") as smaps:
        for line in smaps:
            if line.startswith(f"{start:x}-"):
                break
        return int(next(line for line in smaps if line.startswith("Rss:")).split()[1])


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


def child_registers(what=lambda start: None, make=lambda: area(4)):
    """With a ring that its parent made; memory that the parent does not have there"""
    ring, said = uring(), os.pipe()
    KEEP.append(ring)

    def register_own():
        start = make()
        register(ring, (start, 4 * PAGE))
        what(start)
        os.write(said[1], f"{start}".encode())

    child = fork(register_own)
    start = int(os.read(said[0], 64))
    print(child, hex(start))
    return start


def move(start):
    there = mmap(None, 4 * PAGE)
    if libc.mremap(start, 4 * PAGE, 4 * PAGE, 3, there) != there:
        failed("mremap")
    return there


def moved():
    """What is registered is elsewhere, as after realloc()"""
    start = area(4)
    hold_registered(start)
    move(start)
    return start


def child_shares():
    """A mapping of its own of what its parent has at another address"""
    fill(shared_file(), 4 * PAGE)
    return child_registers(make=lambda: mmap(None, 4 * PAGE, flags=SHARED, fd=KEEP[0]))


def read_only():
    """In a pipe: a page of the text of a library"""
    with open("/proc/self/maps", encoding="ascii") as maps:
        text = next(line for line in maps if " r-xp " in line and "libc" in line)
    start = int(text.split("-")[0], 16)
    hold((start, PAGE))
    return start


def umem_mirrored():
    """Four times the same four pages, side by side"""
    start = mmap(None, 18 * PAGE, 0) + PAGE
    fd = os.memfd_create("mirrored")
    os.truncate(fd, 4 * PAGE)
    for i in range(4):
        mmap(start + 4 * i * PAGE, 4 * PAGE, flags=SHARED | FIXED, fd=fd)
    fill(start, 4 * PAGE)
    hold_umem(start, 16)
    return start


def umem_inherited():
    """By a child, which never had the memory; its parent has let it go"""
    start = area(4)
    hold_umem(start, 4)
    advise(start, 4 * PAGE, DONTFORK)
    print(fork(lambda: None), hex(start))
    libc.munmap(start, 4 * PAGE)
    return start


def replaced():
    """... and other memory is in its place"""
    start = moved()
    mmap(start, 4 * PAGE, flags=PRIVATE | FIXED)
    fill(start, 4 * PAGE, 2)
    return start


def replaced_and_held():
    """Discarded, and what came in its place is in a message"""
    start = area(4)
    hold_registered(start)
    advise(start, 4 * PAGE, DONTNEED)
    fill(start, 4 * PAGE, 2)
    hold_unnamed(start, 4)
    return start


def ring_has_pipe():
    """No descriptor of the pipe is left, and one page is another then"""
    start, ends, ring = area(4), os.pipe(), uring()
    KEEP.append(ring)
    vmsplice(ends[1], (start, 4 * PAGE))
    register(ring, (start, PAGE))
    register_files(ring, *ends)
    os.close(ends[0])
    os.close(ends[1])
    advise(start + PAGE, PAGE, DONTNEED)
    fill(start + PAGE, PAGE, 2)
    return start


def child_gone():
    """In a pipe, and not shared with anybody any more"""
    start = area(4)
    hold((start, 4 * PAGE))
    if not os.fork():
        os._exit(0)
    os.wait()
    return start


def private_file():
    """In a pipe: pages of a file that is mapped privately, not written to"""
    fd = os.memfd_create("private")
    os.write(fd, b"x" * 4 * PAGE)
    start = mmap(None, 4 * PAGE, flags=2, fd=fd)
    hold((start, 4 * PAGE))
    return start


def inherits_ring():
    """A child has a ring from its parent, and not the memory"""
    start = area(4)
    hold_registered(start)
    advise(start, 4 * PAGE, DONTFORK)
    print(fork(lambda: None), hex(start))
    return start


def umem_unmapped():
    start = area(4)
    hold_umem(start, 4)
    libc.munmap(start, 4 * PAGE)
    return start


def umem_but_last():
    """Its file has lost all but the last page"""
    start = shared_file(pages=130)
    fill(start, 130 * PAGE)
    hold_umem(start, 130)
    if libc.madvise(start, 129 * PAGE, 9):  # MADV_REMOVE
        failed("madvise")
    return start


def half_shared():
    """In a pipe: two private pages, and two shared ones"""
    start = area(4)
    shared_file(start + 2 * PAGE, 2)
    fill(start, 4 * PAGE)
    hold((start, 4 * PAGE))
    return start


def no_child_gets_it():
    """In a pipe: neither half as it is"""
    start = area(4)
    hold((start, 4 * PAGE))
    advise(start, 2 * PAGE, DONTFORK)
    advise(start + 2 * PAGE, 2 * PAGE, WIPEONFORK)
    return start


def child_goes_on():
    """A child alone has a THP that is on the lists of its parent, and registers it"""
    start, discarded, done = huge(), os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        end_with_parent()
        libc.mprotect(start + THP - PAGE, PAGE, 1)  # mapped by PTEs
        os.write(done[1], b"x")
        os.read(discarded[0], 1)
        fill(start, 4 * PAGE, 2)
        hold_registered(start)
        os.write(done[1], b"x")
        sys.stdin.read()
        os._exit(0)
    os.close(done[1])
    os.read(done[0], 1)
    advise(start, THP, DONTNEED)
    fill(start, THP, 3)
    os.write(discarded[1], b"x")
    if os.read(done[0], 1) != b"x":
        sys.exit("the child failed")
    print(child, hex(start))
    return start


def huge_zero():
    """A THP that was read, and never written"""
    start = mmap(None, 2 * THP)
    start = (start + THP - 1) // THP * THP
    advise(start, THP, HUGEPAGE)
    ctypes.string_at(start + 100, 1)
    if resident(start):
        sys.exit("this kernel maps a page of its own for a read, not the zero page")
    return start


def odd_name():
    start = beside()
    with open("/proc/self/comm", "w", encoding="ascii") as comm:
        comm.write("a\tb\nc")
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
    "child-unmaps": lambda: child_registers(lambda start: libc.munmap(start, PAGE)),
    "child-moves": lambda: child_registers(move),
    "child-shares": child_shares,
    "read-only": read_only,
    "umem-mirrored": umem_mirrored,
    "umem-inherited": umem_inherited,
    "moved": moved,
    "replaced": replaced,
    "replaced-and-held": replaced_and_held,
    "ring-has-pipe": ring_has_pipe,
    "child-gone": child_gone,
    "private-file": private_file,
    "inherits-ring": inherits_ring,
    "umem-unmapped": umem_unmapped,
    "umem-but-last": umem_but_last,
    "half-shared": half_shared,
    "no-child-gets-it": no_child_gets_it,
    "child-goes-on": child_goes_on,
    "huge-zero": huge_zero,
    "odd-name": odd_name,
    "leaderless": leaderless,
}

end_with_parent()
address = CASES[sys.argv[1]]()
print(os.getpid(), hex(address), flush=True)
sys.stdin.read()
