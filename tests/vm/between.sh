#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
# cores: 1
#
# Kernels between those that the other tests know cell by cell: what is run by default
# ends without a loss that no rule explains, and pins that would harm the kernel are
# refused. One of them; with THPIN_THOROUGH=1 all, and more memory.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
here=$TESTDIR/vm
: "${THPIN:?}" "${TMPDIR:?}"
cd "$TMPDIR" || exit 1

# harmful LABEL: the pins that are refused there
harmful() {
	case $1 in
	6.16) echo rdma-odp xdp-umem xdp-umem-tx ;;
	6.1[789] | 7.[01]) echo rdma-odp ;;
	esac
}

# guest OUT SUBCOMMAND...
guest() {
	local out=$1

	shift
	"$THPIN" boot --kernel "${paths%%$'\n'*}" --modules "${paths##*$'\n'}" --cpus 1 \
		--timeout $((800 * ${SLOWER:-1})) -- "$@" >"$out" 2>err
}

for label in $("$here/kernels" --between); do
	[ "$label" = 6.16 ] || [ -n "${THPIN_THOROUGH-}" ] || continue
	if ! paths=$("$here/kernels" "$label" 2>why); then
		skip "Linux $label" "$(tail -n 1 why)"
		continue
	fi
	guest json repro --json --fail-on=unexpected --timeout 30 \
		${THPIN_THOROUGH:+--all --memory thp,base,mthp-64k,shmem,hugetlb,memfd-private}
	is "Linux $label: exit status" $? 0
	is "Linux $label: unexpected, flaky, errors, cases" "$(python3 -c 'import json
s = json.load(open("json"))["summary"]
print(s["unexpected"], s["flaky"], s["errors"], s["cases"] > 200)' 2>&1)" "0 0 0 True"
	is "Linux $label: messages" "$(<err)" ""
	guest pins list pins -nr -o NAME,REASON
	is "Linux $label: pins that would harm it" \
		"$(sed -n 's/ .*\(panic\|read-only\).*//p' pins | paste -sd' ')" "$(harmful "$label")"
done
done_testing
