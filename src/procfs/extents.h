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

/* How to find them. */
enum extent_detail {
	EXTENT_ENTRIES,   /* entry by entry, eight bytes a page */
	EXTENT_SCAN,      /* by PAGEMAP_SCAN: present, swapped and huge only */
	EXTENT_SCAN_FULL, /* with file and zero, which takes three times as long */
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
 * addresses: what is empty costs next to nothing by PAGEMAP_SCAN. An extent may
 * come in parts. Returns 0, -errno (-ENODATA: the process is gone; -EFAULT: the
 * range is no user's, as [vsyscall]), or what @each returned.
 */
int extents_walk(const struct pagemap *pagemap, enum extent_detail detail, uint64_t start,
		 uint64_t end, extent_fn *each, void *context);

#endif
