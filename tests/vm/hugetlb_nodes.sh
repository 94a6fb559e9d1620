#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
# cores: 1
#
# hugetlb pages of one NUMA node, where the pool has most of its pages on another: those
# of the node count.

here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"
label=6.12 # hugepages=NODE:COUNT since 5.16
paths=$("$here/kernels" $label 2>"$TMPDIR/why") ||
	skip_all "Linux $label: $(tail -n 1 "$TMPDIR/why")"
read -r kernel <<<"$paths"

cases=(vmsplice/hugetlb/none uring-fixed/hugetlb/none uring-fixed/hugetlb/fork-parent-write)

# repro PAGES: on node 1, where the pool has these pages of each node; a line a case
repro() {
	"$THPIN" boot --kernel "$kernel" --cpus 2 --nodes 2 --append "hugepages=$1" \
		--timeout $((200 * ${SLOWER:-1})) -- repro --list --no-control --node 1 \
		-nr -o CASE,VERDICT,REASON "${cases[@]}" 2>&1 | sed 's/\\x20/ /g'
}

# each NAME PATTERN TEXT: every case
each() {
	local case line

	for case in "${cases[@]}"; do
		line=$(grep "^$case " <<<"$3")
		case $line in
		*libnuma* | *liburing*) skip "$1: $case" "${line#* skipped }" ;;
		*) like "$1: $case" "${line:-$3}" "^$case $2" ;;
		esac
	done
}

each "one page on the node: a child gets its copy" 'in-sync -$' "$(repro 0:8,1:1)"
each "no page on the node" \
	'skipped 0 free hugetlb pages on these NUMA nodes, needs 4, and none is added' "$(repro 0:8)"
done_testing
