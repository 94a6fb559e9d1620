#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
#
# What cannot be held, on ext4 on each of Debian's kernels: fork-threads finds the
# loss where O_DIRECT takes FOLL_GET, and none where it takes FOLL_PIN; likewise
# fork-vs-gup-fast with a pin of either kind.  Nothing but luck ends a case that has
# to be lost early, so what was not found in short time is looked for once more, for
# long: a loss that is not found then is a failure.
#
# THPIN_THOROUGH=1 looks longer where there must not be a loss.

set -u
here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"
command -v mkfs.ext4 >/dev/null || skip_all "there is no mkfs.ext4 (Debian: e2fsprogs)"

mkdir "$TMPDIR/files"
head -c 4M /dev/urandom >"$TMPDIR/files/data"
# A comma in the name is not for QEMU.
disk=$TMPDIR/ext4,disk
truncate -s 64M "$disk"
mkfs.ext4 -q -F -d "$TMPDIR/files" "$disk" || bail_out "mkfs.ext4 -d"
before=$(sha256sum <"$disk")

# run LABEL KERNEL MODULES TRY SECONDS CASE...: the cases; a loss ends each, else it
# takes SECONDS.  Leaves the files TRY.json, .stderr and .status.
run() {
	local to=$TMPDIR/$1/$4 kernel=$2 modules=$3 seconds=$5

	shift 5
	"$THPIN" boot --kernel "$kernel" --modules "$modules" --disk "$disk" --cpus 2 --timeout $((900 * ${SLOWER:-1})) \
		-- repro --json --seconds "$seconds" --timeout 60 --file /disk/data "$@" \
		>"$to.json" 2>"$to.stderr"
	echo $? >"$to.status"
}

# json LABEL EXPRESSION: of the cases c, by name, of all tries, and the summary s and
# the cases l of the last one; the last try of a case stands
json() {
	python3 -B -c '
import glob, json, sys
c = {}
for path in sorted(glob.glob(sys.argv[1] + "/*.json")):
    r = json.load(open(path))
    s, l = r["summary"], r["cases"]
    c.update((case["case"], case) for case in r["cases"])
print(eval(sys.argv[2]))' "$TMPDIR/$1" "$2" 2>&1
}

# again LABEL: the cases of the first try that were no race at all, or have to be lost
# and were not; those whose control was not
again() {
	json "$1" "' '.join(x['case'] for x in l if not x['control'] and (
		x['verdict'] == 'no-effect' or x['race'] == 'fork-threads' and (
		'$(direct "$1")' and x['verdict'] != 'out-of-sync' or s['detector_failed'])))"
}

# direct LABEL: the loss of an O_DIRECT read that is raced by a fork, or nothing
direct() {
	case $1 in
	5.10 | 6.1) echo lost-write ;;
	esac
}

# test_kernel LABEL KERNEL MODULES
test_kernel() {
	local cases=(odirect-file/base/fork-threads odirect-file/thp/fork-threads
		vmsplice/base/fork-vs-gup-fast uring-fixed/base/fork-vs-gup-fast)

	mkdir "$TMPDIR/$1"
	run "$1" "$2" "$3" 1 "${THPIN_THOROUGH:+3}5" "${cases[@]}"
	read -ra cases <<<"$(again "$1")"
	[ ${#cases[@]} = 0 ] || run "$1" "$2" "$3" 2 150 "${cases[@]}"
}

# check LABEL CASE WANTED: "VERDICT LOSS", and that it was a race at all
check() {
	is "Linux $1: $2" "$(json "$1" "'%s %s%s' % (c['$2']['verdict'], ','.join(c['$2']['loss']),
		'' if c['$2']['trials'] > 0 else ' without a trial')")" "$3" ||
		diag "$(cat "$TMPDIR/$1"/*.stderr)"
	diag "$(json "$1" "'%d of %d trials, %.1f s, %s' % (c['$2']['trials_lost'], c['$2']['trials'],
		c['$2']['ms'] / 1e3, c['$2']['reason'])")"
}

check_kernel() {
	local label=$1 wanted='in-sync ' try=1

	[ -z "$(direct "$label")" ] || wanted='out-of-sync lost-write'
	if [ -f "$TMPDIR/$label/2.json" ]; then
		diag "Linux $label: once more, for long"
		try=2
	fi
	is "Linux $label: the detector works" "$(json "$label" "s['detector_failed']")" False
	is "Linux $label: exit status" "$(<"$TMPDIR/$label/$try.status")" \
		"$(json "$label" "int(any(x['verdict'] == 'out-of-sync' and
			x['expectation'] != 'by-design' for x in l))")"
	check "$label" odirect-file/base/fork-threads "$wanted"
	check "$label" odirect-file/thp/fork-threads "$wanted"
	check "$label" odirect-file/base/dontneed-in-flight 'out-of-sync lost-write'
	check "$label" odirect-file/thp/dontneed-in-flight 'out-of-sync lost-write'
	check "$label" vmsplice/base/fork-vs-gup-fast 'out-of-sync stale-read'
	check "$label" uring-fixed/base/fork-vs-gup-fast 'in-sync '
	is "Linux $label: losses are what the rules expect" \
		"$(json "$label" "[case['unexpected'] for case in c.values()].count(True)")" 0
}

# Two guests at a time.
running=0
labels=()
for label in $("$here/kernels" --list); do
	if ! paths=$("$here/kernels" "$label" 2>"$TMPDIR/why"); then
		skip "Linux $label" "$(tail -n 1 "$TMPDIR/why")"
		continue
	fi
	if [ $running = "${GUESTS:-2}" ]; then
		wait -n
		running=$((running - 1))
	fi
	{ read -r kernel && read -r modules; } <<<"$paths"
	test_kernel "$label" "$kernel" "$modules" &
	running=$((running + 1))
	labels+=("$label")
done
wait
for label in ${labels[@]+"${labels[@]}"}; do
	check_kernel "$label"
done
is "the disk is not changed" "$(sha256sum <"$disk")" "$before"
rm "$disk"
done_testing
