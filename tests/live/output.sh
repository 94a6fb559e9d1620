#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# What becomes of a run when its output fails, and what options leave of another.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
cd "${TMPDIR:?}" || bail_out "cd $TMPDIR"
export LC_ALL=C
sync=vmsplice/base/none # in sync on every kernel

# --- functions of libraries that fail before they write anything ---------------------

cat >fails.c <<'END'
int scols_print_table(void *table)
{
	(void)table;
	return -12; /* ENOMEM */
}

int json_dumpf(const void *json, void *stream, unsigned long flags)
{
	(void)json, (void)stream, (void)flags;
	return -1;
}
END
if ! said=$(${CC:-cc} -shared -fPIC -o fails.so fails.c 2>&1); then
	skip "output that fails" "no compiler: $said"
else
	for arguments in "repro --list" "repro --json" "report --format json"; do
		# shellcheck disable=SC2086 # several words
		LD_PRELOAD=$PWD/fails.so "${THPIN:?}" $arguments $sync >out 2>err
		is "$arguments that fails: exit status" $? 128
		like "$arguments that fails: why" "$(cat err)" '^thpin: output: .'
	done
fi

"$THPIN" report --save /dev/full $sync >out 2>err
is "--save to a full disk: exit status" $? 128
like "--save to a full disk: why" "$(cat err)" '--save /dev/full: No space left on device'
like "--save to a full disk: the report is there" "$(cat out)" '^For whom'

# --- an option that is given again counts alone ---------------------------------------

if "$THPIN" --version | grep -q 'without libpfm'; then
	skip "--counters twice" "built without libpfm"
else
	"$THPIN" repro --json --no-control --counters=perf::page-faults,perf::context-switches \
		--counters=perf::page-faults $sync >out
	is "--counters twice: the second" "$(python3 -c 'import json, sys
print(list(json.load(open("out"))["cases"][0]["evidence"]["counters"]))')" "['perf::page-faults']"
fi

done_testing
