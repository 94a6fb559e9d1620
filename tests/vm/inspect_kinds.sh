#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 2700
# cores: 1
#
# Pinned memory of each kind that a guest can have, and each pin that tests/vm/inspect.sh
# has not, on each of Debian's kernels: thpin inspect finds the pages that thpin hold has
# parted and no others, by BPF and by /proc/kcore, also where they were swapped out or
# merged by KSM. What is not divisible (hugetlb) is found in sync. No file of a disk: a
# guest has none to write to. Each kind of memory on one kernel, and no other pins, which
# tests/live/inspect.sh has; with THPIN_THOROUGH=1 all of them on each.

set -u
here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"

# found PINS MEMORY: what is wrong in what hold and inspect said, or missing
found() {
	python3 -B - "$1" "$2" "$TMPDIR/json" <<'END' 2>&1
import os
import sys

sys.path.insert(0, os.environ["TESTDIR"])
from pinned import faults_of

pins, memory = (one.split(",") for one in sys.argv[1:3])
with open(sys.argv[3], encoding="utf-8") as file:
    faults, seen = faults_of(file.read(), ["bpf", "kcore"])
faults += [f"{pin}, {kind} is missing" for pin in pins for kind in memory
           if (pin, kind) not in seen]
print("\n".join(faults), end="\n" * bool(faults))
END
}

# held ON NAME PINS MEMORY OPTION...: ON is the kernel that has the group in any case, -: none
held() {
	local on=$1 name=$2 pins=$3 memory=$4

	shift 4
	[ "$on" = "$label" ] || [ -n "${THPIN_THOROUGH-}" ] || return 0
	"$THPIN" boot --kernel "${paths%%$'\n'*}" --modules "${paths##*$'\n'}" --cpus 1 \
		--timeout $((400 * ${SLOWER:-1})) -- hold --pin "$pins" --memory "$memory" "$@" \
		-- inspect {} --json --full --probe bpf -- inspect {} --json --full --probe kcore \
		>"$TMPDIR/json" 2>"$TMPDIR/stderr"
	is "Linux $label, $name: what is not as it should be" "$(found "$pins" "$memory")" ""
	is "Linux $label, $name: messages" "$(<"$TMPDIR/stderr")" ""
}

for label in $("$here/kernels" --list); do
	if ! paths=$("$here/kernels" "$label" 2>"$TMPDIR/why"); then
		skip "Linux $label" "$(tail -n 1 "$TMPDIR/why")"
		continue
	fi
	# By FOLL_PIN and by FOLL_GET
	named=uring-fixed,vmsplice
	others=odirect-read,odirect-write,odirect-block,aio,uring-odirect,msg-zerocopy
	others+=,process-vm-ro,xdp-umem-tx
	[ "$label" = 5.10 ] || others+=,uring-send-zc,uring-send-zc-fixed # Linux 6.0
	held 6.1 "swapped out and merged" $named base --size 256K --diverge 2 --discard 1 --swap 3 --merge 3
	held 7.3 "parted" $named thp-pte,thp-mremapped,thp-shared,base-swapped,memfd-private --diverge 3
	held 6.12 "whole" $named hugetlb,hugetlb-shared,shmem-thp
	held - "other pins" "$others" thp,base --diverge 3 --discard 2
done
done_testing
