#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# What thpin inspect shows, and how: formats, --all, --watch, --fail-on.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

"$THPIN" inspect --probe bpf $$ >/dev/null 2>&1 || "$THPIN" inspect --probe kcore $$ >/dev/null 2>&1 ||
	skip_all "the kernel's memory cannot be read (see: thpin list probes)"

"$THPIN" hold --memory base --size 64K --diverge 2 >"$TMPDIR/held" &
held=$!
trap 'kill $held 2>/dev/null' EXIT
while [ ! -s "$TMPDIR/held" ]; do sleep 0.1; done

inspect() {
	"$THPIN" inspect "$@" 2>&1
}

is "raw: sizes in bytes, no blanks" "$(inspect -nr -o HOLDER,SIZE,PAGES,OUT-OF-SYNC $held)" \
	"io_uring 65536 16 2"
is "pairs" "$(inspect -P -o HOLDER,OUT-OF-SYNC $held)" 'HOLDER="io_uring" OUT-OF-SYNC="2"'
like "all: the process is among them" "$(inspect --all -nr -o TARGET,OUT-OF-SYNC)" "^$held 2\$"
like "a map of the VMA has as many marks" \
	"$(inspect --map $held | grep -c '!')" '^[1-9]'
like "columns in lower case, added" "$(inspect -o +first-bad $held)" 'FIRST-BAD'

inspect $held >/dev/null
is "a hazard is status 1" $? 1
inspect --fail-on=diverged $held >/dev/null
is "diverged is status 1" $? 1
inspect --fail-on=diverged $$ >/dev/null
is "what is in sync is not" $? 0
inspect --fail-on=held $$ >/dev/null
is "nothing held is status 0" $? 0

timeout 20 "$THPIN" inspect --watch 1 -o HOLDER,PAGES $held >"$TMPDIR/watched" 2>&1 &
watcher=$!
sleep 3
kill $held
wait $watcher
is "watch ends with the process" $? 125
like "... after a first look" "$(cat "$TMPDIR/watched")" 'io_uring'

for bad in "--map=x" "--map=#" "--map=20-10" "--fail-on=x" "--probe=x" "-o NOPE" "--watch 0" \
	"--all 1" "--all --map" "--watch 1 --json 1"; do
	# shellcheck disable=SC2086 # words
	inspect $bad 1 >"$TMPDIR/said" 2>&1
	is "$bad: usage" $? 129
	like "$bad: a hint" "$(cat "$TMPDIR/said")" "Try 'thpin inspect --help'"
done
done_testing
