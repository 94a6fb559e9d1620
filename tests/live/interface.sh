#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# cores: 1
#
# thpin as scripts and people meet it: exit codes, messages, formats, signals.
# Nothing here needs rights: the cases are of base pages and vmsplice(2), which
# are on every kernel.

set -u
export LC_ALL=C
unset NO_COLOR THPIN_COLOR

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
cd "${TMPDIR:?}" || bail_out "cd $TMPDIR"

sync=vmsplice/base/none             # in sync on every kernel
sync2=vmsplice/base/fork-dontfork   # likewise
loss=vmsplice/base/fork-parent-write # a hazard on every kernel
control=vmsplice/base/dontneed-page # by design
skipped=(--size 64K vmsplice/thp/none) # no size for a THP

# thpin ARGUMENT...: sets out, err and status
thpin() {
	"${THPIN:?}" "$@" >out 2>err
	status=$?
	out=$(<out)
	err=$(<err)
}

# exits NAME STATUS ARGUMENT...
exits() {
	local name=$1 wanted=$2

	shift 2
	thpin "$@"
	is "$name: exit status" $status "$wanted" || diag "$err"
}

# json EXPRESSION [ARGUMENT...]: what python makes of "r", the object in the file
# out, and "c", its cases by name
json() {
	# shellcheck disable=SC2016
	python3 -B -c '
import json, sys
try:
    r = json.load(open("out"))
    c = {case["case"]: case for case in r["cases"]}
    print(eval(sys.argv[1]))
except Exception as error:
    print(type(error).__name__, error)' "$@"
}

# json_is NAME EXPRESSION WANTED
json_is() {
	is "$1" "$(json "$2")" "$3"
}

# python NAME CODE: it exits with 0
python() {
	ok "$1" python3 -B -c "$2"
}

# --- usage errors ------------------------------------------------------------

# usage PATTERN ARGUMENT...: 129, nothing on stdout, one line and a hint on stderr
usage() {
	local pattern=$1 name hint

	shift
	name="thpin $*"
	thpin "$@"
	hint="Try 'thpin${1:+ $1} --help'."
	case ${1-} in
	repro | list | boot | completion) ;;
	*) hint="Try 'thpin --help'." ;;
	esac
	if [ $status = 129 ] && [ -z "$out" ] && [ "$(wc -l <err)" = 2 ] &&
		[ "$(tail -n 1 err)" = "$hint" ] && head -n 1 err | grep -Eq "^thpin: $pattern"; then
		pass "$name"
	else
		not_ok "$name"
		diag "exit status $status, $(wc -c <out) bytes on stdout, not: $pattern; stderr:"
		diag "$err"
	fi
}

# suggests NAME ARGUMENT...: and the line asks for NAME
suggests() {
	local wanted=$1

	shift
	usage ".*did you mean '?(--)?$wanted'?\?" "$@"
}

suggests repro rerpo
suggests list lits
suggests uring-fixed repro --pin urng-fixed
suggests vmsplice repro --pin odirect-read,vmspliec
suggests fork-parent-write repro --race fork-parent-wrote
suggests thp-pte repro --memory thp-pe
suggests vmsplice repro vmspliec/thp/none
suggests base repro vmsplice/bsae/none
suggests dontneed-page repro vmsplice/thp/dontneed-pag
suggests json repro --jsno
suggests VERDICT repro -o VERDICTS
suggests REASON repro -o +RAESON
suggests noheadings list --noheading5 pins
suggests pins list pinz
suggests NAME list pins -o NAMES

usage ".*'zzzzzz'" zzzzzz
usage ".*'zzzzzz'" repro --pin zzzzzz
usage ".*'zzzzzz'" repro --memory zzzzzz
usage ".*'zzzzzz'" repro --race none,zzzzzz
usage ".*'zzz/thp/none'|.*'zzz'" repro zzz/thp/none
usage '.*zzzzzz' repro --zzzzzz
usage '.*"zzzzzz"' repro -o CASE,zzzzzz
usage '.*zzzzzz' list zzzzzz
usage '.*-z' repro -z
usage '.*bash' completion zsh
usage '.*bash' completion
usage '.*pins, memory, races, cases' list
usage '.*pins, memory, races, cases' list pins races

usage ".*'zz\\*'" repro 'zz*'
usage ".*'vmsplice/\\*/zz\\*'|.*'zz\\*'" repro 'vmsplice/*/zz*'
usage ".*'vmsplice/\\*'" repro 'vmsplice/*'
usage ".*'vmsplice/base/split-\\*'" repro 'vmsplice/base/split-*' # split needs a PMD
usage '.*' repro a/b/c/d
usage '.*no case' repro --memory base vmsplice/thp/none

usage '.*' ''
usage ".*''" repro ''
usage ".*''" repro --pin ''
usage ".*''" repro --memory ,
usage ".*''" repro --race none,
usage '.*""' repro -o ''
usage '.*""' repro -o +
usage '.*--size' repro --size ''
usage '.*--repeat' repro --repeat ''
usage '.*--color' repro --color=
usage '.*--counters' repro --counters=

usage '.*--pin' repro --pin
usage '.*-o' repro -o
usage '.*--json' repro --json=1
usage 'bad or incomplete option -x' repro --all -xJ
usage '.*-o' repro --all -Jo
usage '.*--json takes no argument' repro --all --json=1
usage 'a guest has no kernel that boot could boot' boot --kernel x -- boot repro
for size in x -1 0 4095 4097 1.5M 2MM 2T 99999999999999999999 17179869184G 16777216G; do
	usage '--size' repro --size $size "$sync"
done
for number in x -1 1e3 0x10 ' 5' 99999999999999999999 4294967296; do
	usage '--repeat' repro --repeat "$number" "$sync"
	usage '--seed' repro --seed "$number" "$sync"
	usage '--timeout' repro --timeout "$number" "$sync"
	usage '--node' repro --node "$number" "$sync"
done
usage '--repeat' repro --repeat 0 "$sync"
usage '--timeout' repro --timeout 0 "$sync"
usage '--node.*99' repro --node 99 "$sync"
usage '--node.*99' repro --node 0,99 "$sync"
for nodes in '' ',' '0,' 0- 1-0 0,,0; do
	usage '--node.*no list' repro --node "$nodes" "$sync"
done
usage '--file.*No such file' repro --file nothing odirect-file/base/none
usage '--file.*neither' repro --file . odirect-file/base/none
usage '--file.*odirect-file' repro --file "$THPIN" "$sync"
for option in --trials --seconds --threads; do
	usage "$option" repro $option 0 "$sync"
	usage "$option" repro $option x "$sync"
done
usage '--color.*auto, always' repro --color blue "$sync"
usage '--fail-on.*unexpected' repro --fail-on zzz "$sync"
usage '--exit.*ktap' repro --exit zzz "$sync"
if "$THPIN" --version | grep -q 'without libpfm'; then
	skip "unknown counters" "built without libpfm"
else
	usage '--counters.*zzz' repro --counters=zzz "$sync"
	usage '--counters.*zzz' repro --counters=perf::page-faults,zzz "$sync"
	usage '--counters.*8' repro --counters=a,b,c,d,e,f,g,h,i "$sync"
fi

# --- exit codes --------------------------------------------------------------

exits "in sync" 0 repro "$sync"
exits "a loss" 1 repro "$loss"
exits "a loss among others" 1 repro "$sync" "$loss" "$control"
exits "a loss by design" 0 repro "$control"
exits "all skipped" 125 repro "${skipped[@]}"
exits "a skip among others" 0 repro "${skipped[@]}" "$sync"
exits "a loss and a skip" 1 repro "${skipped[@]}" "$loss"
exits "--fail-on=loss" 1 repro --fail-on=loss "$loss"
exits "--fail-on=unexpected, a hazard" 0 repro --fail-on=unexpected "$loss"
exits "--fail-on=any-skip, in sync" 0 repro --fail-on=any-skip "$sync"
exits "--fail-on=any-skip, a skip" 125 repro --fail-on=any-skip "${skipped[@]}" "$sync"
exits "--fail-on=any-skip, a loss" 1 repro --fail-on=any-skip "${skipped[@]}" "$loss"
exits "--exit=bisect" 125 repro --exit=bisect "${skipped[@]}"
exits "--exit=ktap, in sync" 0 repro --exit=ktap "$sync"
exits "--exit=ktap, a loss" 1 repro --exit=ktap "$loss"
exits "--exit=ktap, all skipped" 4 repro --exit=ktap "${skipped[@]}"
exits "no arguments" 0
like "no arguments: help" "$out" '^Usage: thpin'
for command in '' repro list completion; do
	# shellcheck disable=SC2086 # none is no argument
	exits "$command --help" 0 $command --help
	like "$command --help: on stdout" "$out" "^Usage: thpin ${command:-SUBCOMMAND}"
done
exits "--version" 0 --version
like "--version: a number" "$out" '^thpin [0-9]+\.[0-9]+'

# --- standard output ---------------------------------------------------------

# Whatever writes to stdout says so when it cannot.
for arguments in "repro $sync" "repro --json $sync" "repro --ktap $sync" \
	"repro --list $sync" "repro --list-columns" "repro --help" \
	"list pins" "list --json cases" "completion bash" --help --version; do
	# shellcheck disable=SC2086 # several words
	err=$("$THPIN" $arguments 2>&1 >/dev/full)
	is "$arguments >/dev/full: exit status" $? 128
	like "$arguments >/dev/full: why" "$err" 'No space left on device'
	# shellcheck disable=SC2086
	err=$("$THPIN" $arguments 2>&1 >&-)
	is "$arguments >&-: exit status" $? 128
	like "$arguments >&-: why" "$err" 'Bad file descriptor'
done
{ "$THPIN" repro --json "$sync" "$loss"; echo $? >status; } 2>err | true
is "a reader that has gone: exit status" "$(<status)" 128
like "a reader that has gone: why" "$(<err)" 'Broken pipe'
"$THPIN" repro --json "$sync" >out 2>&- <&-
is "no stdin and stderr: exit status" $? 0
json_is "no stdin and stderr: JSON" 'c["vmsplice/base/none"]["verdict"]' in-sync

# --- signals -----------------------------------------------------------------

# interrupt SIGNAL: after enough time for some cases, but not for all.  Not from
# this shell, which has SIGINT ignored in the background.
interrupt() {
	python3 -B - "$1" <<-'END'
		import os, signal, subprocess, sys, time
		with open("out", "wb") as out, open("err", "wb") as err:
		    thpin = subprocess.Popen(
		        [os.environ["THPIN"], "repro", "--json", "--repeat", "400", "vmsplice/base/*"],
		        stdout=out, stderr=err, start_new_session=True)
		time.sleep(1)
		thpin.send_signal(signal.Signals[sys.argv[1]])
		try:
		    print(thpin.wait(5))
		except subprocess.TimeoutExpired:
		    thpin.kill()
		    print("hangs")
	END
}
for signal in SIGINT SIGTERM; do
	is "$signal: exit status" "$(interrupt $signal)" 130
	json_is "$signal: said in JSON" 'r["summary"]["interrupted"]' True
	json_is "$signal: some cases ran, others not" \
		'len({case["verdict"] is None for case in r["cases"]})' 2
	json_is "$signal: cases that ran" 'all(case["verdict"] != "error" for case in r["cases"])' True
done

# disturb worker|guardian SIGNAL ARGUMENT...: 20 trials of two cases in sync
disturb() {
	local who=$1 signal=$2

	shift 2
	python3 -B "$TESTDIR/live/worker.py" "$who" "$signal" "$THPIN" repro --json \
		--no-control --repeat 20 "$@" "$sync" "$sync2" >out 2>err
	status=$?
}
errors='[case["reason"] for case in r["cases"] if case["verdict"] == "error"]'

# A worker that hangs is killed when its time is over, and the others run.
disturb worker STOP --timeout 1
is "a worker hangs: exit status" $status 128
json_is "a worker hangs: why" "[reason[:22] for reason in $errors]" "['not done after 1.0 s; ']"
json_is "a worker hangs: counted" 'r["summary"]["errors"], r["summary"]["cases"]' '(1, 2)'
json_is "a worker hangs: not tried again" '[case["trials"] for case in r["cases"]]' '[1, 20]'
json_is "a worker hangs: a second is lost" '1000 < r["summary"]["ms"] < 5000' True

disturb worker SEGV
is "a worker dies: exit status" $status 128
json_is "a worker dies: why" "$errors" "['the worker was killed by signal 11 (Segmentation fault)']"
json_is "a worker dies: all trials" '[case["trials"] for case in r["cases"]]' '[20, 20]'

disturb guardian KILL
is "the guardian dies: exit status" $status 128
json_is "the guardian dies: why" "{'guardian' in reason for reason in $errors}" '{True}'

# --- options -----------------------------------------------------------------

thpin repro --json --no-control --repeat 3 "$loss" "$sync"
json_is "--repeat" '[c[n]["trials"] for n in ("'$loss'", "'$sync'")]' '[3, 3]'
json_is "--repeat: losses" '[c[n]["trials_lost"] for n in ("'$loss'", "'$sync'")]' '[3, 0]'

# page SEED: which page the race wrote, and which bytes
page() {
	thpin repro --json --no-control --seed "$1" "$loss"
	json '(lambda e: [e["watched_page"], e["losses"][0]["cpu_bytes"]])(r["cases"][0]["evidence"])'
}
first=$(page 1)
is "--seed: the same again" "$(page 1)" "$first"
thpin repro --json --no-control "$loss"
json_is "--seed 1 is the default" 'r["options"]["seed"]' 1
is "--seed 2: another page, other bytes" "$( [ "${first%,*}" != "$(page 2 | sed 's/,.*//')" ] &&
	[ "${first#*,}" != "$(page 2 | sed 's/[^,]*,//')" ] && echo yes)" yes
ok "--seed 4294967295" "$THPIN" repro --seed 4294967295 "$sync"

thpin repro --json --size 64K "$sync" "$control" vmsplice/base/remap-fixed vmsplice/thp/none vmsplice/thp-pte/none
json_is "--size 64K: base pages" \
	'[c["vmsplice/base/" + n]["pages"] == 65536 // r["host"]["page_size"] for n in ("none", "dontneed-page")]' \
	'[True, True]'
json_is "--size 64K: half is lost" \
	'(lambda x: x["pages_lost"] * 2 == x["pages"] == 2 * x["first_lost_page"])(c["vmsplice/base/remap-fixed"])' True
for memory in thp thp-pte; do
	json_is "--size 64K: $memory" 'c["vmsplice/'$memory'/none"]["verdict"]' skipped
	like "--size 64K: $memory: why" "$(json 'c["vmsplice/'$memory'/none"]["reason"]')" 'multiple of [0-9]+ KiB|no THP'
done

# The upper half of each THP
thpin repro --json --size 4M vmsplice/thp/remap-fixed
if [ "$(json 'r["cases"][0]["verdict"]')" = skipped ]; then
	skip "--size 4M: two THPs" "$(json 'r["cases"][0]["reason"]')"
else
	json_is "--size 4M: two THPs" \
		'(lambda x, half: [(p["first"] / half, p["count"] / half) for p in x["ranges"]])(
			r["cases"][0]["evidence"]["losses"][0], r["host"]["thp_size"] // r["host"]["page_size"] // 2)' \
		'[(1.0, 1.0), (3.0, 1.0)]'
fi

# With one page there is no half: whatever comes, it must not be called in sync.
thpin repro --json --no-control --size "$(getconf PAGESIZE)" vmsplice/base/remap-fixed vmsplice/base/mprotect-half-rorw
json_is "--size of one page: no half" '"in-sync" in [case["verdict"] for case in r["cases"]]' False

exits "--node 0" 0 repro --json --node 0 "$sync"
json_is "--node 0: said" 'r["options"]["node"]' 0

thpin repro --json "$sync"
json_is "a control is added" '[(case["control"], case["verdict"]) for case in r["cases"]]' \
	"[(False, 'in-sync'), (True, 'out-of-sync')]"
json_is "a control is not counted" 'r["summary"]["cases"], r["summary"]["controls_lost"]' '(1, 1)'
thpin repro --json --no-control "$sync"
json_is "--no-control" 'len(r["cases"])' 1
thpin repro --json "$sync" "$control"
json_is "no control where one was asked for" '[case["control"] for case in r["cases"]]' '[False, False]'

thpin repro --json --pin vmsplice,uring-fixed --memory 'bas?' --race 'none,fork-dont*' --no-control
json_is "--pin, --memory, --race" 'sorted(c) == sorted(f"{p}/base/{x}"
	for p in ("vmsplice", "uring-fixed") for x in ("none", "fork-dontfork"))' True

# A race that this memory cannot have runs only when named, and then says so.
thpin repro --json --no-control --pin vmsplice --memory base --race 'none,split-*'
json_is "no split of base pages" '[n for n in c if "split" in n]' '[]'
thpin repro --json --no-control vmsplice/base/split-munmap
json_is "a split of base pages" \
	'r["cases"][0]["verdict"] in ("skipped", "no-effect") and bool(r["cases"][0]["reason"])' True

# Counters are numbers, or null with a reason.
if "$THPIN" --version | grep -q 'without libpfm'; then
	skip "--counters" "built without libpfm"
else
	exits "--counters" 0 repro --json --no-control --counters "$sync"
	json_is "--counters: numbers, or a reason" '(lambda e: len(e["counters"]) > 1 and
		all(isinstance(v, int) and v >= 0 or v is None for v in e["counters"].values()) and
		(None in e["counters"].values()) == bool(e["counters_reason"]))(
		r["cases"][0]["evidence"])' True
	thpin repro --json --no-control --counters=perf::page-faults "$sync"
	json_is "--counters=LIST" 'list(r["cases"][0]["evidence"]["counters"])' "['perf::page-faults']"
	if [ "$(json 'r["cases"][0]["evidence"]["counters_reason"]')" = None ]; then
		json_is "--counters=perf::page-faults counts" \
			'r["cases"][0]["evidence"]["counters"]["perf::page-faults"] > 0' True
	else
		skip "--counters=perf::page-faults counts" \
			"$(json 'r["cases"][0]["evidence"]["counters_reason"]')"
	fi
fi

# --- formats -----------------------------------------------------------------

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

# --- a broken detector -------------------------------------------------------

# A madvise(MADV_DONTNEED) that does nothing: the race has no effect, and nothing
# is wrong with the detector.  One that clears the pages and keeps them looks like
# a discard, and no byte is lost: now thpin has to doubt itself.
cat >madvise.c <<'END'
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int madvise(void *at, size_t size, int advice)
{
	if (advice != MADV_DONTNEED)
		return (int)syscall(SYS_madvise, at, size, advice);
	if (getenv("CLEAR"))
		memset(at, 0, size);
	return 0;
}
END
if ! said=$(${CC:-cc} -shared -fPIC -o madvise.so madvise.c 2>&1); then
	skip "a broken detector" "no compiler: $said"
else
	preload=$PWD/madvise.so
	LD_PRELOAD=$preload exits "a discard that is none" 125 repro --json "$control"
	json_is "a discard that is none: verdict" \
		'r["cases"][0]["verdict"], r["cases"][0]["reason"]' "('no-effect', 'the memory is still mapped')"
	json_is "a discard that is none: the detector is not to blame" \
		'r["summary"]["detector_failed"]' False
	CLEAR=1 LD_PRELOAD=$preload exits "a discard without a loss" 125 repro --json "$sync"
	json_is "a discard without a loss: blind" \
		'r["summary"]["detector_failed"], r["summary"]["blind_pin"]' "(True, 'vmsplice')"
	CLEAR=1 LD_PRELOAD=$preload thpin repro "$sync"
	like "a discard without a loss: said" "$out" 'DETECTOR FAILED.*vmsplice'
	CLEAR=1 LD_PRELOAD=$preload exits "a loss seen by a blind detector" 125 repro "$loss"
	CLEAR=1 LD_PRELOAD=$preload exits "another control is enough" 0 repro "$sync" "$control" \
		vmsplice/base/remap-fixed
fi

done_testing
