# SPDX-License-Identifier: GPL-2.0-or-later
"""
cells.py [--truth FILE] [--pins PIN,... [--cases "CASE..."]] [--run LABEL DIRECTORY]...
         [--skip LABEL REASON]...
cells.py --recorded [--truth FILE] FILE...
cells.py --record LABEL JSON

Check every cell that "thpin repro --json" found on a Debian kernel against
truth.tsv, and print TAP.  DIRECTORY has the files json, console and seconds of
one run.  --pins are those that were selected for it, else the default ones have to be
there; --cases are those that were named for it, instead of all of these pins.
--recorded does so for what --record has made of runs before: their cells without what
differs from run to run.
"""

import argparse
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(HERE))

# pylint: disable=wrong-import-position # it is in the directory above
from truth import Tap, fits, is_for_others, observed, table

SCHEMA = os.path.join(os.path.dirname(HERE), "schema", "repro.schema.json")
COMPLAINT = re.compile(
    r"WARNING:|BUG:|kernel BUG at|Oops|cut here|Internal error:|rcu.*stall(?!_)"
)  # but not rcu_cpu_stall_suppress, which thpin boot gives the kernel
# With --enable-sanitize, PID 1 starts before there is a /proc, which ASan misses.
SANITIZER = re.compile(r"==1==WARNING: ")

# What these kernels are known by.
MILESTONES = [
    ("5.10 6.1", "odirect-read/thp/fork-parent-write", "lost-write of one and leak of all"),
    ("6.12 7.3", "odirect-read/thp/fork-parent-write", "in-sync"),
    ("5.10", "odirect-read/thp/fork-child-exit", "in-sync"),
    ("6.1", "odirect-read/thp/fork-child-exit", "lost-write of one"),
    ("5.10", "uring-fixed/thp/mprotect-half-rorw", "lost-write,stale-read of half"),
    ("6.1 6.12 7.3", "uring-fixed/thp/mprotect-half-rorw", "in-sync"),
    ("5.10 6.1 6.12 7.3", "vmsplice/thp/fork-parent-write", "stale-read of one"),
    ("5.10 6.1 6.12 7.3", "uring-fixed/thp/fork-parent-write", "in-sync"),
]


# --- the table ---------------------------------------------------------------


class Truth:
    """truth.tsv: a column for each kernel, the first line that fits counts"""

    def __init__(self, path, selected=None):
        self.pins = {}
        self.like = {}  # selected pins, and whose rows they share
        self.rows = []
        self.used = set()
        labels = None
        for where, (glob, *cells, why) in table(path):
            if labels is None:
                labels = cells
            elif len(cells) != len(labels) or not why:
                sys.exit(f"{where}: {len(cells)} kernels, and '{why}'")
            elif "/" in glob:
                self.rows.append((glob, dict(zip(labels, cells))))
            else:
                name, _, like = glob.partition("=")
                self.pins[name] = dict(zip(labels, cells))
                if like:
                    self.like[name] = like
        self.labels = labels
        self.selected = bool(selected)
        self.wanted = set(selected or set(self.pins) - set(self.like))

    def pin(self, name, label):
        """(class, losses that it can see)"""
        kind, losses = self.pins[name][label].split(":")
        return kind, set(losses.split(","))

    def has(self, name, label):
        """False for a pin that this kernel does not have"""
        return self.pins[name][label] != "-"

    def unused(self, cells):
        """Globs that no case has fitted, of the pins, memory and races there should be"""
        likes = {self.like.get(pin, pin) for pin in self.wanted}
        for glob, _ in self.rows:
            pins = glob.split("/")[0]
            if (
                glob not in self.used
                and not (self.selected and pins == "*")
                and any(fits(pins, p) for p in likes)
                and not is_for_others(glob, cells)
            ):
                yield glob
        self.used.clear()

    def find(self, case, label):
        pin, rest = case.split("/", 1)
        like = f"{self.like.get(pin, pin)}/{rest}"
        for glob, cells in self.rows:
            if fits(glob, case) or fits(glob, like):
                self.used.add(glob)
                return cells[label]
        return None


# --- what a run found --------------------------------------------------------


def lost_pages(loss):
    pages = set()
    for part in loss["ranges"]:
        pages.update(range(part["first"], part["first"] + part["count"]))
    return pages


def extent(cell, leaks):
    """Which pages leaked, or are lost, by each kind of loss alike, in words"""
    evidence = cell["evidence"]
    losses = [
        loss
        for loss in (evidence["losses"] if evidence else [])
        if (loss["loss"] == "leak") == leaks
    ]
    if not losses:
        return None
    of = evidence["sample_of"]
    # What a slow device transfers of so many; else all that is there
    every = {0, of - 1, evidence["watched_page"]} if of else set(range(cell["pages"]))
    words = {
        "one": {evidence["watched_page"]},
        "half": {page for page in every if page >= (of or cell["pages"]) // 2},
        "all": every,
        "others": every - {evidence["watched_page"]},
        "but-first": every - {0},
    }
    for word, pages in words.items():
        count = losses[0]["pages"] if leaks else cell["pages_lost"]
        if count == len(pages) and all(lost_pages(loss) == pages for loss in losses):
            return word
    return "other"


def condense(cell):
    """A cell without what differs from run to run"""
    evidence = cell["evidence"]
    return {
        "case": cell["case"],
        "verdict": cell["verdict"],
        "loss": ",".join(loss for loss in cell["loss"] if loss != "leak"),
        "lost": extent(cell, False),
        "leaked": extent(cell, True),
        "expectation": cell["expectation"],
        "class": cell["pin_class"],
        "observed": evidence["observed_class"] if evidence else None,
        "reason": cell["reason"],
    }


def found(cell):
    """What a condensed cell says, in words"""
    if cell["verdict"] != "out-of-sync":
        return cell["verdict"]
    lost = f"{cell['loss']} of {cell['lost']}" if cell["loss"] else ""
    leaked = f"leak of {cell['leaked']}" if cell.get("leaked") else ""
    return " and ".join(filter(None, (lost, leaked)))


def check_truth(cell, label, truth):
    """A condensed cell is as the table has it"""
    pin = cell["case"].split("/")[0]
    if pin not in truth.pins:
        yield f"the table does not have the pin {pin}"
        return
    wanted = truth.find(cell["case"], label)
    if not truth.has(pin, label):
        if cell["verdict"] != "skipped":
            yield f"{found(cell)}, not skipped"
        return
    kind, losses = truth.pin(pin, label)
    if wanted is None:
        yield "the table does not have it"
        return
    words = []
    for part in wanted.split("+"):
        verdict, _, pages = part.partition(":")
        kinds = ",".join(sorted(losses)) if verdict == "lost" else verdict
        words.append(f"{kinds} of {pages}" if pages else verdict)
    verdict = " and ".join(words)
    if found(cell) != verdict:
        yield f"{found(cell)}, not {verdict}: {cell['reason']}"
    if cell["verdict"] == "skipped":
        return
    if cell["class"] != kind:
        yield f"class {cell['class']}, not {kind}"
    classes = {observed(kind)}
    # FOLL_PIN may not count a zero page where it only reads (6.5, c8070b787519), and VFIO
    # lets go of it at once.
    if "/zero" in cell["case"]:
        classes = {None, "pin"}
    if cell["observed"] not in classes:
        yield f"the kernel counts {cell['observed']}, not {classes}"
    yield from check_expectation(cell)


def check_expectation(cell):
    """thpin's own rule agrees, in both directions"""
    lost = cell["verdict"] == "out-of-sync"
    wanted = ("hazard", "by-design") if lost else ("promised",)
    if cell["expectation"] not in wanted:
        yield f"{cell['verdict']}, and the rule says {cell['expectation']}"


def check_live(cell, truth, label):
    """What only a fresh run has"""
    evidence = cell["evidence"]
    if cell["unexpected"]:
        yield f"unexpected by thpin's own rule {cell['rule']}"
    if not evidence or cell["verdict"] == "skipped":
        return
    # What is looked for in these is a leak and nothing else.
    leak = cell["race"].startswith("leak-")
    wanted = {"leak"} if leak else truth.pin(cell["pin"], label)[1]
    if set(evidence["compared"]) - ({"leak"} - wanted) != wanted:
        yield f"compared {evidence['compared']}"
    if evidence["kernel_warnings"]:
        yield f"kernel warning: {evidence['kernel_warning']}"
    for loss in evidence["losses"]:
        sides = ("seen", "wanted") if loss["loss"] == "leak" else ("cpu", "device")
        if loss[f"{sides[0]}_bytes"] == loss[f"{sides[1]}_bytes"]:
            yield f"{loss['loss']}: both sides have the same bytes"


def check_cover(cells, truth):
    """Every pin with every memory and race that another pin has; every line is used"""
    names = [cell["case"] for cell in cells]
    if len(set(names)) != len(names):
        yield "a case is there twice"
    rest = {cell["case"].split("/", 1)[1] for cell in cells if not cell.get("control")}
    for pin in sorted(truth.wanted):
        for other in sorted(rest):
            if f"{pin}/{other}" not in names:
                yield f"no {pin}/{other}"
    for glob in truth.unused(names):
        yield f"no case for the line {glob}"


def check_summary(result):
    summary = result["summary"]
    for key in ("unexpected", "flaky", "no_effect", "errors"):
        if summary[key]:
            yield f"{key}: {summary[key]}"
    for key in ("detector_failed", "interrupted"):
        if summary[key]:
            yield key
    # Controls that thpin added are not among those that were asked for.
    asked = [cell for cell in result["cases"] if not cell["control"]]
    lost = sum(cell["verdict"] == "out-of-sync" for cell in asked)
    if summary["out_of_sync"] != lost or summary["cases"] != len(asked):
        yield "the counts are not those of the cells"


def check_schema(result):
    # pylint: disable=import-outside-toplevel # only a live run needs it
    import jsonschema

    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    for error in list(jsonschema.Draft7Validator(schema).iter_errors(result))[:5]:
        yield "/".join(map(str, error.path)) + ": " + error.message[:200]


# --- runs --------------------------------------------------------------------


def read(directory, name):
    with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as file:
        return file.read()


def exit_status(cells):
    if all(cell["verdict"] == "skipped" for cell in cells):
        return 125
    losses = [cell for cell in cells if cell["verdict"] == "out-of-sync"]
    return int(any(cell["expectation"] != "by-design" for cell in losses))


def check_named(cells, wanted):
    """Every case that was named, and nothing else"""
    names = {cell["case"] for cell in cells}
    if names != wanted or len(cells) != len(names):
        yield f"without {sorted(wanted - names)}, with {sorted(names - wanted)}"


def check_run(tap, truth, label, directory, cells, named):
    kernel = label.removesuffix("-rt")  # which has the same truth, as far as it goes
    said = read(directory, "stderr").strip()
    try:
        result = json.loads(read(directory, "json"))
    except ValueError as error:
        tap.point(f"{label}: runs", [f"no JSON: {error}", *said.splitlines()[-20:]])
        return
    code = read(directory, "status").strip()
    seconds = read(directory, "seconds").strip()
    wanted = exit_status(result["cases"])
    tap.point(
        f"{label}: runs, with exit status {wanted}, in {seconds} s",
        ([] if code == str(wanted) else [f"exit status {code}"]) + said.splitlines(),
    )
    print(f"# {label}: {result['host']['version']}: {seconds} s")
    tap.point(
        f"{label}: is Linux {kernel}",
        (
            []
            if result["host"]["release"].startswith(f"{kernel}.")
            else [result["host"]["release"]]
        ),
    )
    tap.point(f"{label}: the JSON is what the schema says", check_schema(result))
    tap.point(f"{label}: summary", check_summary(result))
    complaints = [
        line
        for line in read(directory, "console").splitlines()
        if COMPLAINT.search(line) and not SANITIZER.match(line)
    ]
    tap.point(f"{label}: the kernel does not complain", complaints[:10])
    for cell in result["cases"]:
        short = condense(cell)
        cells[label][cell["case"]] = short
        faults = [*check_truth(short, kernel, truth), *check_live(cell, truth, kernel)]
        tap.point(f"{label}: {cell['case']}: {found(short)}", faults)
    tap.point(
        f"{label}: every pin, memory and race, every line of the table",
        check_named(result["cases"], named) if named else check_cover(result["cases"], truth),
    )


def check_milestones(tap, cells):
    for labels, case, wanted in MILESTONES:
        for label in labels.split():
            if label in cells:
                cell = cells[label].get(case)
                got = found(cell) if cell else "not there"
                tap.point(
                    f"{label}: {case} is {wanted}", [] if got == wanted else [f"it is {got}"]
                )


def check_recorded(truth, paths):
    tap = Tap()
    seen = set()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            run = json.load(file)
        label = run["kernel"]
        seen.add(label)
        faults = []
        for cell in run["cases"]:
            for fault in check_truth(cell, label, truth):
                faults.append(f"{cell['case']}: {fault}")
        faults += check_cover(run["cases"], truth)
        tap.point(f"{label}, recorded: {len(run['cases'])} cells", faults)
        check_milestones(tap, {label: {cell["case"]: cell for cell in run["cases"]}})
    tap.point("each kernel is recorded", sorted(set(truth.labels) - seen))
    tap.done()


def record(label, path):
    """One case a line, to be read in a diff"""
    with open(path, encoding="utf-8") as file:
        result = json.load(file)
    lines = [json.dumps(condense(cell)) for cell in result["cases"]]
    print("{")
    print(f'"kernel": {json.dumps(label)},')
    print(f'"version": {json.dumps(result["host"]["version"])},')
    print('"cases": [')
    print(",\n".join(lines))
    print("]")
    print("}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--truth", default=os.path.join(HERE, "truth.tsv"))
    parser.add_argument("--pins")
    parser.add_argument("--cases", default="")
    parser.add_argument("--run", nargs=2, action="append", default=[])
    parser.add_argument("--skip", nargs=2, action="append", default=[])
    parser.add_argument("--recorded", nargs="+")
    parser.add_argument("--record", nargs=2)
    options = parser.parse_args()
    if options.record:
        record(*options.record)
        return
    truth = Truth(options.truth, options.pins and options.pins.split(","))
    if options.recorded:
        check_recorded(truth, options.recorded)
    tap = Tap()
    cells = {label: {} for label, _ in options.run}
    for label, directory in options.run:
        check_run(tap, truth, label, directory, cells, set(options.cases.split()))
    if not truth.selected:
        check_milestones(tap, cells)
    for label, reason in options.skip:
        tap.skip(f"{label}: all cases", reason)
    tap.done()


main()
