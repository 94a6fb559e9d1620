/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_USERFAULT_H
#define THPIN_HOST_USERFAULT_H

#include <linux/userfaultfd.h>
#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

/* Linux 6.8 (adef440691ba); older headers lack it. */
#ifndef UFFDIO_MOVE
#define UFFD_FEATURE_MOVE (1 << 16)
#define _UFFDIO_MOVE 0x05
#define UFFDIO_MOVE _IOWR(UFFDIO, _UFFDIO_MOVE, struct uffdio_move)
struct uffdio_move {
	__u64 dst;
	__u64 src;
	__u64 len;
	__u64 mode;
	__s64 move; /* bytes moved, or -errno */
};
#endif

/*
 * A userfaultfd(2) with the features @needed, and of those @wanted what this
 * kernel has. Without the right to handle faults of the kernel it handles those
 * of user mode only. Returns a descriptor or -errno.
 */
int userfault_open(uint64_t needed, uint64_t wanted, struct reason *why);

/* One that handles faults of the kernel, too, or -errno with what the right to it needs. */
int userfault_open_kernel(struct reason *why);

/* Register a range in these UFFDIO_REGISTER_MODE_... Returns 0 or -errno. */
int userfault_register(int fd, const void *at, size_t size, uint64_t modes, struct reason *why);

#endif
