#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 1
#
# Every pin that can be held, on each of Debian's kernels: thpin inspect finds the
# pages that thpin hold has parted and no others, by BPF and by /proc/kcore.

set -u
here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"

for label in $("$here/kernels" --list); do
	pins=(uring-fixed vmsplice xdp-umem process-vm)
	node=0
	case $label in
	5.10) pins+=(-vfio ${THPIN_THOROUGH:+-rdma}) ;; # its modules do not tell their types
	6.1) pins+=(rdma vfio) ;;
	6.12) node=1 pins+=(rdma vfio udmabuf) ;; # no udmabuf among the modules of 6.1
	*) pins+=(rdma vfio udmabuf) ;;
	esac
	if ! paths=$("$here/kernels" "$label" 2>"$TMPDIR/why"); then
		skip "Linux $label" "$(tail -n 1 "$TMPDIR/why")"
		continue
	fi
	"$THPIN" boot --kernel "${paths%%$'\n'*}" --modules "${paths##*$'\n'}" --cpus 1 \
		--nodes 2 --device edu --timeout $((400 * ${SLOWER:-1})) -- \
		hold --pin "$(IFS=,; echo "${pins[*]#-}")" --memory thp,shmem --node $node \
		--diverge 3 --discard 2 -- inspect {} --json --full --probe bpf \
		-- inspect {} --json --full --probe kcore \
		>"$TMPDIR/json" 2>"$TMPDIR/stderr"
	is "Linux $label: exit status" $? 1
	is "Linux $label: what is not as it should be" \
		"$(python3 -B "$here/inspected.py" $node "${pins[@]}" <"$TMPDIR/json" 2>&1)" ""
	is "Linux $label: messages" "$(<"$TMPDIR/stderr")" ""
done
done_testing
