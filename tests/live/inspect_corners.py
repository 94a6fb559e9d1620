# SPDX-License-Identifier: GPL-2.0-or-later
"""
inspect_corners.py: "thpin inspect" of the processes of corner.py: each holder is at its
place, and what is in sync or parted is said of what it holds.  Prints TAP.
"""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from truth import KERNEL, Tap

THPIN = os.environ["THPIN"]
SCRIPT = os.path.join(os.environ["TESTDIR"], "live/corner.py")
PAGE = os.sysconf("SC_PAGE_SIZE")
THP = 2 << 20
# PageAnonExclusive tells of a page that it has been shared.
MOVES = "get-forkable,pinned-shared" if KERNEL >= (5, 19) else "get-forkable"
tap = Tap()


def inspect(pid, *options):
    done = subprocess.run([THPIN, "inspect", pid, "--json", "--full", *options],
                          capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout) if done.returncode in (0, 1) else done.stderr.strip()


class Corner:
    """A process of corner.py, with what it says of itself and of its child"""

    def __init__(self, how, processes=1):
        self.process = subprocess.Popen([sys.executable, "-B", SCRIPT, how], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.said = [self.process.stdout.readline().split() for _ in range(processes)]

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.process.communicate()

    def failed(self, name, skip_on):
        """It could not be made: a skip only for lack of what @skip_on names"""
        if self.said[0]:
            return False
        why = self.process.communicate()[1].strip()
        if skip_on in why:
            tap.skip(name, why)
        else:
            tap.point(name, [why])
        return True


def rows(found, start):
    """Of each holder: kind, pages from @start on, how many, in sync, parted, its hazards"""
    return sorted((h["holder"], h["start"] and (int(h["start"], 16) - start) // PAGE,
                   h["bytes"] // PAGE, h["in-sync"],
                   h["out-of-sync"] + h["unmapped"], ",".join(sorted(h["hazards"])))
                  for h in found["holders"])


def check(name, how, wanted, *options, skip_on="io_uring_setup", at_start=False):
    """@wanted rows are all there are, or with @at_start those that begin where it says"""
    with Corner(how) as corner:
        if corner.failed(name, skip_on):
            return
        pid, start = corner.said[0]
        found = inspect(pid, *options)
    said = found if isinstance(found, str) else rows(found, int(start, 16))
    if at_start:
        said = [row for row in said if row[1] == 0]
    tap.point(name, [] if said == wanted else [said])


def huge_pages():
    """Whether the memory of corner.py is a THP here"""
    with Corner("first-shared") as corner:
        if not corner.said[0]:
            return False
        pid, start = corner.said[0]
        with open(f"/proc/{pid}/smaps", encoding="ascii", errors="replace") as smaps:
            return any(line.startswith("AnonHugePages:") and " 0 kB" not in line
                       for line in smaps)


def of_child(name, how, wanted, of_parent=(), unnamed=False, skip_on="io_uring_setup"):
    """
    What a child has registered is the child's, and nothing of its parent's; but @unnamed:
    what is pinned elsewhere by what is found may be there without a name as well
    """
    with Corner(how, 2) as corner:
        if corner.failed(name, skip_on):
            return
        (child, start), (parent, _) = corner.said
        said = [[row for row in rows(inspect(pid), int(start, 16))
                 if not (unnamed and row[0] == "(unattributed)")] for pid in (child, parent)]
    tap.point(name, [] if said == [wanted, list(of_parent)] else [said])


def odd_name():
    name = "a name with a newline in it: one name, in one line"
    with Corner("odd-name") as corner:
        if corner.failed(name, "vmsplice"):
            return
        found = inspect(corner.said[0][0])
    names = {found["target"]["comm"]} | {h["comm"] for h in found["holders"] if h["pid"]}
    tap.point(name, [] if names == {"a?b?c"} else names)


def huge_zero():
    name = "the huge zero page: zeros, and no THP"
    with Corner("huge-zero") as corner:
        if corner.failed(name, "not the zero page"):
            return
        pid, start = corner.said[0]
        pages = [vma["pages"] for vma in inspect(pid)["vmas"] if vma["start"] == start]
    tap.point(name, [] if [(one["zero"], one["thp-pmd"]) for one in pages] == [(THP // PAGE, 0)]
              else pages)


def leaderless():
    with Corner("leaderless") as corner:
        pid = corner.said[0][0]
        while "State:\tZ" not in open(f"/proc/{pid}/status", encoding="ascii").read():
            pass
        said = inspect(pid)
    tap.point("a process whose first thread has ended: not taken for a zombie",
              [] if "first thread" in said and "1 threads go on" in said else [said])


if isinstance(inspect(str(os.getpid()), "--probe", "auto"), str) or \
        inspect(str(os.getpid()))["probe"] == "proc":
    tap.skip("all", "the kernel's memory cannot be read (see: thpin list probes)")
else:
    check("beside a page in a pipe: what nobody has is found", "beside",
          [("(unattributed)", 1, 12, 0, 0, "get-forkable"),
           ("pipe", 0, 1, 1, 0, "get-forkable")])
    check("in two VMAs: all of it", "two-vmas",
          [("(unattributed)", 0, 12, 0, 0, "get-forkable")])
    check("another file in its place: parted", "other-file",
          [("io_uring", 0, 4, 0, 4, "holes,pinned-diverged")])
    check("a page of the kernel beside it: in sync", "ring-page",
          [("pipe", 0, 1, 1, 0, "get-forkable")], skip_on="vmsplice")
    check("shared memory that is not mapped: in sync", "shared-discarded",
          [("io_uring", 0, 4, 4, 0, "")])
    check("... without kernel memory: not known", "shared-discarded",
          [("io_uring", 0, 4, 0, 0, "")], "--probe", "proc")
    if huge_pages():
        check("of a THP whose first page is unmapped: found", "thp-hole",
              [("(unattributed)", 0, THP // PAGE, 0, 0, "get-forkable,thp-kept-whole")])
        check("of a THP a child shares all but the first page: shared", "shared-but-first",
              [("pipe", 0, 4, 4, 0, "get-forkable,pinned-shared")])
        check("of a THP a child shares the first page alone: the next write moves all the same",
              "first-shared", [("pipe", 0, 4, 4, 0, MOVES)])
        check("a THP mapped in part beside a whole one", "kept",
              [("io_uring", THP // PAGE - 7, 4, 4, 0, ""),
               ("pipe", 0, 1, 1, 0, "get-forkable,thp-kept-whole")])
        huge_zero()
    else:
        tap.skip("THPs", "there are none to be had")
    of_child("a child registers with its parent's ring: it is the child's", "child-registers",
             [("io_uring", 0, 4, 4, 0, "")])
    of_child("... and unmaps the first page", "child-unmaps",
             [("io_uring", 0, 4, 3, 1, "holes,pinned-diverged")])
    of_child("... or moves them all", "child-moves",
             [("io_uring", 0, 4, 0, 4, "holes,pinned-diverged")], unnamed=True)
    of_child("a child registers shared memory that its parent has elsewhere", "child-shares",
             [("io_uring", 0, 4, 4, 0, "")], unnamed=True)
    check("pages of a file that cannot be written to: as in a child", "read-only",
          [("pipe", 0, 1, 1, 0, "")], skip_on="vmsplice")
    of_child("a child goes on with what its parent has let go: it is the child's", "child-goes-on",
             [("io_uring", 0, 4, 4, 0, "")])
    if KERNEL < (7, 2):
        check("without rights, a child with a ring of its parent's: not known whose",
              "inherits-ring", [("io_uring", 0, 4, 0, 0, "")], "--probe", "proc")
    else:
        tap.skip("without rights, a child with a ring of its parent's",
                 "VmPin does not count what an io_uring has since Linux 7.2")
    check("shared with a child that is gone: the next write moves it", "child-gone",
          [("pipe", 0, 4, 4, 0, MOVES)], skip_on="vmsplice")
    check("of a file that is mapped privately: the same", "private-file",
          [("pipe", 0, 4, 4, 0, "get-forkable,pinned-shared")], skip_on="vmsplice")
    check("a pipe that only an io_uring has, beside a buffer of it: both", "ring-has-pipe",
          [("io_uring", 0, 1, 1, 0, ""), ("pipe", 0, 4, 3, 1, "get-forkable,pinned-diverged")])
    check("registered and moved, as by realloc(): parted", "moved",
          [("io_uring", 0, 4, 0, 4, "holes,pinned-diverged")], at_start=True)
    check("... with other memory in its place", "replaced",
          [("io_uring", 0, 4, 0, 4, "pinned-diverged")], at_start=True)
    check("parted, and what is there now is held too: both", "replaced-and-held",
          [("(unattributed)", 0, 4, 0, 0, "get-forkable"),
           ("io_uring", 0, 4, 0, 4, "pinned-diverged")])
    if os.geteuid() == 0:
        check("a umem that is unmapped: nowhere", "umem-unmapped",
              [("af_xdp", None, 4, 0, 4, "pinned-diverged")], skip_on="socket")
        check("a umem of which the last page is there: parted", "umem-but-last",
              [("af_xdp", 0, 130, 1, 129, "holes,pinned-diverged")], skip_on="socket")
        check("a umem of a file that is mapped again and again: where it is", "umem-mirrored",
              [("af_xdp", 0, 16, 16, 0, "")], skip_on="socket")
        of_child("a umem that a child has from its parent, who let it go: not the child's",
                 "umem-inherited", [("af_xdp", None, 4, 0, 0, "")],
                 [("af_xdp", None, 4, 0, 0, "")], skip_on="socket")
    else:
        tap.skip("umems", "needs root")
    check("half of it is shared memory: forkable", "half-shared",
          [("pipe", 0, 4, 4, 0, "get-forkable")])
    check("a child gets neither half: not forkable", "no-child-gets-it",
          [("pipe", 0, 4, 4, 0, "wipe-on-fork")])
    odd_name()
leaderless()
tap.done()
