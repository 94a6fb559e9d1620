#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench/probe_guest.sh [LABEL]: bench/probe on a kernel of tests/vm/kernels (default:
# the newest), where /proc/kcore works as well as BPF. QEMU emulates the CPU, so that
# only what the levels cost beside each other says something.

set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
make -s bench/probe || exit 1

skip() {
	echo "skipped: $*"
	exit 0
}

for tool in qemu-system-x86_64 busybox; do
	command -v "$tool" >/dev/null || skip "there is no $tool"
done
label=${1:-$(tests/vm/kernels --list | tail -n 1)}
paths=$(tests/vm/kernels "$label" 2>&1) || skip "Linux $label: ${paths##*$'\n'}"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

mkdir -p "$work"/root/{bin,dev,proc,sys}
cp "$(command -v busybox)" "$work/root/bin/busybox"
for file in bench/probe /bin/busybox; do
	ldd "$file" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$work/root$(dirname "$library")"
		cp -L "$library" "$work/root$library"
	done
done
cp bench/probe "$work/root/probe"
cat >"$work/root/init" <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
echo always >/sys/kernel/mm/transparent_hugepage/enabled
echo begin
/probe
echo end
$b reboot -f
END
chmod +x "$work/root/init"
(cd "$work/root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$work/initrd"
echo "Linux $label, emulated:"
timeout 600 qemu-system-x86_64 -machine q35,accel=tcg -cpu max -m 1G -smp 1 -nodefaults \
	-display none -no-reboot -serial stdio -kernel "${paths%%$'\n'*}" -initrd "$work/initrd" \
	-append "console=ttyS0 panic=-1 quiet no_timer_check rdinit=/init" </dev/null 2>&1 |
	tr -d '\r' | sed -n '/^begin$/,/^end$/{/^begin$/d;/^end$/d;p}'
