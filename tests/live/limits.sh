#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# What a user may have at most (ulimit, cgroup): a case that comes to it says so and ends, and
# nothing is touched that is not its own.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"
# shellcheck source=tests/nobody.sh
. "$TESTDIR/nobody.sh"
prepare_nobody

# limited LIMIT NUMBER CASE: sets said to "VERDICT REASON" of the case as nobody with this
# ulimit; its stdin is a file that may be written to.
limited() {
	said=$(
		ulimit "$1" "$2"
		"${drop[@]}" "$THPIN" repro --no-control --timeout 3 --list -nr \
			-o VERDICT,REASON "$3" 2>&1 <>"$TMPDIR/stdin" | sed 's/\\x20/ /g'
	)
}

name="RLIMIT_MEMLOCK 0: libibverbs has nothing to warn of"
if [ -e /sys/class/infiniband_verbs ]; then
	skip "$name" "there is RDMA, where it has"
else
	is "$name" "$(ulimit -l 0 && "${drop[@]}" "$THPIN" list pins 2>&1 >/dev/null)" ""
fi

# How many processes nobody has already, and thpin itself, is not known: the limit goes
# up until it is the child of the race that is one too many.
child_too_many() {
	local processes

	for processes in {1..64}; do
		limited -u "$processes" "$1"
		case $said in
		*" cannot fork a"* | *" cannot start a thread"* | thpin:*) ;;
		*) break ;;
		esac
	done
}

# process-vm is held in a fault of its own, which not every user may.
drop=("${drop[@]/-all/-all,+sys_ptrace}" --ambient-caps=+sys_ptrace)
for case in vmsplice/base/fork-parent-write process-vm/base/fork-parent-write; do
	echo 'nobody writes here' >"$TMPDIR/stdin"
	child_too_many $case
	if [[ $said == "skipped "* ]]; then
		skip "$case: no process for a child" "$said"
		continue
	fi
	is "$case: no process for a child" "$said" \
		'error fork: Resource temporarily unavailable'
	is "$case: stdin is as it was" "$(cat "$TMPDIR/stdin")" 'nobody writes here'
done

# A cgroup of version 1 or 2 with 20 MiB of memory; thpin runs in it from a shell of its own.
group=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2 "/thpin-limits"; exit }' \
	/proc/self/mounts)
limit=memory.limit_in_bytes
if [ -z "$group" ]; then
	group=$(awk '$3 == "cgroup2" { print $2 "/thpin-limits"; exit }' /proc/self/mounts)
	limit=memory.max
fi
# Of a test that was killed, nothing may be left.
[ -z "$group" ] || rmdir "$group" 2>/dev/null
if ! { [ "$group" ] && mkdir "$group" && echo 20M >"$group/$limit"; } 2>"$TMPDIR/why"; then
	skip "--size in a cgroup" "$(cat "$TMPDIR/why")"
else
	said=$(echo $BASHPID >"$group/cgroup.procs" && "$THPIN" repro --size 8M vmsplice/base/none 2>&1)
	is "--size above what the cgroup has: exit status" $? 129
	like "... why" "$said" 'more than an eighth of the memory of the cgroup'
fi
[ ! -d "$group" ] || rmdir "$group"
done_testing
