# SPDX-License-Identifier: GPL-2.0-or-later
"""
moved.py HOW: a process with pages in a pipe, by vmsplice(), that are moved or shared
afterwards, or whose pipe another process is given, and it alone ("passed").  Prints
"PID ADDRESS PAGES" of what is to be looked at, and waits for the end of stdin.
"""

import os
import socket
import sys

from calls import PAGE, area, end_with_parent, fill, libc, mmap, vmsplice

PAGES = 16
MREMAP_MAYMOVE_FIXED = 3


def write(start, value):
    for page in range(PAGES):
        fill(start + page * PAGE, 8, value)


def move(start, pages):
    """To a place of its own, next to no other memory"""
    target = mmap(None, (pages + 2) * PAGE) + PAGE
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
        end_with_parent()
        keeper.close()
        kept = socket.recv_fds(other, 1, 2)
        other.send(b"x")
        sys.stdin.read()
        os._exit(0)
    other.close()
start = area(PAGES)
ends = os.pipe()
vmsplice(ends[1], (start, PAGES * PAGE))
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
        end_with_parent(how != "orphan")
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
