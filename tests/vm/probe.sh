#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 1800
# cores: 1
#
# tests/live/probe, sparse, flight and rings on each of Debian's kernels, where every level works:
# test programs have their pages counted by BPF and by /proc/kcore, those of 20 TiB are
# found without PAGEMAP_SCAN, holders in flight and rings. thpin boot runs thpin only, so the guest is
# made here, with a shell for PID 1, which has what is on the kernel's command line in
# its environment: option=--record shows the bytes.

set -u
here=${TESTDIR:?}/vm
# shellcheck source=tests/tap.sh
. "$TESTDIR/tap.sh"
: "${TMPDIR:?}"
programs=("$TESTDIR/live/probe" "$TESTDIR/live/sparse" "$TESTDIR/live/flight"
	"$TESTDIR/live/rings")

command -v qemu-system-x86_64 >/dev/null ||
	skip_all "there is no qemu-system-x86_64 (Debian: qemu-system-x86)"
command -v busybox >/dev/null || skip_all "there is no busybox (Debian: busybox-static)"
! ldd "$(command -v busybox)" >/dev/null 2>&1 ||
	skip_all "busybox is not static (Debian: busybox-static)"
for program in "${programs[@]}"; do
	[ -x "$program" ] || bail_out "$program was not built"
done

root=$TMPDIR/root
mkdir -p "$root"/{bin,dev,proc,sys,tmp}
cp "$(command -v busybox)" "$root/bin/busybox"
cp "${programs[@]}" "$root"
ldd "${programs[@]}" | grep -o '[[:blank:]]/[^ ]*' | sort -u | while read -r library; do
	mkdir -p "$root$(dirname "$library")"
	cp -L "$library" "$root$library"
done
cat >"$root/init" <<'END'
#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs dev /dev
echo always >/sys/kernel/mm/transparent_hugepage/enabled
echo begin
/probe ${option:---all}
probe=$?
/sparse ${option:---all}
sparse=$?
/flight ${option:---all}
flight=$?
/rings ${option:---all}
echo "status=$probe,$sparse,$flight,$?"
$b reboot -f
END
chmod +x "$root/init"
(cd "$root" && find . | busybox cpio -o -H newc 2>/dev/null) >"$TMPDIR/initrd"

# boot LABEL KERNEL [PARAMETER]...: leaves what the program said in LABEL.said
boot() {
	local console=$TMPDIR/$1 kernel=$2

	shift 2
	timeout 400 qemu-system-x86_64 -machine q35,accel=tcg -cpu max,-erms,-fsrm,-smap -m 1G -smp 1 \
		-nodefaults -display none -no-reboot -serial stdio \
		-kernel "$kernel" -initrd "$TMPDIR/initrd" \
		-append "console=ttyS0 panic=-1 quiet mitigations=off no_timer_check rdinit=/init $*" \
		</dev/null 2>&1 | tr -d '\r' >"$console"
	sed -n '/^begin$/,/^status=/p' "$console" >"$console.said"
	[ -s "$console.said" ] || diag "$(tail -n 5 "$console")"
}

# run LABEL KERNEL LACKS: all levels, one point each for what failed and what was skipped
run() {
	local console=$TMPDIR/$1 failed

	boot "$1" "$2"
	is "Linux $1: exit status" "$(sed -n 's/^status=//p' "$console.said")" 0,0,0,0
	failed=$(grep -A3 -e '^not ok' -e '^Bail out' "$console.said")
	is "Linux $1: what failed" "$failed" ""
	is "Linux $1: what was skipped, of what it has" \
		"$(grep '# SKIP' "$console.said" | grep -vE "none \((Linux 6\.[17]${3-})\)")" ""
	like "Linux $1: BPF and /proc/kcore work" "$(tr '\n' ' ' <"$console.said")" \
		'ok .* bpf works here.* ok .* kcore works here'
}

for label in $("$here/kernels" --list); do
	if ! paths=$("$here/kernels" "$label" 2>"$TMPDIR/why"); then
		skip "Linux $label" "$(tail -n 1 "$TMPDIR/why")"
		continue
	fi
	case $label in
	5.10) run "$label" "${paths%%$'\n'*}" '|CONFIG_UDMABUF|Linux 5.19|Linux 6.5|Linux 6.13' ;;
	6.1) run "$label" "${paths%%$'\n'*}" '|CONFIG_UDMABUF|Linux 6.5|Linux 6.13' ;;
	6.12) run "$label" "${paths%%$'\n'*}" '|Linux 6.13' ;;
	*) run "$label" "${paths%%$'\n'*}" ;;
	esac
	newest=${paths%%$'\n'*}
done

# Where the kernel is locked down, both have to say so.
if [ -n "${newest-}" ]; then
	boot lockdown "$newest" lockdown=confidentiality option=--some
	is "lockdown: exit status" "$(sed -n 's/^status=//p' "$TMPDIR/lockdown.said")" 0,0,0,0
	like "lockdown: BPF is refused, with the reason" "$(cat "$TMPDIR/lockdown.said")" \
		'bpf works here # SKIP .*locked down for confidentiality'
	like "lockdown: /proc/kcore as well" "$(cat "$TMPDIR/lockdown.said")" \
		'kcore works here # SKIP .*lockdown for confidentiality'
	like "lockdown: /proc is left" "$(cat "$TMPDIR/lockdown.said")" 'ok [0-9]+ - proc works here'
fi
done_testing
