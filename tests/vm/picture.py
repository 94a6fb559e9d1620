# SPDX-License-Identifier: GPL-2.0-or-later
"""
picture.py [--check] RECORDED...

Make the table "which kernel loses what" from recorded runs, and put it between
the marks in README and man/thpin.7; with --check, only say whether it is there
as it should be.
"""

import itertools
import json
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# (file, line before, line after): what is between is replaced
PLACES = [
    ("README", "    .. picture begin", "    .. picture end"),
    ("man/thpin.7", '.\\" picture begin', '.\\" picture end'),
]

LEGEND = """\
=       in sync: no byte differs, in any direction that the pin has
(=)     in sync: the kernel refused to do it to the pinned pages
X       out of sync, a known hazard of this kernel
x       out of sync as the caller asked for: the control
one     lost: the page that was written or discarded
half    lost: the half that was write-protected or replaced
all     lost: every page
leak    the child sees what the device wrote for the parent
-       this kernel has no such call"""


def version(label):
    return [int(part) for part in label.split(".")]


def word(cell):
    if cell["verdict"] == "out-of-sync":
        mark = "x" if cell["expectation"] == "by-design" else "X"
        leak = "leak" if cell.get("leaked") else None
        return f"{mark} {', '.join(filter(None, (cell['lost'], leak)))}"
    return {"in-sync": "=", "refused": "(=)", "skipped": "-"}.get(cell["verdict"], cell["verdict"])


def read(paths):
    """The labels, and for each race {(pin, memory): words of all kernels}"""
    runs = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            runs.append(json.load(file))
    runs.sort(key=lambda run: version(run["kernel"]))
    races = {}
    for run in runs:
        for cell in run["cases"]:
            pin, memory, race = cell["case"].split("/")
            races.setdefault(race, {}).setdefault((pin, memory), []).append(word(cell))
    return [run["kernel"] for run in runs], races


def unique(items):
    return list(dict.fromkeys(items))


def rows_of(cells):
    """[(pins, memory kinds, words)]: what is the same in each of both is one row"""
    pins = unique(pin for pin, _ in cells)
    memories = unique(memory for _, memory in cells)
    alike = {}
    for pin in pins:
        key = tuple(tuple(cells[pin, memory]) for memory in memories)
        alike.setdefault(key, []).append(pin)
    rows = []
    for key, group in alike.items():
        by_words = {}
        for memory, words in zip(memories, key):
            by_words.setdefault(words, []).append(memory)
        for words, kinds in by_words.items():
            rows.append((tuple(group), tuple(kinds), words))
    return rows


def pins_word(group, pins):
    if list(group) == pins:
        return "all"
    direct = [pin for pin in pins if pin.startswith("odirect-")]
    if list(group) == direct:
        return "odirect-*"
    return ", ".join(group) if len(group) < 3 else "the others"


def memory_word(kinds, memories):
    return "all" if list(kinds) == memories else ", ".join(kinds)


def table(labels, races):
    pins = unique(pin for cells in races.values() for pin, _ in cells)
    memories = unique(memory for cells in races.values() for _, memory in cells)
    blocks = {}  # races that are alike throughout
    for race, cells in races.items():
        kinds = unique(memory for _, memory in cells)
        rows = [
            (pins_word(group, pins), memory_word(some, memories), words)
            for group, some, words in rows_of(cells)
        ]
        rows = tuple(sorted(rows, key=lambda row: row[0] == "the others"))
        blocks.setdefault((rows, tuple(kinds)), []).append(race)
    lines = [["race", "pin", "memory", *labels]]
    for (rows, _), names in blocks.items():
        for name, row in itertools.zip_longest(names, rows, fillvalue=""):
            pin, memory, words = row or ("", "", [""] * len(labels))
            comma = "," if name and name != names[-1] else ""
            lines.append([name + comma, pin, memory, *words])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip()
        for line in lines
    ]


def in_readme(text):
    return ["", *(f"    {line}".rstrip() for line in text), ""]


def in_man(text):
    return [".EX", *(line.replace("\\", "\\e").replace("-", "\\-") for line in text), ".EE"]


def main():
    paths = sys.argv[1:]
    check = paths[:1] == ["--check"]
    labels, races = read(paths[check:])
    text = [*table(labels, races), "", *LEGEND.splitlines()]
    stale = 0
    for (name, begin, end), form in zip(PLACES, (in_readme, in_man)):
        path = os.path.join(TOP, name)
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")
        if begin not in lines or end not in lines:
            sys.exit(f"{name} has no place for the picture ({begin.strip()})")
        first, last = lines.index(begin), lines.index(end)
        lines[first + 1 : last] = form(text)
        new = "\n".join(lines)
        with open(path, encoding="utf-8") as file:
            same = file.read() == new
        if same:
            continue
        if check:
            print(f"{name}: the picture is not that of the recorded runs; run make picture")
            stale = 1
        else:
            with open(path, "w", encoding="utf-8") as file:
                file.write(new)
    sys.exit(stale)


if __name__ == "__main__":
    main()
