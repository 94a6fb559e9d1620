#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A pin that this kernel cannot have names the option that is not set, one whose module
# is not loaded the module, by the kernel's own configuration; and a lockdown is named, and
# what root in a user namespace lacks.

set -u
# shellcheck source=tests/tap.sh
. "${TESTDIR:?}/tap.sh"
: "${THPIN:?}"

config=$(zcat /proc/config.gz 2>/dev/null || cat "/boot/config-$(uname -r)" 2>/dev/null)
[ -n "$config" ] || skip_all "this kernel's configuration cannot be read"

# check PIN OPTION DEVICE: with what is not there for want of the option
check() {
	local reason value

	reason=$("$THPIN" list pins -nr -o NAME,REASON | sed -n "s/^$1 //p" | sed "s/.x20/ /g")
	value=$(sed -n "s/^CONFIG_$2=//p" <<<"$config")
	if [ -e "$3" ]; then
		skip "$1: why it cannot be had" "$3 is there"
	elif [ "$value" = m ]; then
		like "$1: names its module" "$reason" "CONFIG_$2.*not loaded.*modprobe"
	elif [ -z "$value" ]; then
		like "$1: names its option" "$reason" "CONFIG_$2 is not set in this kernel"
	else
		like "$1: says that the option is there" "$reason" "CONFIG_$2=y"
	fi
}

check rdma INFINIBAND /sys/class/infiniband
check vfio VFIO /dev/vfio/vfio
check vfio-ro VFIO /dev/vfio/vfio
check udmabuf UDMABUF /dev/udmabuf

reason=$("$THPIN" list races -nr -o NAME,REASON | sed -n 's/^split-debugfs //p' | sed 's/.x20/ /g')
if [ "$(id -u)" = 0 ] && grep -qE '^CONFIG_LOCK_DOWN_KERNEL_FORCE_(INTEGRITY|CONFIDENTIALITY)=y' <<<"$config"; then
	like "split-debugfs: names the lockdown" "$reason" 'locked down.*kernel_lockdown\(7\)'
else
	skip "split-debugfs: names the lockdown" "this kernel is not built to be locked down"
fi

# In a user namespace root has CAP_SYS_ADMIN, but not where the kernel asks for it.
if said=$(unshare -r true 2>&1); then
	reason=$(unshare -r "$THPIN" list races -nr -o NAME,REASON |
		sed -n 's/^soft-offline //p' | sed 's/.x20/ /g')
	is "soft-offline: names the right that is missing" "$reason" \
		'MADV_SOFT_OFFLINE needs CAP_SYS_ADMIN outside of user namespaces'
else
	skip "soft-offline: names the right that is missing" "no user namespace: $said"
fi
done_testing
