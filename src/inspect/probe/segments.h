/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_SEGMENTS_H
#define THPIN_INSPECT_PROBE_SEGMENTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/reason.h"

/* Memory that an ELF core file has, and where in the file it lies (elf(5), PT_LOAD). */
struct segment {
	uint64_t start, size; /* bytes */
	off_t offset;
};

struct segments {
	size_t count;
	struct segment list[];
};

/*
 * Read the headers of a 64-bit ELF core file. The result is to be freed; NULL: none,
 * and *why says why.
 */
struct segments *segments_read(int fd, struct reason *why);

/* Where in the file the @size bytes at @address are, which one segment has; -1: nowhere. */
off_t segments_offset(const struct segments *segments, uint64_t address, size_t size);

#endif
