/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_MEMORY_MEMORY_H
#define THPIN_MEMORY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/level.h"
#include "util/reason.h"

struct guardian;
struct host;

/* What a kind of memory is; pins and races say which of it they need. */
#define MEMORY_PMD 1u         /* mapped by PMDs */
#define MEMORY_COLLAPSIBLE 2u /* a collapse into a THP has something to do */
#define MEMORY_ANON 4u        /* private and anonymous from the start */
#define MEMORY_PRIVATE 8u     /* copied on write after fork(), else MAP_SHARED */
#define MEMORY_MEMFD 16u      /* region->fd is a memfd */
#define MEMORY_DIVISIBLE 32u  /* base pages can be unmapped and protected one by one */
#define MEMORY_SEVERAL 64u    /* more than one page; else it has exactly one */
#define MEMORY_WRITTEN 128u   /* filled before the race; else it reads as zero until then */
#define MEMORY_RECLAIM 256u   /* reclaim can take it: swap it out or drop it */
#define MEMORY_SMALL 512u     /* every base page is a folio of its own */
#define MEMORY_LARGE 1024u    /* its folios are larger than a base page, and can be split */
#define MEMORY_TRAITS 11

/*
 * The memory under test. Races may move or unmap parts of it, so every page has
 * an address of its own.
 */
struct region {
	const struct memory_ops *ops;
	const struct host *host;
	struct guardian *guardian; /* takes over what would outlive the worker */
	size_t size;               /* bytes; create() may make it smaller */
	size_t page_size;
	unsigned pages;
	unsigned char *base;  /* where it was made; THP aligned */
	unsigned char **page; /* address of each page now, NULL: unmapped */
	int fd;               /* the file it maps from offset 0, -1: anonymous */
};

struct memory_ops {
	const char *name;
	const char *help;
	enum level level;
	unsigned traits;     /* MEMORY_... */
	const char *modules; /* kernel modules it needs, blank-separated, or NULL */

	/* 0, or -errno with the reason why this memory cannot be made here. */
	int (*probe)(const struct host *host, struct reason *why);

	/*
	 * Map, populate and prove the region: its size is set, everything else is
	 * to be filled. -EAGAIN: the kernel gave something else (no free THP ...).
	 */
	int (*create)(struct region *region, struct reason *why);

	/*
	 * What is left to do once every page holds its tag, before the race and the
	 * pin (swap it out, map it again privately ...), and its proof. May be NULL.
	 */
	int (*settle)(struct region *region, struct reason *why);
};

extern const struct memory_ops *const memory_list[];
extern const size_t memory_list_count;

/* The name of memory_list[i], for nearest_name(); @unused is NULL. */
const char *memory_name_at(const void *unused, size_t i);

/* The size of a region for which @size bytes are asked: some kinds have one page. */
size_t memory_size(const struct memory_ops *ops, const struct host *host, size_t size);

/*
 * Reserve a THP-aligned private anonymous mapping of region->size bytes and set
 * base and page[]. Returns 0 or -errno. Nothing is populated.
 */
int region_map(struct region *region, struct reason *why);

/*
 * The same, then map the file @fd, which becomes region->fd, there from offset 0,
 * with @flags MAP_SHARED or MAP_PRIVATE. The file has region->size bytes.
 */
int region_map_file(struct region *region, int fd, int flags, struct reason *why);

/*
 * Map the file of a filled region again, privately, and fault its pages in for
 * reading: what is mapped then is the page cache, by proof of pagemap, until the
 * first write to each page. A settle().
 */
int region_map_privately(struct region *region, struct reason *why);

/* The missing one of the @needed traits in words, NULL: it has them all. */
const char *memory_lacks(const struct memory_ops *ops, unsigned needed);

/* "pmd", "collapsible" ...: names of the traits, by bit. */
extern const char *const memory_trait_names[MEMORY_TRAITS];

/*
 * Make another region like @like, of the same kind and size, filled with tags by
 * @seed and settled: unpinned memory to compare with. Returns 0 or -errno.
 */
int region_make(struct region *region, const struct region *like, uint64_t seed,
		struct reason *why);

/* Fault every page in for writing. */
void region_populate(struct region *region);

/* Fault every page in for reading. */
void region_read(const struct region *region);

/*
 * The pagemap entries of all pages where they are now, 0 of what is unmapped or
 * cannot be read, in memory that the caller frees; NULL with errno set.
 */
uint64_t *region_entries(const struct region *region);

/* How many pages, page @first (mapped) and others, are side by side where they are now. */
unsigned region_adjacent(const struct region *region, unsigned first);

/* Bytes of all pages, where they are now, that are mapped by PMDs, by smaps; -errno. */
int64_t region_pmd_mapped(const struct region *region);

/*
 * Pages of [base, base + size) whose pagemap entry has all the bits @set and none
 * of @clear (PM_PRESENT ...); -errno with a reason.
 */
int region_count(const struct region *region, uint64_t set, uint64_t clear, struct reason *why);

#endif
