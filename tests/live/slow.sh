#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# A device that is slow is waited for as long as --timeout allows; one that takes longer
# is an error which says so. Here the FUSE server, whose answers are held up.

set -u
export LC_ALL=C
# shellcheck source=tests/said.sh
. "${TESTDIR:?}/said.sh"

cat >writev.c <<'END'
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	const char *seconds = getenv("HELD_UP");

	if (seconds && count == 2 && parts[1].iov_len == 65536)
		sleep((unsigned)atoi(seconds));
	return syscall(SYS_writev, fd, parts, count);
}
END
said=$(${CC:-cc} -shared -fPIC -o writev.so writev.c 2>&1) || skip_all "no compiler: $said"

# repro SECONDS TIMEOUT PIN: its row, with each answer held up for so long
repro() {
	HELD_UP=$1 LD_PRELOAD=$PWD/writev.so "${THPIN:?}" repro --no-control --timeout "$2" --size 64K \
		--list -n -o VERDICT,REASON "$3/base/none" 2>&1 | tr -s ' '
}

held=$(repro 0 20 odirect-read)
case $held in
skipped*) skip_all "${held#skipped }" ;;
esac
is "an answer in time" "$held" "in-sync -"
is "after 6 s, where the device has 10" "$(repro 6 20 odirect-read)" "in-sync -"
like "after 2 s, where it has 1" "$(repro 2 2 odirect-read)" \
	'^error the I/O of the FUSE server: not done within 1\.0 s \(a slow machine: repro --timeout\)$'
done_testing
