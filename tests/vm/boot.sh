#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1200
# cores: 2
#
# shellcheck disable=SC2317 # functions that are called by name
#
# thpin boot: what it returns is what the command said in the guest; what does not
# boot is 125, and nothing is left running.

here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"
label=6.1
paths=$("$here/kernels" $label 2>"$TMPDIR/why") ||
	skip_all "Linux $label: $(tail -n 1 "$TMPDIR/why")"
{ read -r kernel && read -r modules; } <<<"$paths"
kernel=${kernel%/*}/vmlinuz # as it is installed; what the other tests boot is unpacked

# Every guest of this test has this on its command line: one that is left running
# is seen.
mark=thpin_test.run=$$.$RANDOM
work=$TMPDIR/work
mkdir -p "$work" "$TMPDIR/empty"

# boot NAME ARG...: leaves NAME.out, NAME.err and NAME.status; of one CPU unless told
# otherwise, which boots sooner
boot() {
	local name=$1

	shift
	TMPDIR=$TMPDIR/empty "$THPIN" boot --kernel "$kernel" --cpus 1 --timeout $((400 * ${SLOWER:-1})) "$@" \
		>"$work/$name.out" 2>"$work/$name.err" </dev/null
	echo $? >"$work/$name.status"
}

running=0

# later COMMAND...: two guests at a time
later() {
	if [ $running = 2 ]; then
		wait -n
		running=1
	fi
	"$@" &
	running=$((running + 1))
}

# outcome NAME: its exit status; out NAME, err NAME: what it wrote
outcome() {
	cat "$work/$1.status"
}

out() {
	cat "$work/$1.out"
}

err() {
	tr -d '\r' <"$work/$1.err"
}

# --- without a guest ---------------------------------------------------------

# refuses NAME STATUS PATTERN ARG...: ends at once
refuses() {
	local name=$1 status=$2 pattern=$3

	shift 3
	is "$name: exit status" "$("$THPIN" boot "$@" >"$work/out" 2>"$work/err" </dev/null; echo $?)" "$status"
	like "$name: message" "$(cat "$work/err")" "$pattern"
	is "$name: no output" "$(cat "$work/out")" ""
}

refuses "what is not a kernel" 125 'matrix.sh is not a kernel' \
	--kernel "$here/matrix.sh" -- list pins
refuses "a device for a kernel" 125 '/dev/zero is no regular file' --kernel /dev/zero -- list pins
refuses "a kernel that is not there" 125 'nothing: No such file' --kernel "$work/nothing" -- list pins
refuses "no QEMU" 128 'no nosuch.*qemu-system-x86' --kernel "$kernel" --qemu nosuch -- list pins
refuses "a directory for QEMU" 128 'no /tmp' --kernel "$kernel" --qemu /tmp -- list pins
refuses "no QEMU at all" 128 '/bin/false failed .exit status 1.' \
	--kernel "$kernel" --qemu /bin/false -- list pins
refuses "no modules" 128 "$TMPDIR/empty" --kernel "$kernel" --modules "$TMPDIR/empty" -- list pins
refuses "no kernel" 129 'kernel FILE is needed' -- list pins
refuses "no subcommand" 129 'subcommand is needed' --kernel "$kernel"
refuses "an unknown subcommand" 129 "unknown subcommand 'lsit'; did you mean 'list'" \
	--kernel "$kernel" -- lsit pins
refuses "itself" 129 "no kernel that boot could boot" --kernel "$kernel" -- boot --kernel "$kernel" -- list
refuses "an unknown option" 129 'unknown option --bogus' --kernel "$kernel" --bogus -- list
refuses "too little memory" 129 'memory 1M' --kernel "$kernel" --memory 1M -- list
refuses "no CPU" 129 'cpus 0' --kernel "$kernel" --cpus 0 -- list
refuses "too many nodes" 129 'nodes 99' --kernel "$kernel" --nodes 99 -- list
refuses "an unknown device" 129 'device disk' --kernel "$kernel" --device disk -- list
refuses "an unknown accelerator" 129 'accel hax' --kernel "$kernel" --accel hax -- list
refuses "no time" 129 'timeout 0' --kernel "$kernel" --timeout 0 -- list
refuses "a log that cannot be written" 128 'keep-log /proc/x' \
	--kernel "$kernel" --keep-log /proc/x -- list
if [ ! -w /dev/kvm ]; then
	refuses "KVM where there is none" 128 '/dev/kvm' --kernel "$kernel" --accel kvm -- list
fi

# --- the same command, in a guest without thpin boot -------------------------

# What does not differ from run to run, and needs no module
columns=CASE,VERDICT,LOSS,EXPECTATION,RULE,REMEDY,CLASS,PAGES,PAGES-LOST,FIRST-OFFSET,REASON
same=(repro --list --raw --seed 7 -o "$columns"
	'vmsplice/thp/fork-*' 'uring-fixed/base/mprotect-*' 'odirect-read/base/none')

# A guest whose init is a shell, which writes what thpin said to the console
by_hand() {
	local root=$work/root library

	mkdir -p "$root"/{bin,dev,proc,sys,tmp}
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$THPIN" "$root/thpin"
	for library in $(ldd "$THPIN" | grep -o '/[^ ]*'); do
		mkdir -p "$root$(dirname "$library")"
		cp -L "$library" "$root$library"
	done
	{
		echo "#!/bin/busybox sh"
		echo "b=/bin/busybox"
		echo "\$b mount -t proc proc /proc; \$b mount -t sysfs sysfs /sys"
		echo "\$b mount -t devtmpfs dev /dev; \$b mount -t tmpfs tmp /tmp"
		echo "/thpin $(printf "'%s' " "${same[@]}") >/tmp/out 2>/tmp/err"
		echo "echo status=\$?"
		echo "for f in out err; do echo begin-\$f; \$b base64 /tmp/\$f; echo end-\$f; done"
		echo "\$b reboot -f"
	} >"$root/init"
	chmod +x "$root/init"
	(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initrd"
	timeout 400 qemu-system-x86_64 -machine q35,accel=tcg -cpu max -m 2G -smp 2 \
		-nodefaults -display none -no-reboot -serial stdio \
		-kernel "$kernel" -initrd "$work/initrd" \
		-append "console=ttyS0 panic=-1 quiet rdinit=/init $mark" \
		</dev/null 2>&1 | tr -d '\r' >"$work/console"
	sed -n '/^begin-out$/,/^end-out$/{//!p}' "$work/console" | base64 -d >"$work/hand.out"
	sed -n '/^begin-err$/,/^end-err$/{//!p}' "$work/console" | base64 -d >"$work/hand.err"
	sed -n 's/^status=//p' "$work/console" >"$work/hand.status"
}

busybox=
if ! command -v busybox >/dev/null; then
	busybox="there is no busybox (Debian: busybox-static)"
elif ldd "$(command -v busybox)" >/dev/null 2>&1; then
	busybox="busybox is not static (Debian: busybox-static)"
fi

# --- guests ------------------------------------------------------------------

later boot same --cpus 2 --append "$mark" -- "${same[@]}"
[ -n "$busybox" ] || later by_hand
later boot panic --append "init=/nonexistent $mark" -- list pins
later boot hang --append "init=/nonexistent panic=0 $mark" --timeout 15 -- list pins
later boot late --append "$mark" --timeout 1 -- list pins
later boot usage --append "$mark" -- repro "a  b'c\"*/x/y"
later boot skipped --append "$mark" -- repro -nr -o CASE,VERDICT,REASON odirect-read/base/none
later boot nodes --append "$mark" --modules "$modules" --nodes 2 --cpus 3 --memory 1G --swap \
	--keep-log "$work/nodes.log" -- repro --json vmsplice/base/pageout
later boot edu --append "$mark" --modules "$modules" --swap --device edu --verbose --keep-log "$work/edu.log" -- list pins
newest=$("$here/kernels" --list | tail -n 1)
if paths=$("$here/kernels" "$newest" 2>"$TMPDIR/why"); then
	{ read -r new_kernel && read -r new_modules; } <<<"$paths"
	kernel=${new_kernel%/*}/vmlinuz later boot newest --append "$mark" --modules "$new_modules" \
		-- list pins -nr -o NAME,AVAILABLE
fi
ln -s /dev/full "$work/full.out"
later boot full --append "$mark" -- list pins
wait

is "the same command: exit status 1" "$(outcome same)" 1
like "the same command: it said something" "$(out same)" 'vmsplice/thp/fork-parent-write out-of-sync'
is "the same command: nothing on stderr" "$(err same)" ""
if [ -n "$busybox" ]; then
	skip "the same command without thpin boot" "$busybox"
else
	is "without thpin boot: exit status" "$(outcome hand)" "$(outcome same)"
	ok "without thpin boot: output, byte for byte" cmp "$work/hand.out" "$work/same.out"
	ok "without thpin boot: standard error" cmp "$work/hand.err" "$work/same.err"
fi

is "a panic: exit status" "$(outcome panic)" 125
like "a panic: the console's last lines" "$(err panic)" 'Kernel panic - not syncing'
like "a panic: message" "$(err panic)" 'thpin: the kernel ended before it reached PID 1'
is "a panic: no output" "$(out panic)" ""

is "a kernel that hangs: exit status" "$(outcome hang)" 125
like "a kernel that hangs: message" "$(err hang)" 'thpin: .* did not answer within 15 s'
like "a kernel that hangs: the console's last lines" "$(err hang)" '^\[ *[0-9]+\.[0-9]+\]'
is "no time to boot: exit status" "$(outcome late)" 125
like "no time to boot: message" "$(err late)" 'did not answer within 1 s'

is "a usage error in the guest: exit status" "$(outcome usage)" 129
like "a usage error in the guest: stderr, and arguments as they were" \
	"$(err usage)" "no pin is called 'a  b'c\"[*]'"
is "a usage error in the guest: no output" "$(out usage)" ""

is "without modules: exit status" "$(outcome skipped)" 125
like "without modules: the pin is skipped with a reason" \
	"$(out skipped)" '^odirect-read/base/none skipped .*/dev/fuse'

# json NAME EXPRESSION: of the document d
json() {
	python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' \
		"$work/$1.out" "$2" 2>&1
}

is "two nodes: exit status" "$(outcome nodes)" 0
is "two nodes: host.nodes" "$(json nodes 'd["host"]["nodes"]')" 2
is "three CPUs: host.cpus" "$(json nodes 'd["host"]["cpus"]')" 3
is "1 GiB of memory: host.memory_kb" \
	"$(json nodes '800 << 10 < d["host"]["memory_kb"] < 1 << 20')" True
is "swap: pageout has what it needs" "$(json nodes 'd["cases"][0]["verdict"]')" in-sync
is "no --verbose: nothing on stderr" "$(err nodes)" ""
loaded='loop: module loaded|rdma_rxe: loaded|VFIO - User Level'
is "modules: those of the cases that are named" "$(grep -Eo "$loaded" "$work/nodes.log")" \
	"loop: module loaded"
is "modules: all for what runs no cases" \
	"$(grep -Eo "$loaded" "$work/edu.log" | sort | tr '\n' ',')" \
	"VFIO - User Level,loop: module loaded,rdma_rxe: loaded,"

is "edu: exit status" "$(outcome edu)" 0
like "edu: the guest has an IOMMU" "$(tr -d '\r' <"$work/edu.log")" 'DMAR: (IOMMU enabled|Intel)'
like "edu: the guest has the device" "$(tr -d '\r' <"$work/edu.log")" '1234:11e8'
is "swap: it is on before the subcommand" "$(grep -c 'Adding .* swap on' "$work/edu.log")" 1
like "--verbose: the console is on stderr" "$(err edu)" "Linux version $label"
like "--verbose: the output is not" "$(out edu)" '^vmsplice '
is "--keep-log: what --verbose shows" \
	"$(cmp "$work/edu.log" "$work/edu.err" >/dev/null 2>&1 && echo same)" same

if [ -f "$work/newest.out" ]; then
	is "modules without modules.dep, compressed: exit status" "$(outcome newest)" 0
	like "modules without modules.dep, compressed: loop is there" \
		"$(out newest)" '^odirect-block yes'
	like "a BPF program that is verified while an io_uring ends: xdp-umem is there" \
		"$(out newest)" '^xdp-umem yes'
else
	skip "modules of Linux $newest" "$(tail -n 1 "$TMPDIR/why")"
fi

is "output that cannot be written: exit status" "$(outcome full)" 128
like "output that cannot be written: message" "$(err full)" 'thpin: .*output'

# --- nothing is left ---------------------------------------------------------

# guests MARK: how many are running.  The command line is read of QEMU only: that of
# a process that is stuck in the kernel could not be.
guests() {
	local process count=0

	for process in /proc/[0-9]*; do
		case $(cat "$process/comm" 2>/dev/null) in
		qemu-system*) ! grep -aqF "$1" "$process/cmdline" 2>/dev/null || count=$((count + 1)) ;;
		esac
	done
	echo $count
}

# soon COMMAND...: until it succeeds, at most 60 s
soon() {
	local i

	for ((i = 0; i < 600; i++)); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

none_of() {
	[ "$(guests "$1")" = 0 ]
}

some_of() {
	[ "$(guests "$1")" = 1 ]
}

is "no guest is left" "$(guests "$mark")" 0
is "no temporary file is left" "$(find "$TMPDIR/empty" -mindepth 1)" ""

# stop SIGNAL STATUS: while the guest boots
stop() {
	local pid status mark=$mark.$1

	env --default-signal=INT,TERM TMPDIR="$TMPDIR/empty" "$THPIN" boot --kernel "$kernel" \
		--append "$mark" -- list pins >"$work/out" 2>"$work/err" </dev/null &
	pid=$!
	ok "SIG$1: a guest is running" soon some_of "$mark"
	kill -"$1" $pid
	wait $pid 2>/dev/null
	status=$?
	is "SIG$1: exit status" $status "$2"
	ok "SIG$1: no guest is left" soon none_of "$mark"
}

stop INT 130
like "SIGINT: message" "$(cat "$work/err")" 'thpin: interrupted'
stop TERM 130
stop KILL 137

# unread SIGNAL: of a boot whose output nobody reads, once its pipe is full
unread() {
	python3 -B - "$kernel" "$1" <<-'END'
		import array, fcntl, os, signal, subprocess, sys, termios, time
		ours, its = os.pipe()
		fcntl.fcntl(its, 1031, 4096)  # F_SETPIPE_SZ
		thpin = subprocess.Popen([os.environ["THPIN"], "boot", "--kernel", sys.argv[1], "--",
		                          "list", "cases"], stdin=subprocess.DEVNULL, stdout=its,
		                         stderr=subprocess.DEVNULL)
		held = array.array("i", [0])
		while held[0] < 4096 and thpin.poll() is None:
		    time.sleep(0.1)
		    fcntl.ioctl(ours, termios.FIONREAD, held)
		time.sleep(1)
		thpin.send_signal(signal.Signals[sys.argv[2]])
		try:
		    print(thpin.wait(10))
		except subprocess.TimeoutExpired:
		    thpin.kill()
		    print("hangs")
	END
}
is "output that nobody reads: SIGTERM" "$(unread SIGTERM)" 130
is "output that nobody reads: SIGINT" "$(unread SIGINT)" 130

# QEMU itself, told to end by somebody else
env TMPDIR="$TMPDIR/empty" "$THPIN" boot --kernel "$kernel" --append "$mark.qemu" -- list pins \
	>"$work/out" 2>"$work/err" </dev/null &
pid=$!
ok "SIGTERM to QEMU: a guest is running" soon some_of "$mark.qemu"
read -r qemu <"/proc/$pid/task/$pid/children"
kill -TERM "$qemu"
soon none_of "$mark.qemu" || kill -KILL $pid
wait $pid 2>/dev/null
is "SIGTERM to QEMU: exit status" $? 125

is "no guest is left in the end" "$(guests "$mark")" 0
is "no temporary file is left in the end" "$(find "$TMPDIR/empty" -mindepth 1)" ""

done_testing
