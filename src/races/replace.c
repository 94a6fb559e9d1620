// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Discarding pinned memory. The pin keeps the page, not the mapping: the next
 * access gets another page, by contract, on every kernel and for every pin
 * (madvise(2), MADV_DONTNEED; mmap(2), MAP_FIXED). These races are the control
 * that proves the detector. Only of shared memory MADV_DONTNEED takes no more
 * than the mapping: the next access finds the same page in the page cache.
 */
#include <string.h>
#include <sys/mman.h>

#include "procfs/pagemap.h"
#include "races/half.h"
#include "races/races.h"

/* The proof: nothing is mapped there any more. */
static int discarded(const unsigned char *page, struct reason *why)
{
	struct pagemap pagemap;
	uint64_t entry;
	int err = pagemap_open(&pagemap, 0);

	if (!err) {
		err = pagemap_read(&pagemap, (uintptr_t)page, 1, &entry);
		pagemap_close(&pagemap);
	}
	if (err)
		return fail_errno(why, -err, "/proc/self/pagemap");
	if (!(entry & (PM_PRESENT | PM_SWAP)))
		return RACE_DONE;
	fail(why, EIO, "the memory is still mapped");
	return RACE_NO_EFFECT;
}

static int dontneed(struct race *race, unsigned first, unsigned count, struct reason *why)
{
	struct region *region = race->region;
	int effect;

	if (madvise(region->page[first], count * region->page_size, MADV_DONTNEED))
		return fail(why, errno == EINVAL ? ENOTSUP : errno,
			    "madvise(MADV_DONTNEED): %s (of hugetlb memory: Linux 5.18, 90e7e7f5ef3f)",
			    strerror(errno));
	effect = discarded(region->page[first + count - 1], why);
	if (effect)
		return effect;
	if (count == 1)
		outcome_event(race->outcome, ACTOR_PARENT, "discards page %u (MADV_DONTNEED)",
			      first)
			->page = (int32_t)first;
	else
		outcome_event(race->outcome, ACTOR_PARENT, "discards all pages (MADV_DONTNEED)");
	race_write_pages(race, 0, region->pages);
	return RACE_DONE;
}

static int dontneed_all(struct race *race, struct reason *why)
{
	return dontneed(race, 0, race->region->pages, why);
}

static int dontneed_page(struct race *race, struct reason *why)
{
	return dontneed(race, race->page, 1, why);
}

static int map_over(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	(void)race;
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return fail_errno(why, errno, "mmap(MAP_FIXED)");
	return discarded(at, why);
}

static int remap_fixed(struct race *race, struct reason *why)
{
	struct region *region = race->region;
	unsigned needed = MEMORY_DIVISIBLE | MEMORY_SEVERAL;
	bool half = (region->ops->traits & needed) == needed;
	int effect = half ? for_each_half(race, map_over, why) :
			    map_over(race, region->base, region->size, why);

	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT, "maps new memory over %s (MAP_FIXED)",
		      half ? "the upper half" : "all of it");
	race_write_pages(race, 0, region->pages);
	return RACE_DONE;
}

const struct race_ops race_dontneed_all = {
	.name = "dontneed-all",
	.family = "replace",
	.help = "MADV_DONTNEED all pages, write all",
	.run = dontneed_all,
};

const struct race_ops race_dontneed_page = {
	.name = "dontneed-page",
	.family = "replace",
	.help = "MADV_DONTNEED one page, write all",
	.needs = MEMORY_DIVISIBLE,
	.run = dontneed_page,
};

const struct race_ops race_remap_fixed = {
	.name = "remap-fixed",
	.family = "replace",
	.help = "mmap(MAP_FIXED) over half, write all",
	.run = remap_fixed,
};
