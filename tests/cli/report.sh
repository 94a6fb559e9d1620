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

"$THPIN" report --full --from "$recorded" --format json >"$TMPDIR/json"
ok "what is read is what was written" cmp "$recorded" "$TMPDIR/json"
"$THPIN" explain "$recorded" >"$TMPDIR/out"
is "explain FILE" $? 0
ok "explains what happened" grep -q 'OUT OF SYNC, lost write' "$TMPDIR/out"

# Where numbers have a comma; the characters are as in the C locale.
mkdir "$TMPDIR/locales"
if localedef -c -i de_DE -f ISO-8859-1 "$TMPDIR/locales/comma" >"$TMPDIR/out" 2>&1; then
	for format in text markdown html; do
		LOCPATH=$TMPDIR/locales LC_ALL=comma \
			"$THPIN" report --from "$recorded" --format $format >"$TMPDIR/report"
		ok "$format is the same in a locale with other numbers" \
			cmp "${recorded%.json}.$format" "$TMPDIR/report"
	done
else
	skip "a locale with other numbers" "localedef: $(head -n 1 "$TMPDIR/out") (Debian: locales)"
fi

# --- machines with much to tell, and what must not be told ------------------------

change() { python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(d, open(sys.argv[3], "w"))' "$recorded" "$1" "$TMPDIR/bad.json"; }

# All settings as long as they can be, and words that do not fit into a line.
change 'for key in d["environment"]:
    d["environment"][key] = ("%s=%s " % (key, "long" * 30) + "several words of " * 60)[:600]
d["cases"][0]["evidence"]["kernel_warnings"] = 1
d["cases"][0]["evidence"]["kernel_warning"] = "WARNING: CPU: 0 PID: 1 at mm/gup.c:1 " + "x" * 100
d["cases"].append(dict(d["cases"][1], case="odirect-read/thp/pageout", race="pageout", control=False,
    verdict="skipped", reason="no swap " * 18, loss=[], trials_lost=0, verdicts={"skipped": 1}))
d["thpin"]["command"] += " vmsplice/thp/none" * 2'
"$THPIN" report --from "$TMPDIR/bad.json" >"$TMPDIR/report"
is "long settings: at most 60 lines" \
	"$(wc -l <"$TMPDIR/report" | awk '{ print ($1 > 40 && $1 <= 60 ? "yes" : $1) }')" yes
is "long settings: at most 75 columns" "$(($(wc -L <"$TMPDIR/report") <= 75))" 1
ok "what is cut is said to be" grep -q -- '\.\.\. (--full)$' "$TMPDIR/report"
"$THPIN" report --full --from "$TMPDIR/bad.json" >"$TMPDIR/report"
is "--full cuts nothing" "$(tr -d '\n ' <"$TMPDIR/report" | grep -o severalwordsof | wc -l)" \
	"$(tr -d '\n ' <"$TMPDIR/bad.json" | grep -o severalwordsof | wc -l)"

change 'path = "/srv/secret/db.file"
d["options"]["file"] = path
d["thpin"]["command"] = "repro --file " + path + " --save=/home/jane/run.json -O ./here/x -O/tmp/y odirect-file/base/none"
e = d["cases"][0]
e["events"][0]["text"] = "opens " + path
e["pin"], e["case"] = "odirect-file", "odirect-file/thp/fork-parent-write"
e["evidence"]["kernel_warnings"] = 1
e["evidence"]["kernel_warning"] = "BUG at ffff888100000000 in /home/jane/x of " + path'
for format in text markdown html json; do
	"$THPIN" report --from "$TMPDIR/bad.json" --format $format >"$TMPDIR/report"
	is "$format: no path, no address, no page frame" "$(tr -d '\n ' <"$TMPDIR/report" |
		grep -oE 'secret|db\.file|jane|here/x|/tmp/y|ffff8881|PFN0x|"pfn[a-z_]*":"0x' | sort -u)" ""
	"$THPIN" report --full --from "$TMPDIR/bad.json" --format $format >"$TMPDIR/report"
	is "$format: all of it with --full" "$(tr -d '\n ' <"$TMPDIR/report" |
		grep -oE 'db\.file|jane|here/x|/tmp/y|ffff8881' | sort -u | wc -l)" 5
done

# The path is a word of its own: of others that have it in them nothing is hidden.
change 'd["options"]["file"] = "file"
d["thpin"]["command"] = "repro --file file odirect-file/base/none"
c = d["cases"][0]
c["pin"], c["case"] = "odirect-file", "odirect-file/thp/fork-parent-write"
c["events"][0]["text"] = "opens file, a file: (file) profile filed"'
"$THPIN" report --from "$TMPDIR/bad.json" --format json >"$TMPDIR/report"
is "a short path: the command" "$(grep '"command"' "$TMPDIR/report")" \
	'  "command": "repro --file FILE odirect-file/base/none"'
like "a short path: an event" "$(cat "$TMPDIR/report")" \
	'"opens FILE, a FILE: \(FILE\) profile filed"'
"$THPIN" report --from "$TMPDIR/bad.json" >"$TMPDIR/report"
like "a short path: again" "$(cat "$TMPDIR/report")" \
	'again +thpin repro --file=FILE odirect-file/thp/fork-parent-write$'

# The command of a run is one for a shell, whatever the names.
secret="$TMPDIR/a secret's"
mkdir "$secret" && truncate -s 4M "$secret/file"
"$THPIN" repro --file "$secret/file" --save="$secret/run.json" -O "$secret/run.json" \
	'vmsplice/base/non*' odirect-file/base/none >/dev/null 2>&1
is "the command of a run is quoted" "$(python3 -c 'import json, shlex, sys
print(*shlex.split(json.load(open(sys.argv[1]))["thpin"]["command"]), sep="\n")' "$secret/run.json")" \
	"repro
--file
$secret/file
--save=$secret/run.json
-O
$secret/run.json
vmsplice/base/non*
odirect-file/base/none"
for format in text markdown html json; do
	"$THPIN" report --from "$secret/run.json" --format $format >"$TMPDIR/report"
	is "$format: no path that is quoted" "$(grep -o secret "$TMPDIR/report")" ""
done
is "a quoted path: the command" "$(grep '"command"' "$TMPDIR/report")" \
	"  \"command\": \"repro --file FILE --save=FILE -O FILE 'vmsplice/base/non*' odirect-file/base/none\""
rm -r "$secret"

# Made here, not read: neither this machine's name nor its user's.
for format in text markdown html json; do
	"$THPIN" report --format $format vmsplice/base/fork-parent-write >"$TMPDIR/report" 2>&1
	is "$format, made here: whose machine it is" "$(grep -oiwE \
		"$(uname -n)|$(id -un | sed 's/^root$/no-user/')|${TMPDIR}|${HOME:-/no/home}" \
		"$TMPDIR/report" | sort -u)" ""
done

# --- whatever thpin writes, it reads ------------------------------------------------

# A run of all cases is 50 MB.
{ cat "$recorded"; head -c 40M /dev/zero | tr '\0' ' '; } >"$TMPDIR/bad.json"
"$THPIN" report --from "$TMPDIR/bad.json" >"$TMPDIR/report" 2>&1
is "a file of 40 MiB" $? 1
long='d["thpin"]["command"] = "repro --json" + " vmsplice/thp/none" * 300 + " the/last/one"
d["options"]["file"] = "/srv" + "/dir" * 500'
change "$long"
"$THPIN" report --from "$TMPDIR/bad.json" >"$TMPDIR/report"
is "a long command" $? 1
is "at most 60 lines with it" "$(($(wc -l <"$TMPDIR/report") <= 60))" 1
change "$long"'
d["options"]["node"] = ",".join(map(str, range(0, 200, 2)))
d["cases"][0]["evidence"]["counters"] = {"perf::" + "long" * 50: 1}'
"$THPIN" report --from "$TMPDIR/bad.json" >"$TMPDIR/report"
is "long lists of nodes and counters" $? 1
is "at most 75 columns" "$(($(wc -L <"$TMPDIR/report") <= 75))" 1
"$THPIN" report --full --from "$TMPDIR/bad.json" >"$TMPDIR/report"
ok "--full has all of the command" grep -q 'the/last/one$' "$TMPDIR/report"
"$THPIN" report --full --from "$TMPDIR/bad.json" --format json >"$TMPDIR/json"
is "json is the same as before" "$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1])) == json.load(open(sys.argv[2])))' "$TMPDIR/bad.json" "$TMPDIR/json")" True

# The longest names that there are.
longest() { "$THPIN" list "$1" -nr -o NAME | awk 'length > length(name) { name = $1 } END { print name }'; }
change "d['cases'][0].update(pin='$(longest pins)', memory='$(longest memory)', race='$(longest races)')"
"$THPIN" report --from "$TMPDIR/bad.json" >"$TMPDIR/report"
is "long names: at most 75 columns" "$(($(wc -L <"$TMPDIR/report") <= 75))" 1

# The command that runs the case again is whole, and for a shell.
change "$long"'
d["options"].update(timeout_ms=30000)
d["options"]["file"] += " of mine"
d["cases"][0].update(pin="odirect-file", case="odirect-file/thp/fork-parent-write")'
"$THPIN" report --full --from "$TMPDIR/bad.json" >"$TMPDIR/report"
like "again: time and file" "$(tr -d '\n ' <"$TMPDIR/report")" \
	"thpinrepro--timeout=30--file='/srv(/dir){500}ofmine'odirect-file/thp/fork-parent-write"

# --- what a report answers ----------------------------------------------------------

# answers NAME CHANGE STATUS CLASS TITLE SENTENCE: of the run after the CHANGE
answers() {
	change "c, control = d[\"cases\"]
kept = dict(verdict=\"in-sync\", loss=[], trials_lost=0, verdicts={\"in-sync\": 1})
c.update(kept)
$2"
	"$THPIN" report --from "$TMPDIR/bad.json" --format html >"$TMPDIR/report"
	is "$1: exit status" $? "$3"
	like "$1: the class" "$(cat "$TMPDIR/report")" "<p class=\"verdict $4\">"
	like "$1: the headline" "$(cat "$TMPDIR/report")" "<h1>$5</h1>"
	"$THPIN" report --from "$TMPDIR/bad.json" --format markdown >"$TMPDIR/report"
	is "$1: markdown has it" "$(head -n 1 "$TMPDIR/report")" "### $5"
	like "$1: the sentence" "$(tr '\n' ' ' <"$TMPDIR/report" | tr -s ' ')" "$6"
	[ "$4" = good ] || is "$1: nobody is told that all is well" \
		"$(grep -c 'nothing was found that should not be' "$TMPDIR/report")" 0
}

open='Whether device and CPU see the same memory was not found out'
answers "in sync" '' 0 good 'Device and CPU see the same memory' \
	'no loss in 1 case, of which 1 was compared'
answers "refused" 'c.update(verdict="refused", reason="EBUSY", verdicts={"refused": 1})' 0 good \
	'Device and CPU see the same memory' 'no loss in 1 case; 1 refused by the kernel'
answers "skipped" 'c.update(verdict="skipped", reason="no swap", verdicts={"skipped": 1}, trials=0)
d["cases"].pop()' 125 warn "$open" 'in 1 case nothing was compared'
answers "nothing but errors" 'c.update(verdict="error", reason="killed", verdicts={"error": 1})' \
	128 warn "$open" 'thpin failed: 1 error; no loss in 1 case, of which 0 were compared'
answers "a control without a loss" 'control.update(kept)' 125 warn "$open" \
	'the detector FAILED: no control of odirect-read lost anything'
answers "interrupted" 'd["summary"]["interrupted"] = True' 130 warn "$open" 'INTERRUPTED; no loss'
answers "no case" 'd["cases"] = []' 125 warn "$open" 'no case was run'
answers "by design only" 'd["cases"] = [dict(control, control=False)]' 0 warn "$open" \
	'no loss in 1 case but 1 by design, and no other was compared'
"$THPIN" report --pid $$ --save "$TMPDIR/saved" >/dev/null 2>"$TMPDIR/err"
is "--save of a process alone: exit status" $? 129
like "what to do instead" "$(cat "$TMPDIR/err")" 'without cases .* --format json'
is "nothing is written" "$(ls "$TMPDIR/saved" 2>/dev/null)" ""

# --- what happened in a run: also when nothing was lost -----------------------------

change 'd["cases"][0].update(verdict="error", reason="the worker was killed by signal 9 (Killed)",
    loss=[], trials_lost=0, verdicts={"error": 1})
d["cases"][1]["rule"] = None
d["cases"][1]["control"] = False'
"$THPIN" explain "$TMPDIR/bad.json" >"$TMPDIR/out"
ok "explain FILE: an error with its reason" grep -q 'killed by signal 9' "$TMPDIR/out"
ok "explain FILE: what no rule explains" grep -q '^UNEXPECTED: odirect-read/' "$TMPDIR/out"
ok "explain FILE: the counts" grep -q '1 error' "$TMPDIR/out"

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
truncate -s 300M "$TMPDIR/bad.json"
refused "too large"
rm "$TMPDIR/bad.json"
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
d["cases"][0]["trials_lost"] = 0
d["cases"][1].update(control=False, verdict="in-sync", loss=[], verdicts={"in-sync": 1})
d["cases"][1].update(control=False, verdict="error", reason="x", loss=[], verdicts={"error": 1})
d["cases"][0]["events"] *= 100
d["cases"][0]["events"][0]["actor"] = "page"
d["cases"][0]["events"][0]["text"] = "x" * 5000
d["cases"][0]["events"][0]["text"] = "a\0b"
d["cases"][0]["evidence"]["losses"][0]["cpu_bytes"] = "zz"
d["cases"][0]["evidence"]["losses"][0]["ranges"] *= 50
d["cases"][0]["evidence"] = None
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
"$THPIN" report --from "$recorded" --seed 4 2>/dev/null
is "--from and --seed" $? 129
done_testing
