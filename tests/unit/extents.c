// SPDX-License-Identifier: GPL-2.0-or-later
/* Both ways to find mapped memory find the same, and what was made. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "procfs/extents.h"
#include "tap.h"

#define PAGES 64

struct seen {
	uint64_t base;
	size_t page_size;
	unsigned flags[PAGES];
	unsigned extents;
};

static int see(const struct extent *extent, void *context)
{
	struct seen *seen = context;

	seen->extents++;
	for (uint64_t at = extent->start; at < extent->end; at += seen->page_size)
		seen->flags[(at - seen->base) / seen->page_size] = extent->flags;
	return 0;
}

static int stop(const struct extent *extent, void *context)
{
	(void)extent;
	(void)context;
	return 17;
}

static void look(const struct pagemap *pagemap, enum extent_detail scan, unsigned char *at)
{
	static const char *const names[] = { "entries", "PAGEMAP_SCAN", "PAGEMAP_SCAN in full" };
	const char *how = names[scan];
	size_t page = pagemap->page_size;
	struct seen seen = { .base = (uintptr_t)at, .page_size = page };
	uint64_t start = (uintptr_t)at;
	unsigned wrong = 0;

	is_int(extents_walk(pagemap, scan, start, start + PAGES * page, see, &seen), 0,
	       "%s: walked", how);
	for (unsigned i = 0; i < PAGES; i++) {
		bool touched = i % 8 == 3 || i >= 48;

		wrong += (seen.flags[i] & EXTENT_PRESENT) != (touched ? EXTENT_PRESENT : 0);
	}
	is_int(wrong, 0, "%s: the touched pages are present, and no other", how);
	is_int(seen.extents, 7, "%s: neighbours are one extent", how);
	is_int(extents_walk(pagemap, scan, start, start + PAGES * page, stop, NULL), 17,
	       "%s: ends when told to", how);
	seen.extents = 0;
	is_int(extents_walk(pagemap, scan, start, start, see, &seen), 0, "%s: nothing", how);
	is_int(seen.extents, 0, "%s: ... has no extents", how);
}

int main(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct pagemap pagemap;
	unsigned char *at;

	at = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED || pagemap_open(&pagemap, 0))
		return 1;
	madvise(at, PAGES * page, MADV_NOHUGEPAGE);
	for (unsigned i = 0; i < PAGES; i++)
		if (i % 8 == 3 || i >= 48)
			memset(at + i * page, 1, 1);
	look(&pagemap, EXTENT_ENTRIES, at);
	if (extents_have_scan(&pagemap)) {
		look(&pagemap, EXTENT_SCAN, at);
		look(&pagemap, EXTENT_SCAN_FULL, at);
	} else
		skip("this kernel has none (Linux 6.7)", "PAGEMAP_SCAN");
	pagemap_close(&pagemap);
	return done_testing();
}
