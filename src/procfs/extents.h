/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_EXTENTS_H
#define THPIN_PROCFS_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "procfs/pagemap.h"

/* What all pages of an extent are. */
#define EXTENT_PRESENT 1u
#define EXTENT_SWAPPED 2u
#define EXTENT_FILE 4u  /* page cache or shared anonymous */
#define EXTENT_HUGE 8u  /* mapped by a PMD; known with PAGEMAP_SCAN only */
#define EXTENT_ZERO 16u /* a zero page; known with PAGEMAP_SCAN only */

/* Neighbouring pages of a process that are alike. */
struct extent {
	uint64_t start, end; /* addresses, end not included */
	unsigned flags;      /* EXTENT_... */
};

/* Something else than 0 ends the walk and is returned by it. */
typedef int extent_fn(const struct extent *extent, void *context);

/*
 * Whether this kernel has PAGEMAP_SCAN (Linux 6.7, 52526ca7fdb9;
 * Documentation/admin-guide/mm/pagemap.rst).
 */
bool extents_have_scan(const struct pagemap *pagemap);

/*
 * The extents of [start, end) that are mapped or swapped out, in order of
 * addresses: what is empty costs next to nothing with @scan (PAGEMAP_SCAN), else
 * eight bytes a page. An extent may come in parts. Returns 0, -errno (-ENODATA:
 * the process is gone; -EFAULT: the range is no user's, as [vsyscall]), or what
 * @each returned.
 */
int extents_walk(const struct pagemap *pagemap, bool scan, uint64_t start, uint64_t end,
		 extent_fn *each, void *context);

#endif
