#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# thpin inspect without kernel memory: what an io_uring says of itself in fdinfo is
# found, as root and as nobody, and no verdict comes from pages that are not told.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

drop=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all)

reason=$("$THPIN" list pins -nr -o NAME,AVAILABLE,REASON | sed -n 's/^uring-fixed no //p')
[ -z "$reason" ] || skip_all "$reason"

# holders FILE EXPRESSION: of the document d of inspect, which follows the line of hold
holders() {
	python3 -B -c 'import json, sys
d = json.loads(open(sys.argv[1]).read().split("\n", 1)[1])
print(eval(sys.argv[2]))' "$TMPDIR/$1" "$2" 2>&1
}

# check NAME COMMAND...: a ring with three pages discarded and two replaced
check() {
	local name=$1

	shift
	timeout 30 "$@" hold --memory base --size 256K --diverge 2 --discard 3 \
		-- inspect {} --probe=proc --json >"$TMPDIR/$name" 2>"$TMPDIR/err"
	is "$name: exit status" $? 1
	is "$name: one buffer" \
		"$(holders "$name" '[(h["holder"], h["index"], h["bytes"], h["confidence"]) for h in d["holders"]]')" \
		"[('io_uring', 0, 262144, 'range')]"
	is "$name: pages that are not mapped are known, others are not" \
		"$(holders "$name" '[d["holders"][0][k] for k in ("in-sync", "out-of-sync", "unmapped", "swapped", "unknown")]')" \
		"[0, 0, 3, 0, 61]"
	is "$name: the level" "$(holders "$name" 'd["probe"]')" proc
}

check root "$THPIN"

timeout 30 "$THPIN" hold --memory base --size 256K -- inspect {} --probe=proc --json \
	>"$TMPDIR/sync" 2>"$TMPDIR/err"
is "nothing discarded: exit status" $? 0
is "nothing discarded: nothing is known" \
	"$(holders sync '[d["holders"][0][k] for k in ("in-sync", "out-of-sync", "unmapped", "unknown")]')" \
	"[0, 0, 0, 64]"
timeout 30 "$THPIN" hold --pin vmsplice --memory base --size 256K -- inspect {} --probe=proc --json \
	>"$TMPDIR/pipe" 2>"$TMPDIR/err"
is "a pipe says nothing: exit status" $? 0
is "a pipe says nothing: no holder" "$(holders pipe 'd["holders"]')" "[]"

if [ "$(id -u)" = 0 ] && "${drop[@]}" true 2>/dev/null; then
	# nobody must be able to run it, wherever it was built.
	copy=$(mktemp -d /tmp/thpin-test.XXXXXX) || bail_out "mktemp"
	trap 'rm -r "$copy"' EXIT
	chmod 755 "$copy"
	cp "$THPIN" "$copy/thpin" || bail_out "cp"
	check nobody "${drop[@]}" "$copy/thpin"
else
	skip "nobody: the same" "cannot become nobody"
fi
done_testing
