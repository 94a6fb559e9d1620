// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Splitting the PMD of a pinned THP. The split changes no PFN; what the kernel
 * does at the next write fault may (the regression of Linux 4.5, fixed by
 * 6d0a07edd17c; and Linux 5.9 to 5.18).
 */
#include <sys/mman.h>

#include "host/host.h"
#include "races/child.h"
#include "races/half.h"

struct half half_of(const struct region *region)
{
	size_t pmd = region->host->pmd_size;
	struct half half = { .stride = pmd && pmd < region->size ? pmd : region->size };

	half.size = half.stride / 2 / region->page_size * region->page_size;
	return half;
}

bool in_upper_half(const struct region *region, unsigned page)
{
	struct half half = half_of(region);

	return page * region->page_size % half.stride >= half.stride - half.size;
}

void watch_half(struct race *race, bool upper)
{
	const struct region *region = race->region;
	unsigned half = (unsigned)(half_of(region).size / region->page_size);

	if (in_upper_half(region, race->page) == upper)
		return;
	/* The last part of the region may have no upper half: then that of the one before. */
	if (upper && race->page + half < region->pages)
		race->page += half;
	else
		race->page -= half;
}

int for_each_half(struct race *race,
		  int (*act)(struct race *race, unsigned char *at, size_t size, struct reason *why),
		  struct reason *why)
{
	struct half half = half_of(race->region);

	if (!half.size) {
		fail(why, EINVAL, "the region is one page, which has no half");
		return RACE_NO_EFFECT;
	}
	for (size_t at = half.stride - half.size; at < race->region->size; at += half.stride) {
		/* The last part of the region may be less than a PMD maps. */
		size_t left = race->region->size - at;
		int err = act(race, race->region->base + at, left < half.size ? left : half.size,
			      why);

		if (err)
			return err;
	}
	return 0;
}

void write_lower_halves(struct race *race)
{
	unsigned written = 0;

	for (unsigned i = 0; i < race->region->pages; i++) {
		if (in_upper_half(race->region, i))
			continue;
		race_mark_page(race, i);
		written++;
	}
	outcome_event(race->outcome, ACTOR_PARENT, "writes the %u other pages", written);
}

/* The proof that all these races share: no PMD maps the region any more. */
static int split_done(struct race *race, struct reason *why)
{
	int64_t mapped = region_pmd_mapped(race->region);

	if (mapped < 0)
		return fail_errno(why, (int)-mapped, "/proc/self/smaps");
	if (mapped) {
		fail(why, EIO, "%lld KiB are still mapped by a PMD", (long long)mapped / 1024);
		return RACE_NO_EFFECT;
	}
	return RACE_DONE;
}

static int protect_half(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	(void)race;
	return mprotect(at, size, PROT_READ) ? fail_errno(why, errno, "mprotect") : 0;
}

/* The page that is watched, and written after a fork, is of a lower half. */
static int watch_lower_half(struct race *race, struct reason *why)
{
	(void)why;
	watch_half(race, false);
	return 0;
}

/* The split changes no page, nor does it keep a fork() from sharing what is left. */
static int fork_and_write(struct race *race, struct reason *why)
{
	int effect = child_fork_seeing_old(race, why);

	if (!effect)
		race_write_page(race, race->page);
	return effect;
}

static int protect_halves(struct race *race, struct reason *why)
{
	int effect = for_each_half(race, protect_half, why);

	if (!effect)
		effect = split_done(race, why);
	if (!effect)
		outcome_event(race->outcome, ACTOR_PARENT,
			      "makes the upper half read-only, which splits the PMD");
	return effect;
}

static int split_mprotect(struct race *race, struct reason *why)
{
	int effect = protect_halves(race, why);

	if (!effect)
		write_lower_halves(race);
	return effect;
}

static int split_mprotect_fork(struct race *race, struct reason *why)
{
	int effect = protect_halves(race, why);

	return effect ? effect : fork_and_write(race, why);
}

static void forget_pages(struct region *region, const unsigned char *at, size_t size,
			 unsigned char *now)
{
	size_t first = (size_t)(at - region->base) / region->page_size;

	for (size_t i = 0; i < size / region->page_size; i++)
		region->page[first + i] = now ? now + i * region->page_size : NULL;
}

static int unmap_half(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	if (munmap(at, size))
		return fail_errno(why, errno, "munmap");
	forget_pages(race->region, at, size, NULL);
	return 0;
}

static int unmap_halves(struct race *race, struct reason *why)
{
	int effect = for_each_half(race, unmap_half, why);

	if (!effect)
		effect = split_done(race, why);
	if (!effect)
		outcome_event(race->outcome, ACTOR_PARENT,
			      "unmaps the upper half, which splits the PMD");
	return effect;
}

static int split_munmap(struct race *race, struct reason *why)
{
	int effect = unmap_halves(race, why);

	if (!effect)
		write_lower_halves(race);
	return effect;
}

static int split_munmap_fork(struct race *race, struct reason *why)
{
	int effect = unmap_halves(race, why);

	return effect ? effect : fork_and_write(race, why);
}

static int move_half(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	unsigned char *to = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (to == MAP_FAILED)
		return fail_errno(why, errno, "mmap");
	if (mremap(at, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED)
		return fail_errno(why, errno, "mremap");
	forget_pages(race->region, at, size, to);
	return 0;
}

static int split_mremap(struct race *race, struct reason *why)
{
	int effect = for_each_half(race, move_half, why);

	if (!effect)
		effect = split_done(race, why);
	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "moves the upper half to another address, which splits the PMD");
	race_write_pages(race, 0, race->region->pages);
	return RACE_DONE;
}

const struct race_ops race_split_mprotect = {
	.name = "split-mprotect",
	.family = "split",
	.help = "mprotect(PROT_READ) half a THP, write the other half",
	.needs = MEMORY_PMD | MEMORY_ANON,
	.run = split_mprotect,
};

const struct race_ops race_split_munmap = {
	.name = "split-munmap",
	.family = "split",
	.help = "munmap half a THP, write the other half",
	.needs = MEMORY_PMD | MEMORY_ANON,
	.run = split_munmap,
};

const struct race_ops race_split_mremap = {
	.name = "split-mremap",
	.family = "split",
	.help = "mremap half a THP elsewhere, write all of it",
	.needs = MEMORY_PMD | MEMORY_ANON,
	.run = split_mremap,
};

const struct race_ops race_split_mprotect_fork = {
	.name = "split-mprotect-fork",
	.family = "split",
	.help = "mprotect(PROT_READ) half a THP, fork, write one page of the other half",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PMD | MEMORY_ANON,
	.before_pin = watch_lower_half,
	.run = split_mprotect_fork,
};

const struct race_ops race_split_munmap_fork = {
	.name = "split-munmap-fork",
	.family = "split",
	.help = "munmap half a THP, fork, write one page of the other half",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PMD | MEMORY_ANON,
	.before_pin = watch_lower_half,
	.run = split_munmap_fork,
};
