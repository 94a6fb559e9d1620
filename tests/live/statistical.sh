#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
#
# What cannot be held: odirect-file on the file system of $TMPDIR, and the two races
# that are repeated. No false alarm, whatever the file does; bounds that are kept.

set -u
export LC_ALL=C

# shellcheck source=tests/said.sh
. "${TESTDIR:?}/said.sh"

threads=odirect-file/base/fork-threads
gup=uring-fixed/base/fork-vs-gup-fast

# run ARGUMENT...: thpin repro --json
run() {
	thpin repro --json "$@"
}

# skips NAME PATTERN ARGUMENT...: the one case is skipped for that reason
skips() {
	local name=$1 pattern=$2

	shift 2
	run --no-control "$@"
	is "$name: exit status" $status 125
	is "$name: skipped" "$(json 'r["cases"][0]["verdict"]')" skipped
	like "$name: reason" "$(json 'r["cases"][0]["reason"]')" "$pattern"
}

# --- files that cannot be read like that -------------------------------------

skips "no file" '--file PATH' $threads
head -c 64K /dev/urandom >small
skips "a small file" 'has 64 KiB and the region 2048' --file small $threads

if mkdir -p /dev/shm && work=$(mktemp /dev/shm/thpin.XXXXXX); then
	if [ "$(stat -f -c %T "$work")" = tmpfs ]; then
		head -c 4M /dev/urandom >"$work"
		skips "tmpfs" 'tmpfs copies' --file "$work" $threads
	fi
	rm "$work"
fi

head -c 4M /dev/urandom >data
sync data
case $(stat -f -c %T .) in
ext2/ext3 | xfs | btrfs | f2fs) ;;
*)
	skip "O_DIRECT of a file" "$(pwd) is on $(stat -f -c %T .), which is none that is known here"
	done_testing
	;;
esac
if ! dd if=data of=/dev/null iflag=direct bs=512 count=1 2>/dev/null; then
	skip "O_DIRECT of a file" "$(pwd) has no O_DIRECT reads of 512 bytes"
	done_testing
fi

truncate -s 4M sparse
skips "a sparse file" 'only 0 of 2097152 bytes of sparse came from a device' --file sparse $threads
dd if=/dev/zero of=zeros bs=1M count=4 2>/dev/null
sync zeros
skips "a file of zeros" 'holds zeros only' --file zeros odirect-file/base/dontneed-page

# --- no loss, or the loss that this kernel is known for ----------------------

IFS=. read -r major minor _ <<<"$(uname -r)"
kernel=$((major * 1000 + ${minor%%[!0-9]*}))
before=$(sha256sum <data)

run --trials 200 --timeout 60 --file data $threads odirect-file/thp/fork-threads
if [ $kernel -ge 6005 ]; then
	is "fork-threads: exit status" $status 0
	is "fork-threads: in sync, and trials as asked for" "$(json "[(c[n]['verdict'],
		200 <= c[n]['trials'] < 300, c[n]['trials_lost'],
		abs(c[n]['rate_below'] * c[n]['trials'] - 3) < 1e-3, c[n]['expectation']) for n in c if not c[n]['control']]")" \
		"[('in-sync', True, 0, True, 'promised'), ('in-sync', True, 0, True, 'promised')]"
else
	is "fork-threads: exit status" $status 1
	is "fork-threads: lost" "$(json "c['$threads']['loss'], c['$threads']['expectation']")" \
		"(['lost-write'], 'hazard')"
fi
is "fork-threads: not held" "$(json "c['$threads']['held']")" False
is "fork-threads: 8 threads are said" \
	"$(json "c['$threads']['events'][0]['text'].split()[0]")" 8

run --no-control --trials 1 --threads 3 --node 0 --file data $threads
[ $kernel -ge 6005 ] && is "one trial says nothing of the rate" \
	"$(json "c['$threads']['verdict'], c['$threads']['rate_below']")" "('in-sync', None)"
is "--threads 3 are 3" "$(json "c['$threads']['events'][0]['text'].split()[0]")" 3
is "the options are said" "$(json "[r['options'][n] for n in
	('trials', 'seconds', 'threads', 'file', 'node')]")" "[1, None, 3, 'data', '0']"

# Its own time is on top of the time limit of a case.
run --no-control --seconds 4 --timeout 3 $gup
is "--seconds 4 --timeout 3: not killed" "$(json "c['$gup']['verdict']")" in-sync
is "--seconds 4: it took them" "$(json "c['$gup']['ms'] >= 4000")" True
is "--seconds 4: trials" "$(json "c['$gup']['trials'] > 0")" True

run --no-control vmsplice/base/fork-vs-gup-fast
is "fork-vs-gup-fast, FOLL_GET: exit status" $status 1
is "fork-vs-gup-fast, FOLL_GET: lost, as known" \
	"$(json "[(x['loss'], x['expectation'], x['trials_lost']) for x in c.values()]")" \
	"[(['stale-read'], 'hazard', 1)]"

# --- a race that is too late --------------------------------------------------

# A new process takes longer than a read of half a page.
run --no-control --size "$(getconf PAGESIZE)" --file data odirect-file/base/vfork-exec
is "too late: exit status" $status 125
is "too late: no effect, and why" "$(json "[(x['verdict'], x['reason']) for x in c.values()]")" \
	"[('no-effect', 'the I/O was over before the race was')]"

races=$("$THPIN" list races -nr -o NAME,LEVEL | awk '$2 == "default" { print $1 }' | paste -sd,)
run --repeat 5 --file data --pin odirect-file --memory base --race "$races"
is "raced by every default race: nothing unexpected" \
	"$(json '[x["case"] for x in r["cases"] if x["unexpected"]]')" "[]"
is "and no error" "$(json '[x["case"] for x in r["cases"] if x["verdict"] == "error"]')" "[]"

is "the file is not changed" "$(sha256sum <data)" "$before"

# --- a file that changes -----------------------------------------------------

cp data changing
while :; do
	dd if=/dev/urandom of=changing bs=64K count=64 conv=notrunc,fsync 2>/dev/null
done &
writer=$!
run --no-control --seconds 10 --file changing $threads
kill $writer
wait $writer 2>/dev/null
if [ $kernel -ge 6005 ]; then
	is "a file that changes: no false alarm" "$(json "c['$threads']['verdict']")" skipped
	like "a file that changes: reason" "$(json "c['$threads']['reason']")" 'changes while it is read'
fi

# --- an interrupt ------------------------------------------------------------

"$THPIN" repro --no-control --seconds 100 --file data $threads >out 2>err &
thpin=$!
for ((i = 0; i < 100; i++)); do
	# The guardian has one thread.
	for worker in $(pgrep -P $thpin); do
		[ "$(find "/proc/$worker/task" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -lt 9 ] || break 2
	done
	sleep 0.1
done
start=$EPOCHREALTIME
kill -INT $thpin
wait $thpin
is "SIGINT: exit status" $? 130
is "SIGINT: at once" "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { print b - a < 10 }')" 1
like "SIGINT: said" "$(<out)" '^interrupted: 0 of 1 cases ran'
# Who reaps the child of a killed worker takes its time.
for ((i = 0; i < 50; i++)); do
	pgrep -g "$worker" >/dev/null || break
	sleep 0.1
done
is "SIGINT: no thread or child is left" "$(pgrep -g "$worker" -l)" ""

done_testing
