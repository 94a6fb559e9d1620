#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# Options of thpin repro, and which cases they select.
# Nothing here needs rights: the cases are of base pages and vmsplice(2), which
# are on every kernel.

set -u
export LC_ALL=C
# shellcheck source=tests/said.sh
. "${TESTDIR:?}/said.sh"

thpin repro --json --no-control --repeat 3 "$loss" "$sync"
json_is "--repeat" '[c[n]["trials"] for n in ("'$loss'", "'$sync'")]' '[3, 3]'
json_is "--repeat: losses" '[c[n]["trials_lost"] for n in ("'$loss'", "'$sync'")]' '[3, 0]'

# page SEED: which page the race wrote, and which bytes
page() {
	thpin repro --json --no-control --seed "$1" "$loss"
	json '(lambda e: [e["watched_page"], e["losses"][0]["cpu_bytes"]])(r["cases"][0]["evidence"])'
}
first=$(page 1)
is "--seed: the same again" "$(page 1)" "$first"
thpin repro --json --no-control "$loss"
json_is "--seed 1 is the default" 'r["options"]["seed"]' 1
is "--seed 2: another page, other bytes" "$( [ "${first%,*}" != "$(page 2 | sed 's/,.*//')" ] &&
	[ "${first#*,}" != "$(page 2 | sed 's/[^,]*,//')" ] && echo yes)" yes
ok "--seed 4294967295" "$THPIN" repro --seed 4294967295 "$sync"

thpin repro --json --size 64K "$sync" "$control" vmsplice/base/remap-fixed vmsplice/thp/none vmsplice/thp-pte/none
json_is "--size 64K: base pages" \
	'[c["vmsplice/base/" + n]["pages"] == 65536 // r["host"]["page_size"] for n in ("none", "dontneed-page")]' \
	'[True, True]'
json_is "--size 64K: half is lost" \
	'(lambda x: x["pages_lost"] * 2 == x["pages"] == 2 * x["first_lost_page"])(c["vmsplice/base/remap-fixed"])' True
for memory in thp thp-pte; do
	json_is "--size 64K: $memory" 'c["vmsplice/'$memory'/none"]["verdict"]' skipped
	like "--size 64K: $memory: why" "$(json 'c["vmsplice/'$memory'/none"]["reason"]')" 'multiple of [0-9]+ KiB|no THP'
done

# The upper half of each THP
thpin repro --json --size 4M vmsplice/thp/remap-fixed
if [ "$(json 'r["cases"][0]["verdict"]')" = skipped ]; then
	skip "--size 4M: two THPs" "$(json 'r["cases"][0]["reason"]')"
else
	json_is "--size 4M: two THPs" \
		'(lambda x, half: [(p["first"] / half, p["count"] / half) for p in x["ranges"]])(
			r["cases"][0]["evidence"]["losses"][0], r["host"]["thp_size"] // r["host"]["page_size"] // 2)' \
		'[(1.0, 1.0), (3.0, 1.0)]'
fi

# With one page there is no half: whatever comes, it must not be called in sync.
thpin repro --json --no-control --size "$(getconf PAGESIZE)" vmsplice/base/remap-fixed vmsplice/base/mprotect-half-rorw
json_is "--size of one page: no half" '"in-sync" in [case["verdict"] for case in r["cases"]]' False

exits "--node 0" 0 repro --json --node 0 "$sync"
json_is "--node 0: said" 'r["options"]["node"]' 0

thpin repro --json "$sync"
json_is "a control is added" '[(case["control"], case["verdict"]) for case in r["cases"]]' \
	"[(False, 'in-sync'), (True, 'out-of-sync')]"
json_is "a control is not counted" 'r["summary"]["cases"], r["summary"]["controls_lost"]' '(1, 1)'
thpin repro --json --no-control "$sync"
json_is "--no-control" 'len(r["cases"])' 1
thpin repro --json "$sync" "$control"
json_is "no control where one was asked for" '[case["control"] for case in r["cases"]]' '[False, False]'

thpin repro --json --pin vmsplice,uring-fixed --memory 'bas?' --race 'none,fork-dont*' --no-control
json_is "--pin, --memory, --race" 'sorted(c) == sorted(f"{p}/base/{x}"
	for p in ("vmsplice", "uring-fixed") for x in ("none", "fork-dontfork"))' True

# A race that this memory cannot have runs only when named, and then says so.
thpin repro --json --no-control --pin vmsplice --memory base --race 'none,split-*'
json_is "no split of base pages" '[n for n in c if "split" in n]' '[]'
thpin repro --json --no-control vmsplice/base/split-munmap
json_is "a split of base pages" \
	'r["cases"][0]["verdict"] in ("skipped", "no-effect") and bool(r["cases"][0]["reason"])' True

# Counters are numbers, or null with a reason.
if "$THPIN" --version | grep -q 'without libpfm'; then
	skip "--counters" "built without libpfm"
else
	exits "--counters" 0 repro --json --no-control --counters "$sync"
	json_is "--counters: numbers, or a reason" '(lambda e: len(e["counters"]) > 1 and
		all(isinstance(v, int) and v >= 0 or v is None for v in e["counters"].values()) and
		(None in e["counters"].values()) == bool(e["counters_reason"]))(
		r["cases"][0]["evidence"])' True
	thpin repro --json --no-control --counters=perf::page-faults "$sync"
	json_is "--counters=LIST" 'list(r["cases"][0]["evidence"]["counters"])' "['perf::page-faults']"
	if [ "$(json 'r["cases"][0]["evidence"]["counters_reason"]')" = None ]; then
		json_is "--counters=perf::page-faults counts" \
			'r["cases"][0]["evidence"]["counters"]["perf::page-faults"] > 0' True
	else
		skip "--counters=perf::page-faults counts" \
			"$(json 'r["cases"][0]["evidence"]["counters_reason"]')"
	fi
fi

done_testing
