#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# prove reads what --ktap prints, and counts what failed.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"

command -v prove >/dev/null || skip_all "prove is not installed (Debian: perl)"

golden=$TESTDIR/unit/golden/repro.ktap

# proved FILE: what prove says; its status is lost, as losses fail
proved() {
	prove -v --exec cat "$1" 2>&1
}

failed=$(grep -c '^not ok' "$golden")
points=$(grep -Ec '^(not )?ok' "$golden")
said=$(proved "$golden")
like "prove counts the points" "$said" "^Files=1, Tests=$points,"
like "prove counts the failures" "$said" "^  Failed tests?: .*|Failed $failed/$points subtests"
like "losses by design pass" "$said" "^ok [0-9]+ odirect-read/thp/dontneed-page\$"
like "skips are skips" "$said" "^ok [0-9]+ odirect-block/thp/none # SKIP a loop device needs root\$"
if printf '%s\n' "$said" | grep -q 'Parse errors'; then
	not_ok "prove finds no errors in the format"
	diag "$said"
else
	pass "prove finds no errors in the format"
fi

# A case that was not reached must not pass.
{ sed '/^ok 3 /,$d' "$golden"; echo "Bail out! interrupted"; } >"${TMPDIR:?}/cut.ktap"
if prove --exec cat "$TMPDIR/cut.ktap" >/dev/null 2>&1; then
	not_ok "an interrupted run fails"
else
	pass "an interrupted run fails"
fi

"$THPIN" repro --ktap 'vmsplice/base/*' >"$TMPDIR/here.ktap" 2>"$TMPDIR/err"
if proved "$TMPDIR/here.ktap" | grep -Eq 'Parse errors|No plan'; then
	not_ok "a run on this machine can be read"
	diag "$(proved "$TMPDIR/here.ktap")"
else
	pass "a run on this machine can be read"
fi

done_testing
