// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/extents.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>

/* include/uapi/linux/fs.h; the headers of older distributions lack it. */
struct scan_region {
	uint64_t start, end, categories;
};

struct scan_arguments {
	uint64_t size, flags, start, end, walk_end, regions, regions_count, max_pages;
	uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

#define IOCTL_SCAN _IOWR('f', 16, struct scan_arguments)

#define CATEGORY_FILE (1u << 2)
#define CATEGORY_PRESENT (1u << 3)
#define CATEGORY_SWAPPED (1u << 4)
#define CATEGORY_ZERO (1u << 5)
#define CATEGORY_HUGE (1u << 6)

#define REGIONS 256

static int scan(const struct pagemap *pagemap, struct scan_arguments *arguments)
{
	int regions = ioctl(pagemap->fd, IOCTL_SCAN, arguments);

	return regions < 0 ? -errno : regions;
}

bool extents_have_scan(const struct pagemap *pagemap)
{
	struct scan_arguments nothing = { .size = sizeof(nothing) };

	return scan(pagemap, &nothing) >= 0;
}

static unsigned extent_flags(uint64_t categories)
{
	return (categories & CATEGORY_PRESENT ? EXTENT_PRESENT : 0) |
	       (categories & CATEGORY_SWAPPED ? EXTENT_SWAPPED : 0) |
	       (categories & CATEGORY_FILE ? EXTENT_FILE : 0) |
	       (categories & CATEGORY_HUGE ? EXTENT_HUGE : 0) |
	       (categories & CATEGORY_ZERO ? EXTENT_ZERO : 0);
}

static int walk_scan(const struct pagemap *pagemap, uint64_t returned, uint64_t start, uint64_t end,
		     extent_fn *each, void *context)
{
	struct scan_region regions[REGIONS];
	int err = 0;

	while (!err && start < end) {
		struct scan_arguments arguments = {
			.size = sizeof(arguments),
			.start = start,
			.end = end,
			.regions = (uintptr_t)regions,
			.regions_count = REGIONS,
			.category_anyof_mask = CATEGORY_PRESENT | CATEGORY_SWAPPED,
			.return_mask = returned,
		};
		int count = scan(pagemap, &arguments);

		err = count < 0 ? count : 0;
		for (int i = 0; !err && i < count; i++) {
			struct extent extent = { regions[i].start, regions[i].end,
						 extent_flags(regions[i].categories) };

			err = each(&extent, context);
		}
		/* A process without memory any more does not get ahead. */
		if (!err && arguments.walk_end <= start)
			err = -ENODATA;
		start = arguments.walk_end;
	}
	return err;
}

/* Entries a read. */
#define PIECE 65536u

static unsigned entry_flags(uint64_t entry)
{
	if (entry & PM_PRESENT)
		return EXTENT_PRESENT | (entry & PM_FILE ? EXTENT_FILE : 0);
	if (!pagemap_swapped(entry))
		return 0;
	return EXTENT_SWAPPED | (entry & PM_FILE ? EXTENT_FILE : 0);
}

static int walk_entries(const struct pagemap *pagemap, uint64_t start, uint64_t end,
			extent_fn *each, void *context)
{
	uint64_t *entries = malloc(PIECE * sizeof(*entries));
	struct extent extent = { .flags = 0 };
	size_t page = pagemap->page_size;
	int err = entries ? 0 : -ENOMEM;

	while (!err && start < end) {
		size_t left = (end - start) / page, count = left < PIECE ? left : PIECE;

		err = pagemap_read(pagemap, start, count, entries);
		for (size_t i = 0; !err && i < count; i++) {
			uint64_t address = start + i * page;
			unsigned flags = entry_flags(entries[i]);

			if (flags == extent.flags)
				continue;
			extent.end = address;
			if (extent.flags)
				err = each(&extent, context);
			extent = (struct extent){ address, 0, flags };
		}
		start += count * page;
	}
	extent.end = end;
	if (!err && extent.flags)
		err = each(&extent, context);
	free(entries);
	return err;
}

int extents_walk(const struct pagemap *pagemap, enum extent_detail detail, uint64_t start,
		 uint64_t end, extent_fn *each, void *context)
{
	uint64_t returned = CATEGORY_PRESENT | CATEGORY_SWAPPED | CATEGORY_HUGE;

	if (detail == EXTENT_ENTRIES)
		return walk_entries(pagemap, start, end, each, context);
	if (detail == EXTENT_SCAN_FULL)
		returned |= CATEGORY_FILE | CATEGORY_ZERO;
	return walk_scan(pagemap, returned, start, end, each, context);
}
