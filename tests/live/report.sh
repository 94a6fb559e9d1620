#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# thpin report --pid: what inspect finds of a process whose pin has parted from its
# memory, in all formats, alone and with cases.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"

: "${THPIN:?}" "${TMPDIR:?}"

"$THPIN" hold --diverge 3 >"$TMPDIR/hold" 2>"$TMPDIR/why" &
holder=$!
trap 'kill $holder 2>/dev/null' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -s "$TMPDIR/hold" ] && break
	kill -0 $holder 2>/dev/null || skip_all "thpin hold: $(cat "$TMPDIR/why")"
	sleep 0.2
done
"$THPIN" list probes -nr -o NAME,AVAILABLE | grep -qE '^(bpf|kcore) yes$' ||
	skip_all "kernel memory cannot be read here (thpin list probes)"

"$THPIN" report --pid $holder >"$TMPDIR/text"
is "a process out of sync: exit status" $? 1
like "the sentence" "$(tr '\n' ' ' <"$TMPDIR/text")" \
	"3 pinned pages of process $holder \\(thpin\\) are no longer those that it has mapped"
like "the holder" "$(cat "$TMPDIR/text")" '^  io_uring +[0-9]+ .* longterm +509 +3$'
like "the hazard, and what to do" "$(tr '\n' ' ' <"$TMPDIR/text" | tr -s ' ')" \
	'pinned-diverged: .* To do: stop the I/O'
is "at most 75 columns" "$(wc -L <"$TMPDIR/text" | awk '{ print ($1 <= 75) }')" 1
start=$(sed 's/.*"start":"0x\([0-9a-f]*\)".*/\1/' "$TMPDIR/hold")
is "no address" "$(grep -c "$start" "$TMPDIR/text")" 0
ok "--full has it" sh -c "'$THPIN' report --full --pid $holder | grep -q $start"
"$THPIN" report --pid $holder --format markdown >"$TMPDIR/text"
is "markdown: all but headlines is a code block" \
	"$(grep -cvE '^(#{3,4} |    |$)' "$TMPDIR/text")" 0
"$THPIN" report --pid $$ --format markdown >"$TMPDIR/text"
is "a process that nothing pins: exit status" $? 0
is "no page was compared" "$(head -n 1 "$TMPDIR/text")" \
	"### Whether device and CPU see the same memory was not found out"
"$THPIN" report --pid $holder --format html vmsplice/base/none >"$TMPDIR/html"
ok "html: the holder" grep -q '<td>io_uring</td>' "$TMPDIR/html"
ok "html: the case" grep -q '<td class="good">=</td>' "$TMPDIR/html"
like "html: the process comes first" "$(cat "$TMPDIR/html")" 'class="verdict bad">[^<]* 3 pinned pages'
if command -v tidy >/dev/null; then
	is "html: tidy finds nothing" "$(tidy -q -e "$TMPDIR/html" 2>&1)" ""
else
	skip "html: tidy finds nothing" "there is no tidy (Debian: tidy)"
fi
"$THPIN" hold --pin vmsplice --memory base --size 3M -- report --pid {} >"$TMPDIR/text" 2>&1
like "three holders with one hazard" "$(tr '\n' ' ' <"$TMPDIR/text" | tr -s ' ')" \
	'was found out of sync; 1 hazard\.'
"$THPIN" report --pid $holder --format json vmsplice/base/none >"$TMPDIR/json"
is "json: both" "$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(len(d["cases"]) > 0, [h["hazard"] for h in d["inspection"]["hazards"]][0])' "$TMPDIR/json")" \
	"True pinned-diverged"
"$THPIN" report --from "$TMPDIR/json" 2>"$TMPDIR/why"
is "which --from refuses" $? 129
like "with the reason" "$(cat "$TMPDIR/why")" 'only --pid can make a report'
"$THPIN" report --pid $holder --from "$TMPDIR/json" 2>/dev/null
is "--pid and --from" $? 129
"$THPIN" report --pid 4194303 2>/dev/null
is "no such process" $? 125
done_testing
