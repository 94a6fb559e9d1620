// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdlib.h>
#include <sys/mman.h>

#include "case/tags.h"
#include "host/host.h"
#include "memory/memory.h"
#include "procfs/pagemap.h"
#include "procfs/smaps.h"

/*
 * Below the program and its libraries, wherever there is room: smaps shows VMAs in
 * this order, and what it shows of each takes far longer than anything else that is
 * read of a process.
 */
#define BEFORE_ALL ((void *)(UINT64_C(256) << 20))

/* To have all pages of a file mapped at one time. */
#define MAP_ATTEMPTS 20

/*
 * The region is surrounded by inaccessible pages: it never merges with another
 * anonymous mapping, so smaps speaks of it alone.
 */
int region_map(struct region *region, struct reason *why)
{
	size_t align = region->host->pmd_size ? region->host->pmd_size : region->page_size;
	size_t reserve = region->size + 2 * align;
	uintptr_t start;
	unsigned char *area;

	area = mmap(BEFORE_ALL, reserve, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		    0);
	if (area == MAP_FAILED)
		return fail_errno(why, errno, "cannot reserve %zu bytes", reserve);
	start = ((uintptr_t)area + align) & ~(uintptr_t)(align - 1);
	region->base = mmap((void *)start, region->size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (region->base == MAP_FAILED)
		return fail_errno(why, errno, "cannot map %zu bytes", region->size);
	region->pages = (unsigned)(region->size / region->page_size);
	region->page = calloc(region->pages, sizeof(*region->page));
	if (!region->page)
		return fail_errno(why, ENOMEM, "cannot track %u pages", region->pages);
	for (unsigned i = 0; i < region->pages; i++)
		region->page[i] = region->base + (size_t)i * region->page_size;
	return 0;
}

int region_map_file(struct region *region, int fd, int flags, struct reason *why)
{
	int err = region_map(region, why);

	if (err)
		return err;
	if (mmap(region->base, region->size, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0) ==
	    MAP_FAILED)
		return fail_errno(why, errno, "cannot map %zu bytes of a file", region->size);
	region->fd = fd;
	return 0;
}

/*
 * Pages that are mapped from the page cache. pagemap did not say so of PMDs (5.10
 * does not, 6.1 does), smaps does.
 */
static int count_cached(const struct region *region, struct reason *why)
{
	uintptr_t start = (uintptr_t)region->base;
	struct smaps_sum sum;
	int err, cached = region_count(region, PM_PRESENT | PM_FILE, 0, why);

	if (cached)
		return cached;
	err = smaps_read(0, start, start + region->size, &sum);
	return err ? fail_errno(why, -err, "/proc/self/smaps") :
		     (int)(sum.file_pmd_kb * 1024 / region->page_size);
}

int region_map_privately(struct region *region, struct reason *why)
{
	int cached = 0;

	if (mmap(region->base, region->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
		 region->fd, 0) == MAP_FAILED)
		return fail_errno(why, errno, "cannot map %zu bytes of a file privately",
				  region->size);
	/* Reclaim and compaction may take some out of the page tables again. */
	for (unsigned attempt = 0; attempt < MAP_ATTEMPTS; attempt++) {
		region_read(region);
		cached = count_cached(region, why);
		if (cached < 0)
			return cached;
		if ((unsigned)cached == region->pages)
			break;
	}
	if ((unsigned)cached != region->pages)
		return fail(why, EAGAIN, "only %d of %u pages are mapped from the page cache",
			    cached, region->pages);
	return 0;
}

int region_make(struct region *region, const struct region *like, uint64_t seed, struct reason *why)
{
	int err;

	*region = (struct region){
		.ops = like->ops,
		.host = like->host,
		.guardian = like->guardian,
		.size = like->size,
		.page_size = like->page_size,
		.fd = -1,
	};
	err = region->ops->create(region, why);
	if (!err)
		tag_region(region, TAG_OLD, seed);
	return !err && region->ops->settle ? region->ops->settle(region, why) : err;
}

void region_populate(struct region *region)
{
	/* Linux 5.14: one call instead of a fault a page. */
	if (!madvise(region->base, region->size, MADV_POPULATE_WRITE))
		return;
	for (unsigned i = 0; i < region->pages; i++)
		*(volatile unsigned char *)region->page[i] = 1;
}

void region_read(const struct region *region)
{
	for (unsigned i = 0; i < region->pages; i++)
		(void)*(volatile unsigned char *)region->page[i];
}

unsigned region_adjacent(const struct region *region, unsigned first)
{
	unsigned count = 1;

	while (first + count < region->pages &&
	       region->page[first + count] == region->page[first] + count * region->page_size)
		count++;
	return count;
}

uint64_t *region_entries(const struct region *region)
{
	uint64_t *entries = calloc(region->pages, sizeof(*entries));
	struct pagemap pagemap;
	unsigned first = 0;
	int err = entries ? pagemap_open(&pagemap, 0) : -ENOMEM;

	if (err) {
		free(entries);
		errno = -err;
		return NULL;
	}
	while (first < region->pages) {
		unsigned count;

		if (!region->page[first]) {
			first++;
			continue;
		}
		count = region_adjacent(region, first);
		if (pagemap_read(&pagemap, (uintptr_t)region->page[first], count, entries + first))
			break;
		first += count;
	}
	pagemap_close(&pagemap);
	return entries;
}

int64_t region_pmd_mapped(const struct region *region)
{
	int64_t kb = 0;

	for (unsigned first = 0, count; first < region->pages; first += count) {
		uintptr_t start = (uintptr_t)region->page[first];
		struct smaps_sum sum;
		int err;

		count = 1;
		if (!start)
			continue;
		count = region_adjacent(region, first);
		err = smaps_read(0, start, start + count * region->page_size, &sum);
		if (err)
			return err;
		kb += (int64_t)(sum.anon_huge_kb + sum.file_pmd_kb + sum.hugetlb_kb);
	}
	return kb * 1024;
}

int region_count(const struct region *region, uint64_t set, uint64_t clear, struct reason *why)
{
	uint64_t *entries = calloc(region->pages, sizeof(*entries));
	struct pagemap pagemap;
	int err, count = 0;

	if (!entries)
		return fail_errno(why, ENOMEM, "pagemap");
	err = pagemap_open(&pagemap, 0);
	if (!err) {
		err = pagemap_read(&pagemap, (uintptr_t)region->base, region->pages, entries);
		pagemap_close(&pagemap);
	}
	for (unsigned i = 0; !err && i < region->pages; i++)
		count += (entries[i] & set) == set && !(entries[i] & clear);
	free(entries);
	return err ? fail_errno(why, -err, "/proc/self/pagemap") : count;
}
