# SPDX-License-Identifier: GPL-2.0-or-later
"""
matrix_run.py RECORDED TEMPLATE: a whole default matrix as "thpin repro --json" would
have written it, on stdout: the cells of RECORDED (tests/vm/recorded/LABEL.json) with
the evidence of the loss in TEMPLATE, as far as the cell does not say other.
"""

import copy
import json
import sys

PAGES, PAGE = 512, 189


def ranges(word):
    if word == "one":
        return [(PAGE, 1)]
    if word == "half":
        return [(PAGES // 2, PAGES // 2)]
    if word == "others":
        return [(0, PAGE), (PAGE + 1, PAGES - PAGE - 1)]
    if word == "but-first":
        return [(1, PAGES - 1)]
    return [(0, PAGES)]


def loss(template, kind, word):
    found = next(one for one in template["evidence"]["losses"] if (one["loss"] == "leak") == (kind == "leak"))
    found = copy.deepcopy(found)
    found["loss"] = kind
    found["ranges"] = [{"first": first, "count": count} for first, count in ranges(word)]
    found["pages"] = sum(count for _, count in ranges(word))
    return found


def spans(word, by_design):
    after = "exclusive" if by_design else "shared"
    found, at = [], 0
    for first, count in ranges(word) if word else []:
        if first > at:
            found.append((at, first - at, after, False))
        found.append((first, count, "exclusive", True))
        at = first + count
    if at < PAGES:
        found.append((at, PAGES - at, after, False))
    return [
        {"first": first, "count": count, "before": "exclusive", "after": state, "moved": moved}
        for first, count, state, moved in found
    ]


def fill(template, cell):
    case = copy.deepcopy(template)
    case["case"] = cell["case"]
    case["pin"], case["memory"], case["race"] = cell["case"].split("/")
    case["verdict"], case["reason"] = cell["verdict"], cell["reason"]
    case["expectation"] = cell["expectation"]
    case["pin_class"] = cell["class"]
    case["verdicts"] = {cell["verdict"]: 1}
    if cell["verdict"] != "out-of-sync":
        case["rule"] = None
        case["loss"], case["evidence"]["losses"] = [], []
        case["trials_lost"] = case["pages_lost"] = 0
        case["evidence"]["pfns_moved"] = 0
        return case
    by_design = cell["expectation"] == "by-design"
    case["rule"] = "discard" if by_design else "get-fork" if cell["class"] == "get" else "wp-refcount"
    kinds = [(kind, cell["lost"]) for kind in cell["loss"].split(",") if kind]
    if cell["leaked"]:
        kinds.append(("leak", cell["leaked"]))
    case["loss"] = [kind for kind, _ in kinds]
    case["evidence"]["losses"] = [loss(template, kind, word) for kind, word in kinds]
    case["evidence"]["spans"] = spans(cell["lost"], by_design)
    return case


def main():
    with open(sys.argv[1]) as file:
        cells = json.load(file)["cases"]
    with open(sys.argv[2]) as file:
        run = json.load(file)
    template = run["cases"][0]
    run["cases"] = [fill(template, cell) for cell in cells]
    json.dump(run, sys.stdout, indent=1)


main()
