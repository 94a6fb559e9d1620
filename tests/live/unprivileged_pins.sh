#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The pins that no plain "thpin repro" takes, without any rights: a verdict, or a skip
# with the right that is missing.  Run by a user who is not root, it is this user.

set -u
export LC_ALL=C

: "${THPIN:?}" "${TESTDIR:?}" "${TMPDIR:?}"
drop=(setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all)
pins=aio,uring-odirect,msg-zerocopy,uring-send-zc,uring-send-zc-fixed,process-vm,process-vm-ro,xdp-umem,xdp-umem-tx
without="admin"
if [ "$(id -u)" != 0 ]; then
	drop=()
elif ! said=$("${drop[@]}" true 2>&1); then
	echo "1..0 # SKIP cannot become nobody: $said"
	exit 0
elif ! "${drop[@]}" test -x "$THPIN"; then
	# nobody must be able to run it, wherever it was built.
	copy=$(mktemp -d /tmp/thpin-test.XXXXXX) || exit 1
	trap 'rm -r "$copy"' EXIT
	chmod 755 "$copy"
	cp "$THPIN" "$copy/thpin" || exit 1
	THPIN=$copy/thpin
fi
"${drop[@]}" sh -c ': <>/dev/fuse' 2>/dev/null || without+=,fuse
"${drop[@]}" "$THPIN" repro --json --pin $pins --memory thp,base \
	--race none,fork-parent-write,mprotect-half-rorw,dontneed-page >"$TMPDIR/run.json"
status=$?
python3 -B "$TESTDIR/live/cells.py" --pins $pins --run '' "$TMPDIR/run.json" $status "$without"
