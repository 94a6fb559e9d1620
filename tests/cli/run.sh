#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The test runner: whatever goes wrong with a test must be counted.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"

# Absolute, as the runner works from the top of the tree.
cd "$TMPDIR" || bail_out "cd $TMPDIR"

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

done_testing
