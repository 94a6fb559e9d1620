#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
#
# What cannot be held, on ext4 on each of Debian's kernels: fork-threads finds the
# loss where O_DIRECT takes FOLL_GET, and none where it takes FOLL_PIN; likewise
# fork-vs-gup-fast with a pin of either kind.

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

cases=(odirect-file/base/fork-threads odirect-file/thp/fork-threads
	vmsplice/base/fork-vs-gup-fast uring-fixed/base/fork-vs-gup-fast)

# run LABEL SECONDS: the four cases; a loss ends each, else it takes SECONDS
run() {
	local label=$1 seconds=$2 paths kernel modules

	paths=$("$here/kernels" "$label" 2>"$TMPDIR/why") || return
	{ read -r kernel && read -r modules; } <<<"$paths"
	"$THPIN" boot --kernel "$kernel" --modules "$modules" --disk "$disk" --cpus 2 --timeout 400 \
		-- repro --json --seconds "$seconds" --timeout 60 --file /disk/data "${cases[@]}" \
		>"$TMPDIR/json" 2>"$TMPDIR/stderr"
	status=$?
}

# json EXPRESSION: of the cases c, by name
json() {
	python3 -B -c '
import json, sys
c = {case["case"]: case for case in json.load(open(sys.argv[1]))["cases"]}
print(eval(sys.argv[2]))' "$TMPDIR/json" "$1" 2>&1
}

# verdict CASE: "VERDICT LOSS", and that it was a race at all
verdict() {
	json "'%s %s%s' % (c['$1']['verdict'], ','.join(c['$1']['loss']),
		'' if c['$1']['trials'] > 0 else ' without a trial')"
}

# check LABEL CASE WANTED
check() {
	is "Linux $1: $2" "$(verdict "$2")" "$3" || diag "$(<"$TMPDIR/stderr")"
	diag "$(json "'%d of %d trials, %.1f s, %s' % (c['$2']['trials_lost'], c['$2']['trials'],
		c['$2']['ms'] / 1e3, c['$2']['reason'])")"
}

for label in $("$here/kernels" --list); do
	case $label in
	5.10 | 6.1) direct='out-of-sync lost-write' seconds=60 ;;
	*) direct='in-sync ' seconds=5 ;;
	esac
	if ! run "$label" $seconds; then
		skip "Linux $label" "$(tail -n 1 "$TMPDIR/why")"
		continue
	fi
	is "Linux $label: exit status" "$status" 1
	check "$label" odirect-file/base/fork-threads "$direct"
	check "$label" odirect-file/thp/fork-threads "$direct"
	check "$label" vmsplice/base/fork-vs-gup-fast 'out-of-sync stale-read'
	check "$label" uring-fixed/base/fork-vs-gup-fast 'in-sync '
	is "Linux $label: losses are what the rules expect" \
		"$(json "[case['unexpected'] for case in c.values()].count(True)")" 0
done
is "the disk is not changed" "$(sha256sum <"$disk")" "$before"
rm "$disk"
done_testing
