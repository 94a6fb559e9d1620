#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# cores: 1
#
# A fault that NUMA balancing has nothing to do with, as where a page was on its way to
# another frame, is not taken for one of its: here each 101st look at them counts one more.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"
cd "$TMPDIR" || exit 1

cat >getrusage.c <<'END'
#define _GNU_SOURCE
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int getrusage(__rusage_who_t who, struct rusage *usage)
{
	static long looks;
	int err = (int)syscall(SYS_getrusage, who, usage);

	usage->ru_minflt += ++looks / 101;
	return err;
}
END
said=$(${CC:-cc} -shared -fPIC -o getrusage.so getrusage.c 2>&1) || skip_all "no compiler: $said"

# repro CASE: its row, of three trials
repro() {
	LD_PRELOAD=$PWD/getrusage.so "$THPIN" repro --no-control --repeat 3 --timeout 30 \
		--list -nr -o VERDICT,REASON "$1/numa-hint" | sed 's/\\x20/ /g'
}

said=$(repro vmsplice/thp)
case $said in
skipped*) skip_all "${said#skipped }" ;;
esac
is "what the scan takes access to" "$said" "in-sync -"
like "... and what it leaves alone" "$(repro uring-fixed/thp-pte)" \
	'^(refused no hinting fault in pinned memory; 1 in unpinned beside|skipped .*)$'
done_testing
