// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Discarding pinned memory. The pin keeps the page, not the mapping: the next
 * access gets another page, by contract, on every kernel and for every pin
 * (madvise(2), MADV_DONTNEED; mmap(2), MAP_FIXED). These races are the control
 * that proves the detector.
 */
#include <sys/mman.h>

#include "races/half.h"
#include "races/races.h"

/* The proof: discarded anonymous memory reads as zero, and it held a tag. */
static int discarded(const unsigned char *page, struct reason *why)
{
	if (!*(const volatile uint64_t *)page)
		return RACE_DONE;
	fail(why, EIO, "the memory kept its data");
	return RACE_NO_EFFECT;
}

static int dontneed(struct race *race, unsigned first, unsigned count, struct reason *why)
{
	struct region *region = race->region;
	int effect;

	if (madvise(region->page[first], count * region->page_size, MADV_DONTNEED))
		return fail_errno(why, errno, "madvise(MADV_DONTNEED)");
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
	int effect = for_each_half(race, map_over, why);

	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "maps new memory over the upper half (MAP_FIXED)");
	race_write_pages(race, 0, race->region->pages);
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
	.needs = MEMORY_DIVISIBLE | MEMORY_SEVERAL,
	.run = remap_fixed,
};
