#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# A control that cannot run proves nothing: another one takes its place. Here a kernel
# that does not discard, as before Linux 5.18 of hugetlb memory.

set -u
export LC_ALL=C
# shellcheck source=tests/said.sh
. "${TESTDIR:?}/said.sh"

cat >madvise.c <<'END'
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int madvise(void *at, size_t size, int advice)
{
	if (advice != MADV_DONTNEED)
		return (int)syscall(SYS_madvise, at, size, advice);
	errno = EINVAL;
	return -1;
}
END
said=$(${CC:-cc} -shared -fPIC -o madvise.so madvise.c 2>&1) || skip_all "no compiler: $said"

# repro ARG...: a run without discards
repro() {
	LD_PRELOAD=$PWD/madvise.so thpin repro --json "$@"
}

repro vmsplice/base/none
is "a case beside which no discard runs: exit status" $status 0
is "... is in sync" "$(json 'r["cases"][0]["verdict"]')" in-sync
is "... and has another control, which is lost" \
	"$(json 'r["summary"]["controls"], r["summary"]["controls_lost"]')" "(1, 1)"
is "... of the same pin and memory" \
	"$(json '[c["case"] for c in r["cases"] if c["control"]]')" "['vmsplice/base/remap-fixed']"

# One that was asked for, and that cannot run.
repro vmsplice/base/none vmsplice/base/dontneed-page vmsplice/base/remap-fixed
is "a discard asked for, and another race by design: exit status" $status 0
is "... needs no control" "$(json '[(c["case"], c["control"], c["verdict"]) for c in r["cases"]]')" \
	"[('vmsplice/base/none', False, 'in-sync'), ('vmsplice/base/dontneed-page', False, 'skipped'), ('vmsplice/base/remap-fixed', False, 'out-of-sync')]"
repro vmsplice/base/none vmsplice/base/dontneed-page
is "only a discard asked for: exit status" $status 0
is "... another control is added" "$(json '[(c["case"], c["control"], c["verdict"]) for c in r["cases"]][2:]')" \
	"[('vmsplice/base/remap-fixed', True, 'out-of-sync')]"
repro vmsplice/base/dontneed-page
is "... but not where nothing is in sync" "$(json '[(c["case"], c["verdict"]) for c in r["cases"]]')" \
	"[('vmsplice/base/dontneed-page', 'skipped')]"

# What was not tested needs no control.
repro --size 64K vmsplice/base/collapse
is "a case that is skipped: its control, too" \
	"$(json '[(c["case"], c["verdict"]) for c in r["cases"]]')" \
	"[('vmsplice/base/collapse', 'skipped'), ('vmsplice/base/dontneed-page', 'skipped')]"
done_testing
