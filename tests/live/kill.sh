#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
# cores: 1
#
# thpin repro is killed at random moments, and leaves nothing behind.

set -u
export LC_ALL=C

: "${THPIN:?}" "${TESTDIR:?}" "${TMPDIR:?}"
kill_py=$TESTDIR/live/kill.py

if [ "$(id -u)" != 0 ] || ! unshare -m true 2>/dev/null; then
	exec python3 -B "$kill_py"
fi

# A mount namespace of its own, to see all FUSE connections there, and where nobody
# may open /dev/fuse, so that workers in user namespaces are killed, too.
# shellcheck disable=SC2016 # that shell expands them
exec unshare -m --propagation private sh -c '
	mkdir "$TMPDIR/open" && mount -t tmpfs -o mode=755 thpin-test "$TMPDIR/open" &&
	mknod -m 666 "$TMPDIR/open/fuse" c 10 229 &&
	mount --bind "$TMPDIR/open/fuse" /dev/fuse
	if setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$THPIN"; then
		set -- --nobody
	else
		set --
	fi
	exec python3 -B "$0" --own-mounts "$@"' "$kill_py"
