#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 600
# cores: 1
#
# The RDMA link that thpin makes is gone after thpin was killed, in a guest whose init
# is a shell.

here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${THPIN:?}" "${TMPDIR:?}"

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"
busybox=$(command -v busybox) || skip_all "there is no busybox (Debian: busybox-static)"
! ldd "$busybox" >/dev/null 2>&1 || skip_all "busybox is not static (Debian: busybox-static)"
verbs=$(ldconfig -p | sed -n 's/.*libibverbs\.so\.1 .*=> //p' | head -n 1)
[ -n "$verbs" ] || skip_all "there is no libibverbs (Debian: libibverbs1)"
[ -f /etc/libibverbs.d/rxe.driver ] ||
	skip_all "libibverbs has no driver for rdma_rxe (Debian: ibverbs-providers)"
label=6.1 # its modules are not compressed
paths=$("$here/kernels" $label 2>"$TMPDIR/why") ||
	skip_all "Linux $label: $(tail -n 1 "$TMPDIR/why")"
{ read -r kernel && read -r modules; } <<<"$paths"

wanted='crc32_generic ib_core ib_uverbs udp_tunnel ip6_udp_tunnel rdma_rxe'
root=$TMPDIR/root
mkdir -p "$root"/{bin,dev,modules,proc,sys,tmp}
cp "$busybox" "$root/bin/busybox"
cp "$THPIN" "$root/thpin"
for file in $(ldd "$THPIN" "$verbs" | grep -o '/[^ :]*' | sort -u) "$verbs" \
	/etc/libibverbs.d/rxe.driver "$(dirname "$(realpath "$verbs")")"/libibverbs/librxe-*.so; do
	[ "$file" != "$THPIN" ] || continue
	mkdir -p "$root$(dirname "$file")"
	cp -L "$file" "$root$file"
done
for module in $wanted; do
	cp "$modules/$module.ko" "$root/modules/"
done

cat >"$root/init" <<END
#!/bin/busybox sh
b=/bin/busybox
\$b mount -t proc proc /proc; \$b mount -t sysfs sysfs /sys
\$b mount -t devtmpfs dev /dev; \$b mount -t tmpfs tmp /tmp
for module in $wanted; do \$b insmod /modules/\$module.ko; done
\$b ifconfig lo 127.0.0.1 up
links() { \$b ls /sys/class/infiniband; }
# until there is a link, or none: 10 s at most
soon() {
	i=0
	while [ -\$1 "\$(links)" ] && [ \$i -lt 500 ]; do
		\$b usleep 20000
		i=\$((i + 1))
	done
}
echo "before: [\$(links)]"
/thpin repro --repeat 1000 --no-control rdma/thp/none >/dev/null 2>&1 &
pid=\$!
soon z
echo "running: [\$(links)]"
\$b kill -9 \$pid
soon n
echo "killed: [\$(links)]"
\$b usleep 500000
echo "left: [\$(\$b ps | \$b grep -c '[t]hpin repro')]"
\$b reboot -f
END
chmod +x "$root/init"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$TMPDIR/initrd"
timeout 400 qemu-system-x86_64 -machine q35,accel=tcg -cpu max -m 1G -smp 1 \
	-nodefaults -display none -no-reboot -serial stdio \
	-kernel "$kernel" -initrd "$TMPDIR/initrd" \
	-append "console=ttyS0 panic=-1 quiet rdinit=/init no_timer_check mitigations=off" \
	</dev/null 2>&1 | tr -d '\r' >"$TMPDIR/console"

said() {
	sed -n "s/^$1: //p" "$TMPDIR/console"
}

is "no link before" "$(said before)" "[]"
like "a link while a case runs" "$(said running)" '^\[thpin[0-9]+\]$'
is "no link after SIGKILL" "$(said killed)" "[]"
is "no process after SIGKILL" "$(said left)" "[0]"
done_testing
