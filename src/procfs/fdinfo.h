/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_FDINFO_H
#define THPIN_PROCFS_FDINFO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One registered buffer of an io_uring. */
struct fdinfo_buffer {
	unsigned index;
	uint64_t address;
	uint64_t length; /* bytes */
};

/*
 * The registered buffers in the text of an io_uring's /proc/PID/fdinfo/FD
 * ("UserBufs:", io_uring/fdinfo.c). At most @max are stored; empty slots
 * ("<none>" since 6.13) are left out. Returns the number of buffers stored,
 * or -ENOENT when the kernel did not list any: before 7.0 the list is missing
 * while the ring is busy.
 */
int fdinfo_uring_buffers(const char *text, struct fdinfo_buffer *buffers, size_t max);

#endif
