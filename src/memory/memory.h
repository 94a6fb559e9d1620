/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_MEMORY_MEMORY_H
#define THPIN_MEMORY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

struct host;

/*
 * The memory under test. Races may move or unmap parts of it, so every page has
 * an address of its own.
 */
struct region {
	const struct memory_ops *ops;
	const struct host *host;
	size_t size; /* bytes */
	size_t page_size;
	unsigned pages;
	unsigned char *base;  /* where it was made; THP aligned */
	unsigned char **page; /* address of each page now, NULL: unmapped */
};

struct memory_ops {
	const char *name;
	const char *help;
	bool pmd_mapped;  /* a PMD maps it, which the split races need */
	bool collapsible; /* collapse has something to do */

	/* 0, or -errno with the reason why this memory cannot be made here. */
	int (*probe)(const struct host *host, struct reason *why);

	/*
	 * Map, populate and prove the region: its size is set, everything else is
	 * to be filled. -EAGAIN: the kernel gave something else (no free THP ...).
	 */
	int (*create)(struct region *region, struct reason *why);
};

extern const struct memory_ops *const memory_list[];
extern const size_t memory_list_count;

/*
 * Reserve a THP-aligned private anonymous mapping of region->size bytes and set
 * base and page[]. Returns 0 or -errno. Nothing is populated.
 */
int region_map(struct region *region, struct reason *why);

/* Fault every page in for writing. */
void region_populate(struct region *region);

/* Bytes of [base, base + size) that are mapped by PMDs, by smaps; -errno. */
int64_t region_pmd_mapped(const struct region *region);

#endif
