#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# cores: 1
#
# A fault that NUMA balancing has nothing to do with, as where a page was on its way to
# another frame, is not taken for one of its: here each 101st look at them counts one more.

set -u
export LC_ALL=C
# shellcheck source=tests/said.sh
. "${TESTDIR:?}/said.sh"

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

# hints CASE NAME WANTED: the verdict and reason of three trials
hints() {
	local row

	row=$(LD_PRELOAD=$PWD/getrusage.so "${THPIN:?}" repro --no-control --repeat 3 --timeout 30 \
		--list -nr -o VERDICT,REASON "$1/numa-hint" | sed 's/\\x20/ /g')
	case $row in
	skipped*) skip "$2" "${row#skipped }" ;;
	*) is "$2" "$row" "$3" ;;
	esac
}

hints vmsplice/thp "what the scan takes access to" "in-sync -"
hints uring-fixed/thp-pte "... and what it leaves alone" \
	"refused no hinting fault in pinned memory; 1 in unpinned beside"
done_testing
