#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# Settings that another thpin has changed: the cases that need them are skipped, whether
# they find out before they take the pin or later; the others run, and the settings
# stay as the other one has them.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

ksm=/sys/kernel/mm/ksm
zero=/sys/kernel/mm/transparent_hugepage/use_zero_page

[ "$(id -u)" = 0 ] || skip_all "only root changes settings"
for file in $ksm/run $ksm/sleep_millisecs $zero; do
	[ -w "$file" ] || skip_all "cannot write to $file"
done
reason=$("$THPIN" list pins -nr -o NAME,AVAILABLE,REASON | sed -n 's/^uring-fixed no //p')
[ -z "$reason" ] || skip_all "$reason"
reason=$("$THPIN" list memory -nr -o NAME,AVAILABLE,REASON | sed -n 's/^zero-thp no //p' |
	sed 's/\\x20/ /g')
[ -z "$reason" ] || skip_all "$reason"

# repro CASE...: leaves what became of each, a line a case, in $TMPDIR/rows; sets status
repro() {
	"$THPIN" repro --no-control --list -nr -o CASE,VERDICT,REASON "$@" >"$TMPDIR/raw"
	status=$?
	# Which of KSM's settings is the first is the kernel's affair.
	sed "s/\\\\x20/ /g; s,$ksm/.*,KSM," "$TMPDIR/raw" | sort >"$TMPDIR/rows"
}

settings() {
	cat $ksm/run $ksm/sleep_millisecs $zero | paste -sd ' '
}

# The other one: it holds the settings of KSM, by which it has had a page merged, until
# it is told to end.
before=$(settings)
"$THPIN" hold --memory base --size 64K --merge 1 >"$TMPDIR/line" 2>"$TMPDIR/err" &
other=$!
trap 'kill "$other" 2>/dev/null' EXIT
for ((i = 0; i < 600; i++)); do
	[ ! -s "$TMPDIR/line" ] || break
	kill -0 "$other" 2>/dev/null || break
	sleep 0.1
done
[ -s "$TMPDIR/line" ] || bail_out "thpin hold: $(cat "$TMPDIR/err")"
during=$(settings)

# The memory of zero-thp needs a setting before there is a pin; only a thpin locks one,
# so this passes for another thpin, too.
exec {lock}<$zero
flock -n "$lock" || bail_out "$zero is locked"
repro uring-fixed/base/ksm uring-fixed/zero-thp/none uring-fixed/base/none
is "two cases are skipped, one runs" "$(cat "$TMPDIR/rows")" \
	"uring-fixed/base/ksm skipped another thpin holds KSM
uring-fixed/base/none in-sync -
uring-fixed/zero-thp/none skipped another thpin holds $zero"
is "two cases are skipped, one runs: exit status" $status 0
exec {lock}<&-

repro uring-fixed/base/ksm --repeat 20
is "nothing can run, and is not tried again" "$(cat "$TMPDIR/rows")" \
	"uring-fixed/base/ksm skipped another thpin holds KSM"
is "nothing can run: exit status" $status 125
is "the settings are those of the other one" "$(settings)" "$during"

kill "$other"
wait "$other"
trap - EXIT
repro uring-fixed/base/ksm uring-fixed/zero-thp/none
is "after its end all run: exit status" $status 0
is "after its end none is skipped" "$(grep -c ' skipped ' "$TMPDIR/rows")" 0
is "the settings are as before" "$(settings)" "$before"
done_testing
