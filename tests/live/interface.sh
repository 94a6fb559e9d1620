#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
# cores: 1
#
# thpin as scripts meet it: exit codes, standard output, signals, a broken detector.
# Nothing here needs rights: the cases are of base pages and vmsplice(2), which
# are on every kernel.

set -u
export LC_ALL=C
# shellcheck source=tests/said.sh
. "${TESTDIR:?}/said.sh"

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
