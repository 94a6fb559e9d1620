#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
# cores: 1
#
# Which pages compaction comes to must not be by chance: time and again those move that
# nothing holds (on-demand paging), and those that are pinned are refused.

here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"
label=7.3 # rdma_rxe pages on demand since 6.15
paths=$("$here/kernels" $label 2>"$TMPDIR/why") ||
	skip_all "Linux $label: $(tail -n 1 "$TMPDIR/why")"
{ read -r kernel && read -r modules; } <<<"$paths"

times=5
"$THPIN" boot --kernel "$kernel" --modules "$modules" --cpus 1 \
	--timeout $((400 * ${SLOWER:-1})) -- repro --json --no-control --timeout 30 \
	--repeat $times {rdma-odp,uring-fixed}/{base,shmem,memfd-private}/compact >"$TMPDIR/json"

# CASE: how its trials ended
trials() {
	python3 -c '
import json, sys
for case in json.load(sys.stdin)["cases"]:
    if case["case"] == sys.argv[1]:
        print(case["verdicts"], case["reason"] if case["verdict"] == "skipped" else "")
' "$1" <"$TMPDIR/json"
}

# compact PIN VERDICT: of all trials
compact() {
	local memory ended

	for memory in base shmem memfd-private; do
		ended=$(trials "$1/$memory/compact")
		if [[ $ended == *libibverbs* || $ended == *liburing* ]]; then
			skip "$1/$memory/compact" "$ended"
		else
			is "$1/$memory/compact" "$ended" "{'$2': $times} "
		fi
	done
}

compact rdma-odp in-sync
compact uring-fixed refused
done_testing
