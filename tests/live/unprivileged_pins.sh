#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The pins that no plain "thpin repro" takes, without any rights: a verdict, or a skip
# with the right that is missing.  Run by a user who is not root, it is this user.

set -u
export LC_ALL=C

: "${THPIN:?}" "${TESTDIR:?}" "${TMPDIR:?}"
# shellcheck source=tests/nobody.sh
. "$TESTDIR/nobody.sh"
pins=aio,uring-odirect,msg-zerocopy,uring-send-zc,uring-send-zc-fixed,process-vm,process-vm-ro,xdp-umem,xdp-umem-tx
without="admin"
if [ "$(id -u)" != 0 ]; then
	drop=()
else
	prepare_nobody
fi
"${drop[@]}" sh -c ': <>/dev/fuse' 2>/dev/null || without+=,fuse
"${drop[@]}" "$THPIN" repro --json --pin $pins --memory thp,base \
	--race none,fork-parent-write,mprotect-half-rorw,dontneed-page >"$TMPDIR/run.json"
status=$?
python3 -B "$TESTDIR/live/cells.py" --pins $pins --run '' "$TMPDIR/run.json" $status "$without"
