#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# The test runner: whatever goes wrong with a test must be counted.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"

# Absolute, as the runner works from the top of the tree.
cd "$TMPDIR" || bail_out "cd $TMPDIR"

# Not the program that is tested: one that was built plainly, and has a test's time.
printf '#!/bin/sh\n' >plain
printf '#!/bin/sh\n# __asan_init\n' >sanitized
chmod +x plain sanitized
export THPIN="$TMPDIR/plain"

# run NAME: make a test of stdin and run it; sets said, status and last
run() {
	{ echo '#!/bin/sh'; cat; } >"$1"
	chmod +x "$1"
	said=$("$TESTDIR/run" "$TMPDIR/$1" 2>&1)
	status=$?
	last=$(echo "$said" | tail -n 1)
}

# counts NAME COUNTS STATUS [PATTERN]: what run has found
counts() {
	is "$1: counts" "$last" "$2"
	is "$1: exit status" "$status" "$3"
	[ $# = 3 ] || like "$1: says why" "$said" "$4"
}

run passes <<'END'
echo '1..2'
echo 'ok 1 - one'
echo 'ok 2'
END
counts passes '2 passed, 0 failed, 0 skipped' 0

run fails <<'END'
echo 'ok 1 - one'
echo 'not ok 2 - two'
echo '# because'
echo '1..2'
exit 1
END
counts fails '1 passed, 1 failed, 0 skipped' 1 'failed: 2 - two'
like "fails: shows the diagnosis" "$said" '# because'

run skips <<'END'
echo '1..2'
echo 'ok 1 - one # SKIP no device'
echo 'ok 2 - two'
END
counts skips '1 passed, 0 failed, 1 skipped' 0 'skipped: 1 - one: no device'

run skips_all <<'END'
echo '1..0 # SKIP needs root'
END
counts skips_all '0 passed, 0 failed, 1 skipped' 1 'needs root'

run failed_skip <<'END'
echo '1..1'
echo 'not ok 1 - one # SKIP nothing to see'
END
counts failed_skip '0 passed, 1 failed, 0 skipped' 1

run no_plan <<'END'
echo 'ok 1'
END
counts no_plan '1 passed, 1 failed, 0 skipped' 1 'no plan'

run short_plan <<'END'
echo '1..2'
echo 'ok 1'
END
counts short_plan '1 passed, 1 failed, 0 skipped' 1 'planned 2 points but ran 1'

run silent </dev/null
counts silent '0 passed, 1 failed, 0 skipped' 1 'no plan'

run repeats_number <<'END'
echo '1..2'
echo 'ok 1'
echo 'ok 1'
END
counts repeats_number '2 passed, 1 failed, 0 skipped' 1 'point 2 calls itself 1'

run exits <<'END'
echo '1..1'
echo 'ok 1'
echo 'out of luck' >&2
exit 3
END
counts exits '1 passed, 1 failed, 0 skipped' 1 'status 3'
like "exits: shows stderr" "$said" 'out of luck'

run crashes <<'END'
echo '1..1'
echo 'ok 1'
kill -SEGV $$
END
counts crashes '1 passed, 1 failed, 0 skipped' 1 'killed by SIGSEGV'

run hangs <<'END'
# timeout: 1
echo '1..1'
echo 'ok 1'
sleep 60
END
counts hangs '1 passed, 1 failed, 0 skipped' 1 'not done after 1 s'

THPIN=$TMPDIR/sanitized
run takes_longer <<'END'
# timeout: 1
echo '1..1'
sleep 1.5
[ "$SLOWER" = 4 ] && echo "ok 1"
END
THPIN=$TMPDIR/plain
counts takes_longer '1 passed, 0 failed, 0 skipped' 0

run bails_out <<'END'
echo 'ok 1'
echo 'Bail out! no kernel'
exit 1
END
counts bails_out '1 passed, 1 failed, 0 skipped' 1 'bailed out: no kernel'

said=$("$TESTDIR/run" "$TMPDIR/nothing" 2>&1)
status=$?
last=$(echo "$said" | tail -n 1)
counts "not there" '0 passed, 1 failed, 0 skipped' 1

run keeps_files <<'END'
echo '1..1'
[ -z "$(ls -A "$TMPDIR")" ] && echo "ok 1 - $TMPDIR"
touch "$TMPDIR/file"
END
counts keeps_files '1 passed, 0 failed, 0 skipped' 0
said=$("$TESTDIR/run" -v "$TMPDIR/keeps_files")
like "-v shows all points" "$said" '^ *ok 1 - '
is "TMPDIR is gone" "$(ls -d "$(echo "$said" | sed -n 's/^ *ok 1 - //p')" 2>/dev/null)" ""

# --- several at a time -------------------------------------------------------

# make_test NAME CORES [COMMAND]: it says when it begins and ends
make_test() {
	cat >"$1" <<-END
		#!/bin/sh
		${2:+# cores: $2}
		echo "+$1" >>"$TMPDIR/events"
		${3-sleep 0.3}
		echo "-$1" >>"$TMPDIR/events"
		echo "ok 1 - $1"
		echo 1..1
	END
	chmod +x "$1"
}

# after EVENT: the command of a test that waits for it
after() {
	echo "until grep -q '^$1' '$TMPDIR/events'; do sleep 0.1; done"
}

# run_all CORES NAME...
run_all() {
	cores=$1
	shift
	: >events
	# shellcheck disable=SC2046 # words
	said=$(THPIN_TEST_CORES=$cores "$TESTDIR/run" $(printf "$TMPDIR/%s " "$@") 2>&1)
	status=$?
	last=$(echo "$said" | tail -n 1)
}

events() {
	tr '\n' ' ' <events
}

make_test alone ''
make_test alone2 ''
make_test one 1 "$(after +last)"
make_test last 1 "$(after -one)"
make_test other 1
make_test two 2
sed -i 's/^# cores.*/&\n# timeout: 121/' last
run_all 2 two one alone last alone2
counts "several" '5 passed, 0 failed, 0 skipped' 0
is "several: alone, or as many as there are cores for" "$(events | sed 's/+one +last/+last +one/')" \
	"+alone -alone +alone2 -alone2 +last +one -one -last +two -two "
is "several: results in order" "$(echo "$said" | sed -n 's/^ok *[^ ]*\/\([a-z0-9]*\) .*/\1/p' | tr '\n' ' ')" \
	"alone alone2 last one two "
make_test one 1
run_all 1 one two other
is "one core: one at a time" "$(events)" "+one -one +other -other +two -two "

make_test one 1 "echo not ok - early; echo 1..1; exit 1"
run_all 1 one other two
is "a failure is told once more at the end" \
	"$(echo "$said" | sed -n '/^Failed:/,$p' | grep -c 'one .*1 failed\|failed: 1 - early\|other')" 2
make_test one 1

mkdir live
make_test live/a 1 "$(after +guest)"
make_test live/b 1 "$(after -live/a)"
make_test guest 1 "$(after +live/b)"
run_all 3 live/a live/b guest
is "live: one at a time, beside others" "$(events | sed "s,+guest +live/a,+live/a +guest," | cut -d " " -f 1-4)" \
	"+live/a +guest -live/a +live/b"

# What the kernel complains of while two run is told once, with both named.
printf '6,1,1,-;boot\n' >kmsg
make_test complains 1 "$(after +other)
	printf '4,2,2,-;WARNING: at mm\\\\n' >>'$TMPDIR/kmsg'"
make_test other 1 "$(after -complains)"
export THPIN_TEST_KMSG="$TMPDIR/kmsg"
run_all 2 complains other
counts "a complaint of the kernel" '2 passed, 1 failed, 0 skipped' 1 'WARNING: at mm'
like "a complaint of the kernel: who ran" "$said" "kernel log, beside $TMPDIR/other:"
run_all 2 one
counts "a complaint of before" '1 passed, 0 failed, 0 skipped' 0
unset THPIN_TEST_KMSG

# Interrupted, nothing is left of what ran.
make_test first 1 "echo \$\$ >>'$TMPDIR/pids'; touch \"\$TMPDIR/file\"; sleep 60"
make_test second 1 "echo \$\$ >>'$TMPDIR/pids'; sleep 60"
: >pids
mkdir interrupted
TMPDIR=$TMPDIR/interrupted THPIN_TEST_CORES=2 "$TESTDIR/run" "$PWD/first" "$PWD/second" >out 2>&1 &
while [ "$(wc -l <pids)" -lt 2 ]; do sleep 0.1; done
kill $!
wait $!
is "interrupted: exit status" $? 130
is "interrupted: two were running" "$(wc -l <pids)" 2
is "interrupted: nothing is left running" "$(sed 's|.*|ls -d /proc/&|' pids | sh 2>/dev/null)" ""
is "interrupted: no file is left" "$(ls interrupted)" ""

done_testing
