#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# cores: 1
#
# Regions that are smaller than a THP, of several, of a part of one, or as large as a pin
# can hold: the verdict is that of other sizes, or a skip that says why.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

# The page that a race watches follows from it.
seed=1

# Descriptors that thpin may have open
files=$(ulimit -n)

# verdicts SIZE CASE...: "CASE VERDICT REASON" of each
verdicts() {
	local size=$1

	shift
	ulimit -S -n "$files"
	"$THPIN" repro --json --seed $seed --size "$size" "$@" | python3 -c '
import json, sys
for cell in json.load(sys.stdin)["cases"]:
    print(cell["case"], cell["verdict"], cell["reason"] or "")'
}

declare -A as_usual=() # of each case, as verdicts says

# at SIZE CASE VERDICT [REASON]: it runs here at the usual size, and at SIZE is so; VERDICT
# may be "same", as at the usual one
at() {
	local usual verdict=$3

	: "${as_usual[$2]:=$(verdicts 2M "$2")}"
	usual=${as_usual[$2]}
	if [[ $usual == *" skipped "* ]]; then
		skip "--size $1 $2" "$usual"
		return
	fi
	[ "$verdict" != same ] || verdict=$(awk -v "case=$2" '$1 == case { print $2 }' <<<"$usual")
	like "--size $1 $2: $verdict" "$(verdicts "$1" "$2")" "^$2 $verdict ${4-}"
}

# says SIZE CASE TEXT: what is done for it, where it runs here
says() {
	local texts

	texts=$("$THPIN" repro --json --no-control --size "$1" "$2" | python3 -c '
import json, sys
cell, = json.load(sys.stdin)["cases"]
print(cell["verdict"] == "skipped" and cell["reason"] or "")
for event in cell["events"]:
    print(event["text"])')
	if [[ $texts == [!$'\n']* ]]; then
		skip "--size $1 $2: '$3'" "${texts%%$'\n'*}"
	else
		like "--size $1 $2: '$3'" "$texts" "$3"
	fi
}

# Its pages wait in a batch of the CPU until they are 15 to 31.
for size in 4K 64K 2M; do
	at $size vmsplice/base/madv-free in-sync
	at $size uring-fixed/base/madv-free in-sync
done
for race in collapse khugepaged cow-collapse-fork cow-fork-collapse; do
	at 64K vmsplice/base/$race skipped 'a region of 64 KiB is smaller than a THP'
	at 64K uring-fixed/base/$race skipped 'a region of 64 KiB is smaller than a THP'
done

# A quarter of the pages has to fault, of which there is one at least.
for size in 4K 8K; do
	at $size vmsplice/base/numa-hint same
	at $size uring-fixed/base/numa-hint same
done

# Of memory that is shared this is the only control; a page has no half.
at 4K uring-fixed/shmem/remap-fixed same

# One with an even number of THPs, whatever half of one the watched page is of
for seed in 1 2; do
	at 4M vmsplice/thp/split-child-pageout same
	at 6M vmsplice/thp/split-child-pageout same
done
seed=1

# The child shares half of each THP, and all of them are collapsed.
for race in cow-fork-collapse-lower cow-fork-collapse-upper; do
	at 4M vmsplice/thp-pte/$race same
	says 4M vmsplice/thp-pte/$race ': 2 THPs, each mapped by a PMD'
	at 7M vmsplice/base/$race same
	says 7M vmsplice/base/$race ': 3 THPs, each mapped by a PMD'
done

# Beyond one whose last part is less than a THP, but more than half of one, is other memory.
for race in mprotect-half-rorw uffd-wp guard-install remap-fixed; do
	at 3584K vmsplice/base/$race same
done
at 3584K uring-fixed/shmem/uffd-wp same

# 128 requests of 128 pages
at 64M odirect-block/base/none in-sync
at 128M odirect-block/base/none skipped 'a loop device has at most 64 MiB in flight'

# Two pages full of pointers: 1024 pages of 4 KiB
page=$(getconf PAGESIZE)
most=$((page * page / 4 / 1024))
at ${most}K process-vm/base/none same
at $((most + page / 1024))K process-vm/base/none skipped \
	"process_vm_readv\\(\\) pins $((2 * page / 8)) pages at a time \\(--size ${most}K at most\\)"

# A pipe, or a mount of FUSE and a file there, for each 256 pages
files=40
for pin in vmsplice aio odirect-read odirect-write uring-odirect; do
	at $((page / 256))M $pin/base/none skipped '.*: RLIMIT_NOFILE too small \(raise ulimit -n\)'
done
at $((page / 256))M msg-zerocopy/base/none same
files=$(ulimit -n)

limit=$(cat /sys/module/udmabuf/parameters/size_limit_mb 2>/dev/null || echo 64)
if [ "$limit" -le 64 ]; then
	at $((limit + 2))M udmabuf/shmem/none skipped "a udmabuf has at most $limit MiB"
else
	skip "--size ... udmabuf/shmem/none" "a udmabuf may have $limit MiB"
fi

at 64M uring-send-zc-fixed/base/none in-sync
# Each holds as much as its queue may grow to, 4 MiB at most unless somebody has raised it.
wmem=$(awk '{ print $3 }' /proc/sys/net/ipv4/tcp_wmem)
if [ "$wmem" -le $((4 << 20)) ]; then
	at 256M uring-send-zc-fixed/base/none skipped \
		'64 stalled TCP connections do not hold it all'
else
	skip "--size 256M uring-send-zc-fixed/base/none" "net.ipv4.tcp_wmem lets $wmem bytes queue"
fi
done_testing
