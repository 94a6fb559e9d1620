#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin report: a run that Linux 6.1 lost, as a mail (golden); what is read is
# what was written; files that are not of thpin are refused in a clear line.

: "${TESTDIR:=$(cd "$(dirname "$0")/.." && pwd)}"
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:=$(dirname "$TESTDIR")/thpin}"
: "${TMPDIR:=/tmp}"
export LC_ALL=C
recorded=$TESTDIR/cli/data/lost-6.1.json

# same NAME FORMAT [RECORDED]: the report is the golden one, which THPIN_REGOLD=1
# writes anew
same() {
	local from=${3:-$recorded}
	local golden=${from%.json}.$2

	"$THPIN" report --from "$from" --format "$2" >"$TMPDIR/report"
	is "$1: exit status of the loss" $? 1
	[ "${THPIN_REGOLD:-}" ] && cp "$TMPDIR/report" "$golden"
	ok "$1 is the golden one" diff -u "$golden" "$TMPDIR/report"
}

# Runs of other kernels, recorded by "thpin boot -- repro --json": losses of FOLL_GET
# and FOLL_PIN, promises that were kept, refusals, and what the kernel does not have.
for kernel in 5.10 6.12 7.3; do
	same "the text of a run of Linux $kernel" text "$TESTDIR/cli/data/run-$kernel.json"
	is "it has at most 75 columns" "$(($(wc -L <"$TMPDIR/report") <= 75))" 1
done

same "the text of a loss of Linux 6.1" text
is "at most 60 lines" "$(($(wc -l <"$TMPDIR/report") <= 60))" 1
is "at most 75 columns" "$(($(wc -L <"$TMPDIR/report") <= 75))" 1
for part in 'Linux 6.1' 'lost write' 'seed 1' 'taint' 'command line' 'THP' 'KSM' 'swap' \
	'NUMA' 'hugetlb' 'lockdown' 'CPU' 'libraries' 'CONFIG_' 'vmstat' 'dmesg' 'rule' \
	'remedy' 'again' 'What was not tested' 'For whom' 'page ' 'class get'; do
	ok "it has: $part" grep -q -- "$part" "$TMPDIR/report"
done
ok "no page frame number" test "$(grep -cE 'PFN|0x[0-9a-f]{4,}:? ?$' "$TMPDIR/report")" -lt 2
same "markdown" markdown
is "all but headlines is a code block" "$(grep -cvE '^(#{3,4} |    |$)' "$TMPDIR/report")" 0
"$THPIN" report --full --from "$recorded" >"$TMPDIR/report"
ok "--full has page frame numbers" grep -q 'PFN 0x' "$TMPDIR/report"

"$THPIN" report --from "$recorded" --format json >"$TMPDIR/json"
ok "what is read is what was written" cmp "$recorded" "$TMPDIR/json"
"$THPIN" explain "$recorded" >"$TMPDIR/out"
is "explain FILE" $? 0
ok "explains what happened" grep -q 'OUT OF SYNC, lost write' "$TMPDIR/out"

# --- files that nobody should trust -------------------------------------------

# refused NAME: $TMPDIR/bad.json is a usage error, in one line and a hint
refused() {
	"$THPIN" report --from "$TMPDIR/bad.json" >"$TMPDIR/out" 2>"$TMPDIR/err"
	is "$1: refused" $? 129
	is "$1: nothing on stdout" "$(cat "$TMPDIR/out")" ""
	ok "$1: says why" grep -qE '^thpin: --from .*bad.json: .{10}' "$TMPDIR/err"
	"$THPIN" explain "$TMPDIR/bad.json" >/dev/null 2>&1
	is "$1: explain as well" $? 129
}

for part in 0 1 100 2000 $(($(wc -c <"$recorded") - 3)); do
	head -c "$part" "$recorded" >"$TMPDIR/bad.json"
	refused "cut off after $part bytes"
done
truncate -s 40M "$TMPDIR/bad.json"
refused "too large"
change() { python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(d, open(sys.argv[3], "w"))' "$recorded" "$1" "$TMPDIR/bad.json"; }
change 'd["cases"][0]["evidence"]["counters"] = {"perf::page-faults": 12, "x": None}'
"$THPIN" report --from "$TMPDIR/bad.json" >"$TMPDIR/out"
ok "counters are read and shown" grep -q 'counters     perf::page-faults 12$' "$TMPDIR/out"
while read -r statement; do
	change "$statement"
	refused "$statement"
done <<'END'
d = []
d["cases"] = {}
d["cases"][0] = 7
d["cases"][0]["pin"] = "no-such-pin"
d["cases"][0]["rule"] = "no-such-rule"
d["cases"][0]["verdict"] = 3
d["cases"][0]["pages"] = -1
d["cases"][0]["pages"] = 1e300
d["cases"][0]["trials_lost"] = 2**40
d["cases"][0]["events"] *= 100
d["cases"][0]["events"][0]["actor"] = "page"
d["cases"][0]["events"][0]["text"] = "x" * 5000
d["cases"][0]["events"][0]["text"] = "a\0b"
d["cases"][0]["evidence"]["losses"][0]["cpu_bytes"] = "zz"
d["cases"][0]["evidence"]["losses"][0]["ranges"] *= 50
d["cases"][0]["evidence"] = None
d["cases"][0]["evidence"]["counters"] = {"x" * 100: 1}
d["cases"][0]["evidence"]["counters"] = {str(i): 1 for i in range(50)}
d["cases"][0]["evidence"]["counters"] = {"a\x1bb": 1}
d["cases"][0]["evidence"]["counters"] = {"a": "b"}
d["host"]["page_size"] = 4097
d["host"]["kernel"] = "6.1"
d["host"]["release"] = "6" * 100
d["environment"]["cpu"] = ["x"]
d["options"]["repeat"] = 0
d["thpin"]["schema"] = 2
d["summary"] = None
END
printf '\377\376{}' >"$TMPDIR/bad.json"
refused "not UTF-8"
printf '%0100000d' 0 | tr 0 '[' >"$TMPDIR/bad.json"
refused "a hundred thousand brackets"

change 'd["environment"]["cpu"] = "\x1b]0;x\x07 <b>\u009b31m```\n# x"'
"$THPIN" report --format markdown --from "$TMPDIR/bad.json" >"$TMPDIR/out"
is "control characters do not get out" "$(LC_ALL=C tr -d '\n -~' <"$TMPDIR/out")" ""
is "nor does text leave its code block" "$(grep -cvE '^(#{3,4} |    |$)' "$TMPDIR/out")" 0
"$THPIN" report --from "$TMPDIR/none.json" 2>/dev/null
is "a file that is not there" $? 129
"$THPIN" report --from "$recorded" vmsplice/base/none 2>/dev/null
is "--from and cases" $? 129
done_testing
