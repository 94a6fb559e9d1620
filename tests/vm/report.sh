#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 200
#
# A run of a guest, written down there and read here: the report that is made of it
# here is, byte for byte, the one that the guest itself has made of that run.

# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"

: "${THPIN:?}" "${TMPDIR:?}"
command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"
paths=$("$TESTDIR/vm/kernels" 6.1 2>"$TMPDIR/why") || skip_all "$(tail -n 1 "$TMPDIR/why")"
kernel=$(echo "$paths" | sed -n 1p)
modules=$(echo "$paths" | sed -n 2p)

# The guest's stderr is the file of --save: it has no other that can be got at.
"$THPIN" boot --kernel "$kernel" --modules "$modules" --cpus 1 --timeout $((150 * ${SLOWER:-1})) -- \
	report --save /proc/self/fd/2 odirect-read/thp/fork-parent-write \
	>"$TMPDIR/there" 2>"$TMPDIR/run.json"
is "the guest loses it" $? 1
"$THPIN" report --from "$TMPDIR/run.json" >"$TMPDIR/here"
is "and so does what it has written down" $? 1
ok "the two reports are the same" diff -u "$TMPDIR/there" "$TMPDIR/here"
like "of that kernel" "$(cat "$TMPDIR/here")" '^Linux 6\.1\.'
is "at most 60 lines" "$(wc -l <"$TMPDIR/here" | awk '{ print ($1 > 30 && $1 <= 60) }')" 1
done_testing
