#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 2
#
# The whole matrix on each of Debian's kernels, every cell against truth.tsv.
# Two guests at a time with one CPU each: what a held case does comes one step after
# the other, and under TCG each TLB shootdown of a second CPU is dear.
# "make check TESTS=tests/vm/matrix.sh V=1" shows how long each took.

# matrix.sh PINS [MEMORY [RACES [OPTION...]]]: the pins (PIN,...) that are selected
# instead of the default ones, with the default memory and races unless these are given;
# the options are of thpin boot.  $GUESTS is how many run at a time, $TRUTH the table
# (truth.tsv), $LABELS are other kernels.  $CASES are names of cases, blank-separated,
# instead of all that the memory and the races make.

set -u
here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"

# default memory|races: the names
default() {
	"$THPIN" list "$1" -nr -o NAME,LEVEL | awk '$2 == "default" { print $1 }' | paste -sd,
}

pins=${1-}
selection=()
cases=()
if [ -n "${CASES-}" ]; then
	# A daemon of a guest gets more time than a plain run gives it.
	read -ra selection <<<"--no-control --timeout 30 $CASES"
	cases=(--cases "$CASES")
elif [ -n "$pins" ]; then
	selection=(--pin "$pins" --memory "${2:-$(default memory)}" --race "${3:-$(default races)}")
fi
shift $(($# < 3 ? $# : 3))
# On a busy machine a guest may be slow: that is not what is tested.
options=(--timeout $((800 * ${SLOWER:-1})) --cpus 1 "$@")

# run LABEL KERNEL MODULES: leaves json, stderr, console, status and seconds
run() {
	local directory=$TMPDIR/$1 start=$EPOCHREALTIME

	mkdir "$directory"
	"$THPIN" boot --kernel "$2" --modules "$3" --keep-log "$directory/console" \
		"${options[@]}" -- repro --json --timeout 30 ${selection[@]+"${selection[@]}"} >"$directory/json" 2>"$directory/stderr"
	echo $? >"$directory/status"
	awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f\n", b - a }' \
		>"$directory/seconds"
}

arguments=()
running=0
for label in ${LABELS:-$("$here/kernels" --list | tac)}; do # newer ones take longer
	if ! paths=$("$here/kernels" "$label" 2>"$TMPDIR/why"); then
		arguments+=(--skip "$label" "$(tail -n 1 "$TMPDIR/why")")
		continue
	fi
	if [ $running = "${GUESTS:-2}" ]; then
		wait -n
		running=$((running - 1))
	fi
	{ read -r kernel && read -r modules; } <<<"$paths"
	run "$label" "$kernel" "$modules" &
	running=$((running + 1))
	arguments+=(--run "$label" "$TMPDIR/$label")
done
wait
exec python3 "$here/cells.py" --truth "$here/${TRUTH:-truth.tsv}" ${pins:+--pins "$pins"} \
	${cases[@]+"${cases[@]}"} "${arguments[@]}"
