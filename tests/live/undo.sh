#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# cores: 1
#
# What cannot be undone after a case is said, whatever became of the case, and tried once
# more in the end. Here the guardian cannot write to a setting the first time.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"
cd "$TMPDIR" || exit 1
thp=/sys/kernel/mm/transparent_hugepage

[ "$(id -u)" = 0 ] || skip_all "only root changes settings"

# usable MEMORY SETTING: it can be had here, and is off
usable() {
	[ -w "$2" ] && grep -Fq '[never]' "$2" &&
		"$THPIN" list memory -nr -o NAME,AVAILABLE | grep -q "^$1 yes"
}

if usable mthp-64k $thp/hugepages-64kB/enabled; then
	kind=mthp-64k
	export SETTING=$thp/hugepages-64kB/enabled
elif usable shmem-thp $thp/shmem_enabled; then
	kind=shmem-thp
	export SETTING=$thp/shmem_enabled
else
	skip_all "no kind of memory needs a setting of this machine"
fi

# The guardian is who calls setsid(). With $HANG the worker says in that file that it has
# come to the pin, and stays there.
cat >undo.c <<'END'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static int fails;

pid_t setsid(void)
{
	fails = 1;
	return (pid_t)syscall(SYS_setsid);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, int) : 0;
	va_end(args);
	if (fails && flags & O_WRONLY && !strcmp(path, getenv("SETTING"))) {
		fails = 0;
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t vmsplice(int fd, const struct iovec *parts, size_t count, unsigned int flags)
{
	const char *hang = getenv("HANG");

	if (hang && !strcmp(hang, "killed"))
		raise(SIGSEGV);
	if (hang) {
		close(open(hang, O_WRONLY | O_CREAT, 0600));
		pause();
	}
	return syscall(SYS_vmsplice, fd, parts, count, flags);
}
END
said=$(${CC:-cc} -shared -fPIC -o undo.so undo.c 2>&1) || skip_all "no compiler: $said"

before=$(cat "$SETTING")

# run ARG...: leaves run.json and the status
run() {
	LD_PRELOAD=$PWD/undo.so "$THPIN" repro --json --no-control "$@" >run.json 2>err
	status=$?
}

# verdicts: of the cases, with the reasons
verdicts() {
	python3 -c '
import json
for case in json.load(open("run.json"))["cases"]:
    print(case["verdict"], case["reason"] or "")'
}

# is_undone NAME: the setting, which is put right for what comes next
is_undone() {
	is "$1: the setting is as it was" "$(cat "$SETTING")" "$before"
	echo never >"$SETTING"
}

cannot='error the guardian cannot undo what a case did: Input/output error'
run vmsplice/$kind/none vmsplice/$kind/fork-dontfork
is "after a case: an error, and the next one runs" "$(verdicts)" "$cannot
in-sync "
is "after a case: exit status" $status 128
is_undone "after a case"

HANG=killed run vmsplice/$kind/none
is "after a worker was killed" "$(verdicts)" \
	"$cannot; the worker was killed by signal 11 (Segmentation fault)"
is_undone "after a worker was killed"

HANG=$PWD/hangs run --timeout 1 vmsplice/$kind/none
like "after a worker hangs" "$(verdicts)" "^$cannot; not done after 1.0 s"
is_undone "after a worker hangs"

rm -f hangs
HANG=$PWD/hangs LD_PRELOAD=$PWD/undo.so env --default-signal=INT "$THPIN" repro --json --no-control \
	vmsplice/$kind/none vmsplice/$kind/fork-dontfork >run.json 2>err &
pid=$!
for ((i = 0; i < 900; i++)); do
	[ ! -e hangs ] || break
	sleep 0.1
done
kill -INT $pid
wait $pid
is "after an interrupt: exit status" $? 130
is "after an interrupt: what it leaves, and nothing else ran" "$(verdicts)" "$cannot; interrupted
None "
is_undone "after an interrupt"
done_testing
