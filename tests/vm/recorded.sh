#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# The recorded runs (tests/vm/record) are as truth.tsv says, a wrong truth would be
# noticed, and the table of README and thpin(7) is made from them.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"

cd "$TESTDIR/vm" || bail_out "no tests/vm"
export PYTHONDONTWRITEBYTECODE=1

ok "the recorded runs agree with the table" python3 cells.py --recorded recorded/*.json

# rejects NAME SED: the table is changed first
rejects() {
	sed "$2" truth.tsv >"${TMPDIR:?}/wrong.tsv"
	if cmp -s truth.tsv "$TMPDIR/wrong.tsv"; then
		not_ok "$1"
		diag "the table has no such line"
	elif python3 cells.py --truth "$TMPDIR/wrong.tsv" --recorded recorded/*.json >"$TMPDIR/out" 2>&1; then
		not_ok "$1"
	else
		like "$1" "$(cat "$TMPDIR/out")" '^not ok'
	fi
}

rejects "a loss that is not expected" '/^vmsplice.*fork-parent-write/s/lost:one/in-sync/4'
rejects "a loss that is missing" '/^uring-fixed.*fork-parent-write/s/in-sync/lost:one/1'
rejects "other pages than expected" '/dontneed-page/s/lost:one/lost:half/2'
rejects "another class" '/^odirect-block/s/get:/pin:/2'
rejects "another kind of loss" '/^vmsplice	/s/stale-read/lost-write/3'
rejects "a refusal that is none" '/^vmsplice.*pageout/s/in-sync/refused/'
rejects "a case that the table does not have" '/collapse/d'
rejects "a line without a case" 's/^\(.*\)dontneed-all/\1no-such-race	in-sync	in-sync	in-sync	in-sync	-\n&/'

ok "README and thpin(7) have the table of the recorded runs" \
	python3 picture.py --check recorded/*.json

done_testing
