#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# tests/fuzz/run.sh SECONDS [NAME]...: run the fuzzers that "make tests fuzz" has
# built, one after the other, from the examples of their input. What a fuzzer
# stumbled over stays in the current directory, as crash-NAME-... .

set -u
export LC_ALL=C
here=$(realpath "$(dirname "$0")")
TESTDIR=$(dirname "$here")
export TESTDIR

seconds=${1-}
case $seconds in
'' | *[!0-9]*)
	echo "usage: tests/fuzz/run.sh SECONDS [NAME]..." >&2
	exit 1
	;;
esac
shift
[ $# -gt 0 ] || set -- procfs probe walks results

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
status=0
for name; do
	mkdir "$work/$name"
	if ! "$TESTDIR/unit/fuzz_$name" "$work/$name"; then
		status=1
		continue
	fi
	if "$here/$name" -max_total_time="$seconds" -max_len=16384 -timeout=30 \
		-artifact_prefix="crash-$name-" -print_final_stats=1 "$work/$name" \
		>"$work/log" 2>&1; then
		awk -v name="$name" '
			/^stat::number_of_executed_units/ { runs = $2 }
			/^stat::average_exec_per_sec/ { rate = $2 }
			/cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") covered = $(i + 1) }
			END { print name ": " runs " inputs, " rate " a second, " covered " edges covered" }
		' "$work/log"
	else
		status=1
		echo "$name: see below" >&2
		tail -n 60 "$work/log" >&2
	fi
done
exit $status
