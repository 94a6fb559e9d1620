#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
# cores: 1
#
# What thpin repro and thpin list write: tables, JSON, KTAP, characters and colour.
# Nothing here needs rights: the cases are of base pages and vmsplice(2), which
# are on every kernel.

set -u
export LC_ALL=C
# shellcheck source=tests/said.sh
. "${TESTDIR:?}/said.sh"

thpin repro --list "$sync" "$loss"
like "--list: headings" "$(head -n 1 out)" '^CASE +VERDICT '
is "--list: a row a case, without controls" "$(wc -l <out)" 3
like "--list: a loss" "$out" "^$loss +out-of-sync +stale-read +hazard "
thpin repro -o VERDICT,CASE "$sync"
like "-o: these columns, in this order" "$(sed -n 2p out)" "^in-sync +$sync *$"
thpin repro --list "$sync"
columns=$(head -n 1 out | wc -w)
thpin repro -o +MS,PAGES "$sync"
is "-o +: two more columns" "$(head -n 1 out | wc -w)" $((columns + 2))
like "-o +: last" "$(head -n 1 out)" ' MS +PAGES *$'
thpin repro --noheadings -o CASE "$loss" "$sync"
is "--noheadings" "$(sort out)" "$loss
$sync"
thpin repro --raw --noheadings -o CASE,VERDICT,REASON "${skipped[@]}"
like "--raw: three words" "$out" '^vmsplice/thp/none skipped [^ ]+$'
thpin repro --noheadings -o case "$sync"
is "-o: in lower case" "$(tr -d ' ' <out)" "$sync"
while read -r column _; do
	thpin repro --no-control --noheadings -o "$column" "$loss"
	if [ $status != 1 ] || [ "$(wc -l <out)" != 1 ] || [ -n "$err" ]; then
		echo "$column: $status: $out $err"
	fi
done < <("$THPIN" repro --list-columns) >bad
is "--list-columns: each of them" "$(<bad)" ""

thpin repro --ktap --no-control "$sync" "$loss" "${skipped[@]}"
is "--ktap: head" "$(head -n 2 out)" "KTAP version 1
1..3"
like "--ktap: in sync" "$out" "^ok [123] $sync"
like "--ktap: a loss" "$out" "^not ok [123] $loss"
like "--ktap: a skip" "$out" '^ok [123] vmsplice/thp/none # SKIP .'
is "--ktap: nothing else" "$(grep -Ecv '^#|^(not )?ok [0-9]+ ' out)" 2

for list in pins memory races cases rules probes; do
	exits "list $list" 0 list $list
	thpin list --json $list
	python "list --json $list" 'import json; json.load(open("out"))'
done
thpin list --noheadings --raw -o CASE,LEVEL cases
sed -n 's/ default$//p' out >names
thpin repro --json --size 64K
python "repro runs the default cases that list has, except what cannot apply" '
import json
ran = {case["case"] for case in json.load(open("out"))["cases"]}
listed = set(open("names").read().split())
assert ran < listed, ran - listed
assert all("/split-" in name for name in listed - ran), listed - ran'

# Bytes that are not ASCII come only where the locale has them.
for format in '' --list --json --ktap; do
	# shellcheck disable=SC2086
	"$THPIN" repro $format 'vmsplice/*/fork-*-write' >out 2>&1
	is "ASCII in the C locale: repro $format" "$(LC_ALL=C grep -c '[^ -~	]' out)" 0
	# shellcheck disable=SC2086
	LC_ALL=C.UTF-8 "$THPIN" repro $format 'vmsplice/*/fork-*-write' >out 2>&1
	ok "UTF-8 in a UTF-8 locale: repro $format" iconv -f UTF-8 -t UTF-8 out
done

# escapes NAME WANTED VARIABLES ARGUMENT...: colour, "yes" or "no", on a terminal
escapes() {
	local name=$1 wanted=$2 variables=$3

	shift 3
	# shellcheck disable=SC2086 # several
	env TERM=xterm $variables python3 -B -c '
import os, pty, sys
os.close(2); os.open("err", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
pty.spawn(sys.argv[1:])' "$THPIN" repro "$@" </dev/null >out
	is "$name" "$(grep -q $'\033\[[0-9;]*m' out && echo yes || echo no)" "$wanted"
}
# colour NAME WANTED ARGUMENT...: the same into a file
colour() {
	local name=$1 wanted=$2

	shift 2
	thpin repro "$@"
	is "$name" "$(grep -q $'\033' out && echo yes || echo no)" "$wanted"
}
colour "no colour into a file" no "$loss"
colour "--color=auto into a file" no --color=auto "$loss"
colour "--color=always into a file" yes --color=always "$loss"
NO_COLOR=1 colour "--color=always overrides NO_COLOR" yes --color=always "$loss"
colour "no colour in JSON" no --color=always --json "$loss"
escapes "colour on a terminal" yes '' "$loss"
escapes "NO_COLOR" no NO_COLOR=1 "$loss"
escapes "an empty NO_COLOR" yes NO_COLOR= "$loss"
escapes "TERM=dumb" no TERM=dumb "$loss"
escapes "--color=never" no '' --color=never "$loss"
escapes "--color=always and NO_COLOR on a terminal" yes NO_COLOR=1 --color=always "$loss"

done_testing
