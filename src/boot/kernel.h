/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_BOOT_KERNEL_H
#define THPIN_BOOT_KERNEL_H

#include "util/reason.h"

/*
 * What QEMU boots for the kernel file @path: the ELF image that a bzImage has
 * inside, where it has a PVH entry point and thpin can decompress it, else the
 * file as it is. To decompress it here takes a second; in the guest, under
 * TCG, up to five. Returns a descriptor that a child may inherit through
 * /dev/fd, or -errno; -ENOEXEC when it is no kernel.
 */
int kernel_open(const char *path, struct reason *why);

#endif
