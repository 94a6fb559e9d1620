# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests/live/cells.py and tests/vm/cells.py have in common: tables of truth, and TAP"""

import fnmatch
import functools
import os
import platform
import re
import subprocess
import sys

def version(text):
    """'6.12.95-1' as (6, 12)"""
    return tuple(int(number) for number in re.findall(r"\d+", text)[:2])


KERNEL = version(platform.release())  # of this machine, not of a guest


class Tap:
    """Test Anything Protocol"""

    def __init__(self):
        self.run = 0
        self.failed = 0

    def point(self, name, faults):
        """Passed when there are no faults, of which each is a line."""
        self.run += 1
        faults = list(faults)
        self.failed += bool(faults)
        print(f"{'not ' if faults else ''}ok {self.run} - {name}")
        for fault in faults:
            print(f"# {fault}")

    def skip(self, name, reason):
        self.run += 1
        print(f"ok {self.run} - {name} # SKIP {reason}")

    def done(self):
        print(f"1..{self.run}")
        sys.exit(1 if self.failed else 0)


def table(path):
    """The lines of a .tsv file: (where it is, its columns) of each"""
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                yield f"{path}:{number}", tuple(line.split("\t"))


def fits(glob, name):
    """Whether a case, or a part of one, is one that a line of a table is about"""
    return fnmatch.fnmatchcase(name, glob)


@functools.cache
def names_of(what):
    """Names of all kinds of memory or of all races, whatever was run"""
    arguments = [os.environ["THPIN"], "list", what, "-nr", "-o", "NAME"]
    said = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return said.stdout.split()


def observed(kind):
    """The class that the counters of pins show: on-demand paging takes no reference"""
    return {"get": "get", "odp": None}.get(kind, "pin")


def is_for_others(glob, cases):
    """A line for memory or a race that there is, but not in this run"""
    for part, what in ((1, "memory"), (2, "races")):
        here = {case.split("/")[part] for case in cases}
        wanted = glob.split("/")[part]
        if not fnmatch.filter(here, wanted) and fnmatch.filter(names_of(what), wanted):
            return True
    return False
