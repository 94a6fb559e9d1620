# SPDX-License-Identifier: GPL-2.0-or-later
"""
coverage.py --names VERSION MM	print names.tsv from the directory selftests/mm of a kernel
coverage.py --print		print what of the kernel's selftests which case covers
coverage.py --check		check map.tsv against names.tsv and "thpin list cases"; TAP

cow.c and gup_longterm.c run each of their tests with each kind of memory, and
print "TEST ... with MEMORY".  names.tsv has both halves of these names as a kernel's
source has them, map.tsv what thpin has for each: PIN/RACE for a test, a kind of
memory for the other half, or why there is nothing.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))

# Sizes in kB that the formats of memory stand for on x86-64, largest last
THP_SIZES = (16, 32, 64, 128, 256, 512, 1024, 2048)
HUGETLB_SIZES = (2048, 1048576)


def rows(name, columns):
    """The lines of a .tsv file beside this one, as tuples"""
    with open(os.path.join(HERE, name), encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            row = tuple(line.split("\t"))
            if len(row) != columns:
                sys.exit(f"{name}:{number}: {len(row)} columns, not {columns}")
            yield row


# --- names, from the source --------------------------------------------------


def table(source, name):
    """The names in one of the source's tables of tests"""
    body = re.search(rf" {name}\[\] = \{{(.*?)\n\}};", source, re.S)[1]
    return re.findall(r'^\t\t"(.*)",$', body, re.M)


def memories(source):
    """The function that runs a test with a kind of memory, and the kind's name"""
    found = re.findall(
        r'^static void (run_with_\w+)\(.*?(?:log_test_start|ksft_print_msg)\('
        r'"(?:\[RUN\] )?%s \.\.\. with (.*?)(?:\\n)?"',
        source,
        re.M | re.S,
    )
    return dict(found)


def used(source, function):
    """The kinds of memory with which a function runs its test, in order"""
    body = re.search(rf"^static void {function}\(.*?^\}}", source, re.M | re.S)[0]
    kinds = memories(source)
    return [kinds[name] for name in re.findall(r"run_with_\w+", body)]


def print_names(version, directory):
    print("# SPDX-License-Identifier: GPL-2.0-or-later")
    print("#")
    print("# Names of the tests of tools/testing/selftests/mm, and of the memory they are run")
    print(f"# with: read from Linux {version} by tests/coverage/coverage.py --names.")
    for program, groups in (
        (
            "cow.c",
            (
                ("anon", "anon_test_cases", "run_anon_test_case"),
                ("anon-thp", "anon_thp_test_cases", None),
                ("non-anon", "non_anon_test_cases", "run_non_anon_test_case"),
            ),
        ),
        ("gup_longterm.c", (("file", "test_cases", "run_test_case"),)),
    ):
        with open(os.path.join(directory, program), encoding="utf-8") as file:
            source = file.read()
        for group, tests, runner in groups:
            for text in table(source, tests):
                print(program, group, "test", text, sep="\t")
            for text in used(source, runner) if runner else ():
                print(program, group, "memory", text, sep="\t")


# --- what covers them --------------------------------------------------------


def sized(text):
    """A name of memory as it is printed, once for each size"""
    if "%zu" not in text:
        return [text]
    sizes = HUGETLB_SIZES if "hugetlb" in text else THP_SIZES
    if text in ("THP (%zu kB)", "swapped-out THP (%zu kB)"):
        sizes = THP_SIZES[-1:]  # only the size of a PMD
    return [text.replace("%zu", str(size)) for size in sizes]


def names():
    """{(program, group): (tests, kinds of memory)}, both as they are printed"""
    found = {}
    for program, group, kind, text in rows("names.tsv", 4):
        tests, memory = found.setdefault((program, group), ([], []))
        if kind == "test":
            tests.append(text)
        else:
            memory.extend(sized(text))
    return found


def mapped():
    """{(program, group, kind, text): (parts, note)}"""
    found = {}
    for program, group, kind, text, parts, note in rows("map.tsv", 6):
        key = (program, group, kind, text)
        if key in found:
            sys.exit(f"map.tsv: twice: {key}")
        found[key] = ([] if parts == "-" else parts.split(), note)
    return found


def expand():
    """Each upstream name, the cases that cover it, and the notes"""
    table_of = mapped()
    for (program, group), (tests, kinds) in names().items():
        for test in tests:
            parts, why = table_of.get((program, group, "test", test), ([], "not mapped"))
            for kind in kinds or [None]:
                memory, note = ["thp"], "-"
                name = test
                if kind:
                    key = (program, memory_group(group, test), "memory", kind)
                    memory, note = table_of.get(key, ([], "not mapped"))
                    name = f"{test} ... with {kind}"
                cases = [
                    f"{pin}/{one}/{race}"
                    for pin, race in (part.split("/") for part in parts)
                    for one in memory
                ]
                notes = [text for text in (why, note) if text != "-"]
                yield program, name, cases, "; ".join(notes) or "-"
    for (program, _, kind, text), (cases, note) in table_of.items():
        if kind == "case":
            yield program, text, cases, note


def memory_group(group, test):
    """gup_longterm.c has one table of tests for both ways to map a file"""
    if group != "file":
        return group
    return "file-shared" if "MAP_SHARED" in test else "file-private"


def print_table():
    for program, name, cases, note in expand():
        print(program, name, " ".join(cases) or "-", note, sep="\t")


# --- the check ---------------------------------------------------------------


def check_mapped():
    """Both files have the same names"""
    table_of = mapped()
    wanted = set()
    for (program, group), (tests, kinds) in names().items():
        wanted.update((program, group, "test", test) for test in tests)
        groups = {memory_group(group, test) for test in tests}
        wanted.update((program, one, "memory", kind) for one in groups for kind in kinds)
    for key in sorted(wanted - set(table_of)):
        yield f"map.tsv does not have {key}"
    for key in sorted(set(table_of) - wanted):
        if key[2] != "case":
            yield f"names.tsv does not have {key}"


def check_cases(existing):
    """Each name has cases that exist and apply, or a reason"""
    for program, name, cases, note in expand():
        if not cases and note == "-":
            yield f"{program}: {name}: neither a case nor a reason"
        for case in cases:
            if case not in existing:
                yield f"{program}: {name}: there is no {case}"
            elif re.match(r"this (memory|pin) ", existing[case]):
                yield f"{program}: {name}: {case}: {existing[case]}"


def check():
    listed = subprocess.run(
        [os.environ["THPIN"], "list", "cases", "-nr", "-o", "CASE,REASON"],
        capture_output=True,
        text=True,
        check=True,
    )
    existing = {
        case: why.replace("\\x20", " ")
        for case, _, why in (line.partition(" ") for line in listed.stdout.splitlines())
    }
    points = (
        ("every name of the selftests is mapped", list(check_mapped())),
        ("every case of the map exists", list(check_cases(existing))),
        # A list that did not load would agree with everything.
        ("there are hundreds of names", [] if len(list(expand())) > 700 else ["too few"]),
    )
    for number, (name, faults) in enumerate(points, 1):
        print(f"{'not ' if faults else ''}ok {number} - {name}")
        for fault in faults[:30]:
            print(f"# {fault}")
    total = list(expand())
    covered = sum(bool(cases) for _, _, cases, _ in total)
    print(f"# {covered} of {len(total)} names are covered")
    print(f"1..{len(points)}")
    return any(faults for _, faults in points)


def main():
    match sys.argv[1:]:
        case ["--names", version, directory]:
            print_names(version, directory)
        case ["--print"]:
            print_table()
        case ["--check"]:
            sys.exit(check())
        case _:
            sys.exit(__doc__.strip())


main()
