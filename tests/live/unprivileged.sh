#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# The same verdicts without any rights, since they come from bytes: once as nobody
# finds this machine, and once with a /dev/fuse that nobody may open, so that the
# FUSE pins mount in a user namespace.  Run by a user who is not root, what is
# checked is this user.

set -u
export LC_ALL=C

: "${THPIN:?}" "${TESTDIR:?}" "${TMPDIR:?}"
# shellcheck source=tests/nobody.sh
. "$TESTDIR/nobody.sh"
runs=()

# repro NAME WITHOUT [COMMAND...]: as a run, by thpin started through COMMAND
repro() {
	local name=$1 without=$2

	shift 2
	"$@" "$THPIN" repro --json >"$TMPDIR/$name.json"
	runs+=(--run "$name" "$TMPDIR/$name.json" $? "$without")
}

# fuse_for_nobody COMMAND...: in a mount namespace where /dev/fuse has mode 0666
fuse_for_nobody() {
	# shellcheck disable=SC2016 # that shell expands them
	unshare -m --propagation private sh -c '
		mount -t tmpfs -o mode=755 thpin-test "$TMPDIR" &&
		mknod -m 666 "$TMPDIR/fuse" c 10 229 &&
		mount --bind "$TMPDIR/fuse" /dev/fuse && exec "$@"' sh "$@"
}

if [ "$(id -u)" != 0 ]; then
	repro user ''
	exec python3 -B "$TESTDIR/live/cells.py" "${runs[@]}"
fi

prepare_nobody
without="admin"
"${drop[@]}" sh -c ': <>/dev/fuse' 2>/dev/null || without="admin,fuse"
repro nobody "$without" "${drop[@]}"

if [ "$without" = admin ]; then
	reason='nobody may open /dev/fuse as it is'
elif ! reason=$(fuse_for_nobody "${drop[@]}" sh -c ': <>/dev/fuse' 2>&1); then
	reason="no private /dev/fuse: $reason"
elif ! reason=$("${drop[@]}" unshare -U true 2>&1); then
	reason="no user namespaces for nobody: $reason"
else
	repro nobody-fuse admin fuse_for_nobody "${drop[@]}"
fi
python3 -B "$TESTDIR/live/cells.py" "${runs[@]}" ${reason:+--skip nobody-fuse "$reason"}
