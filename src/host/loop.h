/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_LOOP_H
#define THPIN_HOST_LOOP_H

#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

struct host;

/* 0 when a loop device can be set up here, else -errno with a reason. */
int loop_probe(const struct host *host, struct reason *why);

/*
 * Bind a free loop device to the file @backing. It clears itself with its last
 * close (LO_FLAGS_AUTOCLEAR). @lo_flags are more LO_FLAGS_*, @open_flags those
 * of the open besides O_RDWR. Writes "/dev/loopN" to @path. Needs Linux 5.8
 * (LOOP_CONFIGURE). Returns a descriptor or -errno.
 */
int loop_bind(int backing, uint32_t lo_flags, int open_flags, char *path, size_t size,
	      struct reason *why);

#endif
