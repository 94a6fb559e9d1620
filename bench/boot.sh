#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long it takes until a kernel that loses an O_DIRECT read at fork() is told to
# do so: thpin, and the Linux Test Project's dma_thread_diotest (LTP's test of the
# same loss, by luck: threads read a file while another one forks), in the same
# guest with the same disk.
#
# LTP_DIR is an LTP source tree in which these have been run:
#
#	make autotools && ./configure && make -C lib libltp.a
#
# With LTP 20260529 and Debian's 5.10.223 and 6.1.176, on two quiet cores without KVM,
# one run of this script (2026-11-24) gave
#
#	                                                  5.10      6.1
#	thpin repro odirect-read/thp/fork-parent-write    0.40 s    0.47 s
#	thpin repro odirect-block/thp/fork-parent-write   0.32 s    0.36 s
#	thpin repro odirect-file/base/fork-threads        0.25 s    0.40 s   (a race as well:
#	    medians of 20; loss in 20 of 20)
#	dma_thread_diotest -a 512                        16.4 s    15.5 s
#
# and where both cores were shared with other work fork-threads took 2.5 s and 2.8 s
# (loss in 19 and 20 of 20 runs of at most 30 s), LTP's test 150 s and 134 s;
# each test of LTP in its first try.  Most of LTP's time goes to the 1.2 GB that it
# writes first; then it read 2 to 37 files until it was lucky.  thpin's time has the
# control in it, and its answer does not depend on luck, nor on a disk.
#
# BENCH_TRIES (default 3) is how often LTP's test may run until it fails, BENCH_RUNS
# (default 20) how often thpin runs fork-threads, for a median.

set -u
export LC_ALL=C

here=$(cd "$(dirname "$0")/.." && pwd) || exit 1
: "${THPIN:=$here/thpin}" "${BENCH_TRIES:=3}" "${BENCH_RUNS:=20}" "${LTP_DIR:=}"

skip() {
	echo "skipped: $*"
	exit 0
}

[ -n "$LTP_DIR" ] || skip "set LTP_DIR to an LTP source tree, built as this script says"
[ -f "$LTP_DIR/lib/libltp.a" ] || skip "$LTP_DIR/lib/libltp.a is not there: build it"
for tool in busybox qemu-system-x86_64 mkfs.ext4 gcc xz; do
	command -v $tool >/dev/null || skip "there is no $tool"
done
! ldd "$(command -v busybox)" >/dev/null 2>&1 || skip "busybox is not static"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

gcc -static -O2 -w -I"$LTP_DIR/include" -I"$LTP_DIR/include/old" -o "$work/dma_thread_diotest" \
	"$LTP_DIR/testcases/kernel/io/direct_io/dma_thread_diotest.c" \
	-L"$LTP_DIR/lib" -lltp -lpthread -lrt 2>"$work/log" || {
	cat "$work/log" >&2
	exit 1
}
echo "LTP $(cat "$LTP_DIR/VERSION"), $("$THPIN" --version | head -n 1)"

# make_root: all but the modules
make_root() {
	local library

	mkdir -p "$work/root"/{bin,dev,proc,sys,tmp,mnt,modules}
	cp "$(command -v busybox)" "$work/root/bin/busybox"
	cp "$THPIN" "$work/root/thpin"
	cp "$work/dma_thread_diotest" "$work/root/"
	for library in $(ldd "$THPIN" | grep -o '/[^ ]*'); do
		mkdir -p "$work/root$(dirname "$library")"
		cp -L "$library" "$work/root$library"
	done
	cat >"$work/root/init" <<-END
		#!/bin/busybox sh
		/bin/busybox --install -s /bin
		export PATH=/bin
		mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
		mount -t tmpfs tmp /tmp
		for pass in 1 2 3 4; do
			for module in /modules/*.ko; do insmod \$module 2>/dev/null; done
		done
		mount -t ext4 /dev/vda /mnt || { echo "bench no disk"; reboot -f; }
		cd /mnt; export TMPDIR=/mnt
		# timed NAME COMMAND...: /proc/uptime counts hundredths
		timed() {
			name=\$1; shift
			read -r began rest </proc/uptime
			"\$@" >/tmp/said 2>&1
			status=\$?
			read -r ended rest </proc/uptime
			echo "bench \$name status=\$status seconds=\$began-\$ended"
		}
		timed thpin-read /thpin repro odirect-read/thp/fork-parent-write
		timed thpin-block /thpin repro odirect-block/thp/fork-parent-write
		dd if=/dev/urandom of=data bs=1M count=4 2>/dev/null
		sync
		# Without the control, whose time would be the same each time.
		seed=0
		while [ \$seed -lt $BENCH_RUNS ]; do
			seed=\$((seed + 1))
			timed threads /thpin repro --no-control --seed \$seed --seconds 30 --timeout 60 \
				--file /mnt/data odirect-file/base/fork-threads
		done
		try=0
		while [ \$try -lt $BENCH_TRIES ]; do
			try=\$((try + 1))
			timed ltp /dma_thread_diotest -a 512
			echo "bench files \$(grep -c 'Reading file' /tmp/said)"
			grep -E 'TFAIL|TPASS|TBROK|TCONF' /tmp/said | sed 's/^/bench said /'
			grep -q TPASS /tmp/said || break
		done
		reboot -f
	END
	chmod +x "$work/root/init"
}

# measure LABEL
measure() {
	local paths kernel modules

	paths=$("$here/tests/vm/kernels" "$1") || return
	{ read -r kernel && read -r modules; } <<<"$paths"
	rm -f "$work/root/modules"/*
	cp "$modules"/* "$work/root/modules/"
	find "$work/root/modules" -name '*.xz' -exec xz -d {} +
	(cd "$work/root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initrd"
	rm -f "$work/disk"
	truncate -s 4G "$work/disk"
	mkfs.ext4 -q -F "$work/disk"
	timeout 1200 qemu-system-x86_64 -machine q35,accel=tcg -cpu max -m 2G -smp 2 \
		-nodefaults -display none -no-reboot -serial stdio \
		-drive file="$work/disk",format=raw,if=virtio \
		-kernel "$kernel" -initrd "$work/initrd" \
		-append "console=ttyS0 panic=-1 quiet rdinit=/init" </dev/null |
		tr -d '\r' >"$work/console"
	echo
	echo "Linux $1"
	awk '
		function seconds(text) {
			split(substr(text, 9), at, "-")
			return at[2] - at[1]
		}
		/^bench thpin-/ {
			split($3, status, "=")
			printf "%-50s %8.2f s  %s\n", "thpin repro odirect-" substr($2, 7) \
				"/thp/fork-parent-write", seconds($4),
				status[2] == 1 ? "loss" : "status " status[2]
		}
		/^bench threads/ {
			split($3, status, "=")
			runs++
			found += status[2] == 1
			for (i = runs; i > 1 && time[i - 1] > seconds($4); i--)
				time[i] = time[i - 1]
			time[i] = seconds($4)
		}
		/^bench ltp/ && !tries {
			median = (time[int((runs + 1) / 2)] + time[int((runs + 2) / 2)]) / 2
			printf "%-50s %8.2f s  loss in %d of %d runs, %.2f to %.2f s\n", \
				"thpin repro odirect-file/base/fork-threads, median", median, found, runs, \
				time[1], time[runs]
		}
		/^bench ltp/ { tries++; last = seconds($4); sum += last }
		/^bench files/ { files = $3 }
		/^bench said/ {
			printf "%-50s %8.2f s  %s, %d files read\n", "dma_thread_diotest -a 512, try " tries,
				last, /TFAIL/ ? "loss" : /TPASS/ ? "no loss (false)" : $0, files
			if (/TFAIL/) {
				printf "%-50s %8.2f s\n", "dma_thread_diotest until its first true answer", sum
				if (median > 0)
					printf "%-50s %8.0f\n", "that is so many medians of fork-threads", sum / median
			}
			else if (/TPASS/ && tries == '"$BENCH_TRIES"')
				printf "%-50s\n", "dma_thread_diotest gave no true answer in " sum " s"
		}
		/^bench no/ { print }' "$work/console"
}

make_root
for label in 5.10 6.1; do
	measure $label
done
