# SPDX-License-Identifier: GPL-2.0-or-later
"""
cells.py [--repeat N] [--pins PIN,...] --run LABEL JSON STATUS WITHOUT...
	[--skip LABEL REASON]...

Check every cell of what "thpin repro --json" has written against truth.tsv and
pins.tsv for the kernel it ran on, and print TAP.  STATUS is what thpin exited with:
1 for a loss that nobody asked for, else 0.  WITHOUT is a comma-separated list of what
the test kept from thpin: words of LACKING, beside those that are true of this machine.
A cell may be skipped only for such a reason.  --pins are those that were selected, else
the default ones have to be there.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

# pylint: disable=wrong-import-position # it is in the directory above
from lacking import LACKING, in_user_namespace, read, why_skipped
from truth import KERNEL, Tap, fits, is_for_others, observed, table, version

THPIN = os.environ["THPIN"]


# --- tables ------------------------------------------------------------------


def read_table(name, *columns):
    """The lines of a .tsv file beside this one, of so many columns"""
    rows = []
    for where, row in table(os.path.join(HERE, name)):
        if len(row) not in columns:
            sys.exit(f"{where}: {len(row)} columns, not {columns}")
        rows.append(row)
    return rows


def counts(row, name, kernel):
    """Whether a line is for this name and kernel"""
    glob, first, end = row[:3]
    return (
        fits(glob, name)
        and (first == "-" or kernel >= version(first))
        and (end == "-" or kernel < version(end))
    )


def find(rows, name, kernel):
    return next((row[3:] for row in rows if counts(row, name, kernel)), None)


def truth_of(tables, case, kernel):
    """A pin that is like another one has its truth, as far as it can see a loss."""
    pin, rest = case.split("/", 1)
    told = find(tables["pins"], pin, kernel)
    like = told[2] if told and len(told) > 2 else pin
    fitting = (
        row[3:]
        for row in tables["truth"]
        if counts(row, case, kernel) or counts(row, f"{like}/{rest}", kernel)
    )
    truth = next(fitting, None)
    if not truth or like == pin or truth[1] == "-":
        return truth
    seen = [loss for loss in truth[1].split(",") if loss in told[1].split(",")]
    return truth[0], ",".join(seen), *truth[2:]


def default_pins():
    said = subprocess.run(
        [THPIN, "list", "pins", "-nr", "-o", "NAME,LEVEL"],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split() for line in said.stdout.splitlines()]
    return {name for name, level in lines if level == "default"}


# --- one cell ----------------------------------------------------------------


def lost_pages(loss):
    pages = set()
    for part in loss["ranges"]:
        pages.update(range(part["first"], part["first"] + part["count"]))
    return pages


def expected_pages(rule, cell):
    pages = cell["pages"] or 0
    return {
        "-": set(),
        "one": {cell["evidence"]["watched_page"]},
        "all": set(range(pages)),
        "others": set(range(pages)) - {cell["evidence"]["watched_page"]},
        "upper-half": set(range(pages // 2, pages)),
    }[rule]


def expected_extents(loss, rule, cell):
    """The pages in which the views part, and those that leaked"""
    rules = rule.split(",")
    leaked = rules[-1] if "leak" in loss.split(",") else "-"
    parted = rules[0] if loss not in ("leak", "-") else "-"
    return expected_pages(parted, cell), expected_pages(leaked, cell)


def some(pages):
    return f"{len(pages)} pages from {min(pages)} to {max(pages)}" if pages else "none"


def check_verdict(cell, truth):
    verdicts, loss, pages, reason = truth
    if cell["verdict"] not in verdicts.split("|"):
        yield f"verdict {cell['verdict']}, not {verdicts}: {cell['reason']}"
        return
    if reason != "-" and not re.search(reason, cell["reason"] or ""):
        yield f"reason '{cell['reason']}', not /{reason}/"
    wanted = set() if loss == "-" else set(loss.split(","))
    if set(cell["loss"]) != wanted:
        yield f"loss {cell['loss']}, not {loss}"
    losses = cell["evidence"]["losses"]
    if {one["loss"] for one in losses} != wanted:
        yield "evidence.losses has other kinds than loss"
    parted, leaked = expected_extents(loss, pages, cell)
    for one in losses:
        lost = lost_pages(one)
        expected = leaked if one["loss"] == "leak" else parted
        if lost != expected or one["pages"] != len(expected):
            yield f"{one['loss']} of {some(lost)}, not of {some(expected)}"
        if one["loss"] == "leak":
            if one["seen_bytes"] == one["wanted_bytes"]:
                yield "leak: what is seen is what was wanted"
        elif one["cpu_bytes"] == one["device_bytes"]:
            yield f"{one['loss']}: CPU and device have the same bytes"
    if cell["verdict"] == "skipped":
        return
    yield from check_counts(cell, parted, leaked)


def check_counts(cell, parted, leaked):
    """Pages that leaked are told where there is no other loss, and never counted"""
    if cell["pages_lost"] != len(parted):
        yield f"pages_lost {cell['pages_lost']}, not {len(parted)}"
    first = min(parted or leaked, default=None)
    if cell["first_lost_page"] != first:
        yield f"first_lost_page {cell['first_lost_page']}, not {first}"
    size = cell["host"]["page_size"]
    offset = cell["first_lost_offset"]
    if (offset if offset is None else offset // size) != first:
        yield f"first_lost_offset {offset} is not in page {first}"


def check_sides(cell, repeat):
    """What goes with a verdict"""
    if bool(cell["reason"]) != (cell["verdict"] in ("refused", "no-effect")):
        yield f"{cell['verdict']}, and reason '{cell['reason']}'"
    if cell["unexpected"]:
        yield f"unexpected by thpin's own rule {cell['rule']}"
    lost = cell["verdict"] == "out-of-sync"
    discards = bool(re.search("/(dontneed-.*|remap-fixed|guard-install)$", cell["case"]))
    punches = lost and bool(re.search("/(punch-.*|madv-remove)$", cell["case"]))
    wanted = "by-design" if discards else "hazard" if lost else "promised"
    if cell["expectation"] != wanted and not (punches and cell["expectation"] == "by-design"):
        yield f"expectation {cell['expectation']}, not {wanted}"
    if cell["verdicts"] != {cell["verdict"]: repeat}:
        yield f"verdicts {cell['verdicts']}"
    trials = cell["trials"], cell["trials_lost"]
    if trials != (repeat, repeat if lost else 0):
        yield f"{trials[1]} of {trials[0]} trials lost, of {repeat} asked for"
    if cell["evidence"]["kernel_warnings"]:
        yield f"kernel warning: {cell['evidence']['kernel_warning']}"


def observed_again(cell, wanted):
    """The counters of pins are the system's: wait for others' pins to be gone."""
    arguments = [THPIN, "repro", "--json", "--no-control", cell["case"]]
    for _ in range(20):
        said = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if json.loads(said.stdout)["cases"][0]["evidence"]["observed_class"] == wanted:
            return True
        time.sleep(0.1)
    return False


def check_pin(cell, truth):
    declared, compared = truth[:2]
    if cell["pin_class"] != declared:
        yield f"pin_class {cell['pin_class']}, not {declared}"
    evidence = cell["evidence"]
    # What is looked for in these is a leak and nothing else.
    leak = cell["race"].startswith("leak-")
    wanted = {"leak"} if leak else set(compared.split(","))
    if set(evidence["compared"]) - ({"leak"} - wanted) != wanted:
        yield f"compared {evidence['compared']}, not {compared}"
    if not cell["host"]["pfn_visible"]:
        return
    wanted = observed(declared)
    if evidence["observed_class"] != wanted and not observed_again(cell, wanted):
        yield f"the kernel counts {evidence['observed_class']}, not {wanted}"


def check_pfns(cell):
    """PFNs are there as root, and null, never 0 or a guess, without"""
    evidence = cell["evidence"]
    pfns = [evidence["before"]["pfn"], evidence["after"]["pfn"], evidence["child_pfn"]]
    pfns += [event[key] for event in cell["events"] for key in ("pfn_was", "pfn_is")]
    others = [evidence["pfns_moved"], cell["pfn_moved"], cell["latent"]]
    if cell["host"]["pfn_visible"]:
        if evidence["before"]["pfn"] is None or None in others:
            yield f"no PFNs: {pfns} {others}"
        if not all(re.fullmatch("0x[1-9a-f][0-9a-f]*", pfn or "0x1") for pfn in pfns):
            yield f"PFNs {pfns}"
        return
    unknown = pfns + others + [evidence["before"]["thp"], evidence["after"]["thp"]]
    if any(value is not None for value in unknown):
        yield f"knows PFNs without the right to: {unknown}"


def check_split(cell):
    """What splits a PMD says what was seen, not only what was asked for"""
    mapped = [cell["evidence"][when]["pmd_mapped"] for when in ("before", "after")]
    if re.match("split-m", cell["race"]) and mapped != [True, False]:
        yield f"mapped by a PMD before and after: {mapped}"


# --- a run -------------------------------------------------------------------


class Run:
    """What was found, where, and with what kept from it"""

    def __init__(self, arguments, tables, repeat, pins):
        label, path, status, without = arguments
        self.pins = pins
        self.label = f"{label}: " if label else ""
        self.status = int(status)
        self.result = json.loads(read(path) or "null")
        if not self.result:
            print(f"Bail out! {self.label}thpin exits with {status} and no JSON")
            sys.exit(1)
        self.tables = tables
        self.repeat = repeat
        self.kernel = version(self.result["host"]["release"])
        self.without = set(filter(None, without.split(",")))
        self.lacking = {word for word, test in LACKING.items() if test()}
        self.lacking |= self.without
        self.skips = {}  # cases by reason

    def check_skip(self, tap, name, cell):
        why = why_skipped(cell, self.lacking)
        if not why:
            tap.point(name, [f"skipped without need: {cell['reason']}"])
        elif why & self.without:
            tap.point(f"{name}: {cell['reason']}", [])
        else:
            self.skips.setdefault(cell["reason"], []).append(cell["case"])

    def check_cell(self, tap, cell):
        truth = truth_of(self.tables, cell["case"], self.kernel)
        name = f"{self.label}{cell['case']}: {cell['verdict']}"
        faults = []
        if not truth:
            faults = [f"truth.tsv does not have it for Linux {self.kernel}"]
        elif truth[0] == "skipped":
            faults = list(check_verdict(cell, truth))
        elif cell["verdict"] == "skipped":
            self.check_skip(tap, name, cell)
            return
        elif truth[0] == "?":
            tap.skip(name, f"the truth is not known for Linux {self.kernel}")
            return
        else:
            faults = list(check_verdict(cell, truth))
            if not faults:
                faults += check_sides(cell, self.repeat)
                pin = find(self.tables["pins"], cell["pin"], self.kernel)
                faults += check_pin(cell, pin)
                faults += check_pfns(cell)
                faults += check_split(cell)
        tap.point(name, faults)

    def check_rights(self):
        host, admin = self.result["host"], "admin" not in self.lacking
        if host["admin"] != admin:
            yield f"admin is {host['admin']}"
        if host["pfn_visible"] != (admin and not in_user_namespace()):
            yield f"pfn_visible is {host['pfn_visible']}"

    def check(self, tap):
        for cell in self.result["cases"]:
            cell["host"] = self.result["host"]
            self.check_cell(tap, cell)
        for reason, cases in self.skips.items():
            pins = ", ".join(sorted({case.split("/")[0] for case in cases}))
            tap.skip(f"{self.label}{len(cases)} cases of {pins}", reason)
        lost = any(
            cell["verdict"] == "out-of-sync" and cell["expectation"] != "by-design"
            for cell in self.result["cases"]
        )
        faults = [f"exit status {self.status}"] if self.status != int(lost) else []
        tap.point(f"{self.label}exit status", faults)
        faults = check_summary(self.result, self.repeat)
        tap.point(f"{self.label}summary", list(faults))
        faults = check_cover(self.result, self.tables, self.pins)
        tap.point(f"{self.label}all cases are there", list(faults))
        tap.point(f"{self.label}knows its rights", list(self.check_rights()))


def check_summary(result, repeat):
    """The counts are those of the cells"""
    cells, summary = result["cases"], result["summary"]
    for key, verdict in (
        ("in_sync", "in-sync"),
        ("out_of_sync", "out-of-sync"),
        ("refused", "refused"),
        ("no_effect", "no-effect"),
        ("skipped", "skipped"),
        ("errors", "error"),
    ):
        count = sum(cell["verdict"] == verdict for cell in cells)
        if summary[key] != count:
            yield f"{key} {summary[key]}, not {count}"
    if summary["cases"] != len(cells):
        yield f"cases {summary['cases']}, not {len(cells)}"
    for key in ("flaky", "unexpected", "errors", "no_effect"):
        if summary[key]:
            yield f"{key} {summary[key]}"
    for key in ("detector_failed", "interrupted"):
        if summary[key]:
            yield key
    if result["options"]["repeat"] != repeat:
        yield f"repeat {result['options']['repeat']}, not {repeat}"


def check_cover(result, tables, wanted):
    """All pins, each of them with every race and memory that it can have"""
    cells = result["cases"]
    pins = {cell["pin"] for cell in cells}
    like = {row[5] for row in tables["pins"] if row[0] in wanted and len(row) > 5}
    if pins != wanted:
        yield f"pins {sorted(pins)}, not {sorted(wanted)}"
    names = {cell["case"] for cell in cells}
    if len(names) != len(cells):
        yield "a case is there twice"
    for cell in cells:
        for pin in wanted - {cell["pin"]}:
            if f"{pin}/{cell['memory']}/{cell['race']}" not in names:
                yield f"no {pin}/{cell['memory']}/{cell['race']}"
    names |= {f"{pin}/{name.split('/', 1)[1]}" for pin in like for name in names}
    for row in tables["truth"]:
        pin = row[0].split("/")[0]
        asked = any(fits(pin, name) for name in wanted | like)
        found = any(fits(row[0], name) for name in names)
        if asked and not found and not is_for_others(row[0], names):
            yield f"truth.tsv: no case fits {row[0]}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--pins")
    parser.add_argument("--run", nargs=4, action="append", required=True)
    parser.add_argument("--skip", nargs=2, action="append", default=[])
    options = parser.parse_args()
    if KERNEL < (5, 10):
        print(f"1..0 # SKIP truth.tsv begins with Linux 5.10, this is {KERNEL}")
        return
    tables = {"truth": read_table("truth.tsv", 7), "pins": read_table("pins.tsv", 5, 6)}
    pins = set(options.pins.split(",")) if options.pins else default_pins()
    tap = Tap()
    for arguments in options.run:
        Run(arguments, tables, options.repeat, pins).check(tap)
    for label, reason in options.skip:
        tap.skip(label, reason)
    tap.done()


main()
