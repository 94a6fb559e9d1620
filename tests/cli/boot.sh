#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What thpin boot asks of QEMU and how long it waits, by a QEMU that only speaks for a
# guest: tests/cli/boot.py.

set -u
export LC_ALL=C
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"
cd "$TMPDIR" || exit 1

# An ELF image, as far as thpin looks
{ printf '\177ELF'; head -c 4096 /dev/zero; } >kernel
cat >qemu <<END
#!/bin/sh
unset LD_PRELOAD # its clock is for thpin
exec python3 -B '$TESTDIR/cli/boot.py' "\$@"
END
chmod +x qemu
export ARGUMENTS=$PWD/arguments CLOCK=$PWD/clock

# boot PLOT ARG...: leaves arguments, a line each, err and status
boot() {
	export PLOT=$1
	shift
	rm -f "$ARGUMENTS"
	echo 0 >"$CLOCK"
	"$THPIN" boot --kernel kernel --qemu "$PWD/qemu" "$@" -- list pins >out 2>err </dev/null
	status=$?
}

# count WORD: how many arguments are that
count() {
	grep -cxF -e "$1" "$ARGUMENTS"
}

boot answer
if [ $status != 0 ] && grep -q 'initramfs\|cannot' err; then
	skip_all "$(cat err)"
fi
is "a guest that answers: exit status" $status 0
is "a guest that answers: nothing is said" "$(cat err)" ""

# --- arguments ---------------------------------------------------------------

# As many as there may be
boot answer --cpus 64 --nodes 8 --device edu --disk kernel --append last
is "many arguments: exit status" $status 0
is "many arguments: the nodes" \
	"$(count -object) $(grep -c '^node,nodeid=' "$ARGUMENTS")" "8 8"
is "many arguments: the CPUs" "$(grep -c '^cpu,node-id=' "$ARGUMENTS")" 64
is "many arguments: what comes behind them" \
	"$(for word in -kernel -initrd -append -serial; do count $word; done | paste -sd ' ')" \
	"1 1 1 2"
like "many arguments: the command line" "$(cat "$ARGUMENTS")" '^console=.* last$'

# --- modules -----------------------------------------------------------------

mkdir -p modules/kernel
: >modules/kernel/nothing.ko
ln -s modules link
boot answer --modules link
if grep -q 'libkmod' err; then
	skip "modules below a link" "$(cat err)"
else
	is "modules below a link: exit status" $status 0
	is "modules below a link: found" "$(cat err)" ""
fi

# --- time --------------------------------------------------------------------

# As if KVM were there, and with a clock that is ahead by the seconds in $CLOCK
cat >clock.c <<'END'
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int access(const char *path, int mode)
{
	return strcmp(path, "/dev/kvm") ? (int)syscall(SYS_faccessat, AT_FDCWD, path, mode) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int fd = open(getenv("CLOCK"), O_RDONLY), err = (int)syscall(SYS_clock_gettime, clock, now);
	char ahead[16] = "";

	if (fd >= 0 && read(fd, ahead, sizeof(ahead) - 1) > 0)
		now->tv_sec += atoi(ahead);
	close(fd);
	return err;
}
END
if ! said=$(${CC:-cc} -shared -fPIC -o clock.so clock.c 2>&1); then
	skip "how long it waits" "no compiler: $said"
	done_testing
fi

# accelerated: how often QEMU was started, and how
accelerated() {
	grep -o 'accel=[a-z]*' "$ARGUMENTS" | paste -sd ' '
}

export LD_PRELOAD=$PWD/clock.so
boot late --accel auto
is "a subcommand that takes longer than KVM may: exit status" $status 0
is "a subcommand that takes longer than KVM may: goes on" "$(accelerated)" "accel=kvm"
boot mute --accel auto
is "KVM that boots nothing: exit status" $status 0
is "KVM that boots nothing: emulation" "$(accelerated)" "accel=kvm accel=tcg"
boot late --accel auto --timeout 25
is "longer than --timeout: exit status" $status 125
like "longer than --timeout: why" "$(cat err)" 'the guest did not answer within 25 s'
unset LD_PRELOAD
done_testing
