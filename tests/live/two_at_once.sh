#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# Settings that another thpin has changed: the cases that need them are skipped, whether
# they find out before there is a worker, before they take the pin or later; the others
# run, and the settings stay as the other one has them.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

ksm=/sys/kernel/mm/ksm
thp=/sys/kernel/mm/transparent_hugepage

[ "$(id -u)" = 0 ] || skip_all "only root changes settings"
for file in $ksm/run $ksm/sleep_millisecs; do
	[ -w "$file" ] || skip_all "cannot write to $file"
done

# lacks TABLE NAME: why it cannot be had here; nothing: it can
lacks() {
	"$THPIN" list "$1" -nr -o NAME,AVAILABLE,REASON | sed -n "s/^$2 no //p" | sed 's/\\x20/ /g'
}

reason=$(lacks pins uring-fixed)
[ -z "$reason" ] || skip_all "$reason"

# Memory that needs a setting before there is a pin: not every kernel has a zero page to
# map, and tmpfs gives huge pages by itself where it is told to.
if [ -w $thp/use_zero_page ] && [ -z "$(lacks memory zero-thp)" ]; then
	kind=zero-thp
	setting=$thp/use_zero_page
elif grep -Fqs '[never]' $thp/shmem_enabled && [ -z "$(lacks memory shmem-thp)" ]; then
	kind=shmem-thp
	setting=$thp/shmem_enabled
else
	skip_all "no kind of memory needs a setting of this machine"
fi

# repro CASE...: leaves what became of each, a line a case, in $TMPDIR/rows; sets status
repro() {
	"$THPIN" repro --no-control --list -nr -o CASE,VERDICT,REASON "$@" >"$TMPDIR/raw"
	status=$?
	# Which of KSM's settings is the first is the kernel's affair.
	sed "s/\\\\x20/ /g; s,$ksm/.*,KSM," "$TMPDIR/raw" | sort >"$TMPDIR/rows"
}

settings() {
	cat $ksm/run $ksm/sleep_millisecs $setting | paste -sd ' '
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

# Only a thpin locks a setting, so this passes for another thpin, too.
exec {lock}<$setting
flock -n "$lock" || bail_out "$setting is locked"
repro uring-fixed/base/ksm uring-fixed/$kind/none uring-fixed/base/none
is "two cases are skipped, one runs" "$(cat "$TMPDIR/rows")" \
	"uring-fixed/base/ksm skipped another thpin holds KSM
uring-fixed/base/none in-sync -
uring-fixed/$kind/none skipped another thpin holds $setting"
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
repro uring-fixed/base/ksm uring-fixed/$kind/none
is "after its end all run: exit status" $status 0
is "after its end none is skipped" "$(grep -c ' skipped ' "$TMPDIR/rows")" 0
is "the settings are as before" "$(settings)" "$before"

# NUMA balancing is set before there is a worker.
balancing=/proc/sys/kernel/numa_balancing
reason=$(lacks races numa-hint)
if [ -n "$reason" ]; then
	skip "a setting of before the worker" "$reason"
else
	balanced=$(cat $balancing)
	exec {lock}<$balancing
	flock -n "$lock" || bail_out "$balancing is locked"
	repro vmsplice/base/numa-hint vmsplice/base/none
	is "a setting of before the worker: the case is skipped" "$(cat "$TMPDIR/rows")" \
		"vmsplice/base/none in-sync -
vmsplice/base/numa-hint skipped another thpin holds $balancing"
	is "a setting of before the worker: exit status" $status 0
	is "a setting of before the worker: as it was" "$(cat $balancing)" "$balanced"
	exec {lock}<&-
fi
done_testing
