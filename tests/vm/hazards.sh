#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 1
#
# What fork() does to pinned memory is another hazard on each of Debian's kernels: that
# of 5.10 shares pinned hugetlb pages with the child, later ones do not.  The same holders
# by /proc alone, which lists RDMA's memory regions by netlink.

set -u
here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
# shellcheck source=tests/sanitized.sh
. "$TESTDIR/sanitized.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"

pins=(uring-fixed vmsplice rdma)
for label in $("$here/kernels" --list); do
	if [[ " $too_vast " = *" $label "* ]]; then
		skip "Linux $label" "--enable-sanitize: 20 TiB are too much for /proc without PAGEMAP_SCAN"
		continue
	fi
	if ! paths=$("$here/kernels" "$label" 2>"$TMPDIR/why"); then
		skip "Linux $label" "$(tail -n 1 "$TMPDIR/why")"
		continue
	fi
	"$THPIN" boot --kernel "${paths%%$'\n'*}" --modules "${paths##*$'\n'}" --cpus 1 \
		--timeout $((400 * ${SLOWER:-1})) -- hold --pin "$(IFS=,; echo "${pins[*]}")" \
		--memory base,hugetlb,hugetlb-private -- inspect {} --json --full --probe bpf \
		-- inspect {} --json --full --probe proc >"$TMPDIR/json" 2>"$TMPDIR/stderr"
	is "Linux $label: exit status" $? 1
	is "Linux $label: what is not as it should be" \
		"$(python3 -B "$here/hazards.py" "$label" "${pins[@]}" <"$TMPDIR/json" 2>&1)" ""
	is "Linux $label: messages" "$(<"$TMPDIR/stderr")" ""
done
done_testing
