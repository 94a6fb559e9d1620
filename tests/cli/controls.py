# SPDX-License-Identifier: GPL-2.0-or-later
"""
Each pin that "thpin list pins" has is one of tests/vm/truth.tsv or tests/live/pins.tsv,
with a case that has to be lost, which proves that its detector sees losses, and one
that has to be in sync; and a test runs it.  Prints TAP.
"""

import glob
import os
import re
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
sys.path.insert(0, TESTS)

# pylint: disable=wrong-import-position # it is in the directory above
from truth import Tap, fits, table

# What has no such case, and why
NOT_TESTED = {
    "gup-test-slow": "no kernel of the tests has CONFIG_GUP_TEST",
    "gup-test-fast": "no kernel of the tests has CONFIG_GUP_TEST",
    "gup-test-slow-ro": "no kernel of the tests has CONFIG_GUP_TEST",
    "gup-test-fast-ro": "no kernel of the tests has CONFIG_GUP_TEST",
}
# Nothing holds it: a test of its own, with these lines
OWN_TEST = {
    "odirect-file": (
        "vm/statistical.sh",
        r"odirect-file/\S+/dontneed-in-flight 'out-of-sync lost-write'",
        r"wanted='in-sync '",
    )
}

MEMORY = ("thp", "shmem", "memfd-private")
LOST = ("dontneed-page", "dontneed-all", "remap-fixed", "punch-hole", "uffd-move")


class Table:
    """The pins of one table, and what it has of a case: on some kernel"""

    def __init__(self):
        self.pins = {}  # and whose rows they share
        self.rows = []

    def verdicts(self, pin, race):
        """Of all kernels and kinds of memory: those of the first line that fits"""
        for memory in MEMORY:
            cases = [f"{name}/{memory}/{race}" for name in (pin, self.pins[pin])]
            for cells, from_where in self.rows:
                if any(fits(from_where, case) for case in cases):
                    yield from cells
                    break


def of_guests():
    """tests/vm/truth.tsv: a column for each kernel"""
    found = Table()
    for _, (name, *cells, _) in table(f"{TESTS}/vm/truth.tsv"):
        if "/" in name:
            found.rows.append((cells, name))
        elif name != "case":
            pin, _, like = name.partition("=")
            found.pins[pin] = like or pin
    return found


def of_this_kernel():
    """tests/live: a line for each range of kernels; the first one here"""
    found = Table()
    for _, columns in table(f"{TESTS}/live/pins.tsv"):
        found.pins[columns[0]] = columns[5] if len(columns) > 5 else columns[0]
    for _, (name, _, _, verdict, *_) in table(f"{TESTS}/live/truth.tsv"):
        found.rows.append(([verdict], name))
    return found


def is_run(pin, level):
    """By its name in a test, or because every run has it"""
    if level == "default":
        return True
    for path in glob.glob(f"{TESTS}/vm/*.sh") + glob.glob(f"{TESTS}/live/*.sh"):
        with open(path, encoding="utf-8") as file:
            if re.search(rf"(?<![\w-]){re.escape(pin)}(?![\w-])", file.read()):
                return True
    return False


def check(pin, level, tables):
    here = [one for one in tables if pin in one.pins]
    if not here:
        yield "neither tests/vm/truth.tsv nor tests/live/pins.tsv has it"
        return
    if not is_run(pin, level):
        yield "no test runs it"
    of = {race: [v for one in here for v in one.verdicts(pin, race)] for race in (*LOST, "none")}
    lost = [v for race in LOST for v in of[race] if v.startswith(("lost", "out-of-sync"))]
    if not lost:
        yield "no case of it has to be lost"
    if "in-sync" not in of["none"]:
        yield "no case of it has to be in sync"


def check_own(path, lost, in_sync):
    with open(f"{TESTS}/{path}", encoding="utf-8") as file:
        text = file.read()
    for what, pattern in (("lost", lost), ("in sync", in_sync)):
        if not re.search(pattern, text):
            yield f"{path}: no case of it has to be {what}"


def main():
    said = subprocess.run(
        [os.environ["THPIN"], "list", "pins", "-nr", "-o", "NAME,LEVEL"],
        capture_output=True,
        text=True,
        check=True,
    )
    tables = [of_guests(), of_this_kernel()]
    tap = Tap()
    names = []
    for line in said.stdout.splitlines():
        pin, level = line.split()
        names.append(pin)
        if pin in NOT_TESTED:
            tap.skip(f"{pin} has its controls", NOT_TESTED[pin])
            continue
        if pin in OWN_TEST:
            tap.point(f"{pin} has its controls, in {OWN_TEST[pin][0]}", check_own(*OWN_TEST[pin]))
            continue
        tap.point(f"{pin} has its controls", check(pin, level, tables))
    tap.point("no exception for what is no pin", sorted({*NOT_TESTED, *OWN_TEST} - set(names)))
    tap.point("a pin of no table is noticed", [] if list(check("no-pin", "", tables)) else ["it is not"])
    tap.done()


main()
