#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# A page has moved when it has another page frame than before: not when it was in swap,
# and had none. The count and the runs of pages say the same.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

[ "$(id -u)" = 0 ] || skip_all "only root sees page frames"

# moved CASE: the count, and that of the runs; nothing when it was skipped
moved() {
	"$THPIN" repro --json --no-control --size $((16 * $(getconf PAGE_SIZE))) "$1" >"$TMPDIR/json"
	python3 -c '
import json, sys
case = json.load(sys.stdin)["cases"][0]
evidence = case["evidence"]
if case["verdict"] != "skipped":
    runs = sum(run["count"] for run in evidence["spans"] if run["moved"])
    print(evidence["pfns_moved"], runs)' <"$TMPDIR/json"
}

# check CASE PAGES
check() {
	local said

	said=$(moved "$1")
	case $said in
	"") skip "$1: pages that have moved" "$(sed -n 's/.*"reason": //p' "$TMPDIR/json" | head -n 1)" ;;
	None*) skip "$1: pages that have moved" "page frames are not shown here" ;;
	*) is "$1: pages that have moved" "$said" "$2 $2" ;;
	esac
}

check vmsplice/base/none 0
check vmsplice/base/remap-fixed 8
check vmsplice/base-swapped/leak-child-pin 0
check uring-fixed/base-swapped/leak-child-pin 0
done_testing
