// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reclaim of pinned memory. The kernel reports success whatever it did, so a
 * second, unpinned region of the same kind is reclaimed beside the pinned one:
 * when that one went and the pinned one stayed, reclaim was refused.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "host/host.h"
#include "host/lru.h"
#include "host/swap.h"
#include "procfs/pagemap.h"
#include "procfs/smaps.h"
#include "races/control.h"
#include "util/io.h"

/*
 * How long unpinned memory is asked again for. Mostly it goes at once; but pages that
 * are still being written to swap, on a busy machine for a while, are passed over.
 */
static uint64_t control_deadline(const struct race *race)
{
	return clock_ns() + race_patience(race) / 4;
}

static int before_pageout(struct race *race, struct reason *why)
{
	int err = swap_ensure(race->host, 2 * race->region->size, race->guardian, why);

	return err ? err : control_make(race, why);
}

/*
 * Pages that reclaim has taken from the page tables, or -errno. Anonymous pages
 * leave a swap entry there, those of files nothing.
 */
static int reclaimed(const struct region *region, struct reason *why)
{
	return region_count(region, 0, PM_PRESENT, why);
}

static int page_out(const struct region *region, struct reason *why)
{
	if (madvise(region->base, region->size, MADV_PAGEOUT))
		return fail_errno(why, errno, "madvise(MADV_PAGEOUT)");
	return 0;
}

/* Have both regions reclaimed; sets the pages that were. */
static int reclaim_both(struct race *race, int *out, int *control, struct reason *why)
{
	uint64_t deadline = control_deadline(race);

	lru_drain(); /* where a page was swapped in, or allocated, the case may run no more */
	do {
		int err = page_out(&race->control, why);

		if (!err)
			err = page_out(race->region, why);
		if (err)
			return err;
		*out = reclaimed(race->region, why);
		*control = reclaimed(&race->control, why);
		if (*out < 0 || *control < 0)
			return *out < 0 ? *out : *control;
	} while (!*control && clock_ns() < deadline && !usleep(1000));
	return 0;
}

static int pageout(struct race *race, struct reason *why)
{
	int out, control, err = reclaim_both(race, &out, &control, why);

	if (err)
		return err;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "asks for its pages to be reclaimed (MADV_PAGEOUT)");
	outcome_event(race->outcome, ACTOR_KERNEL,
		      "swaps out %d pinned pages, and %d of %u unpinned ones beside", out, control,
		      race->control.pages);
	race_write_pages(race, 0, race->region->pages);
	if (out)
		return RACE_DONE;
	if (control) {
		fail(why, EBUSY,
		     "no pinned page was swapped out; %d of %u unpinned pages beside were", control,
		     race->control.pages);
		return RACE_REFUSED;
	}
	fail(why, EIO, "nothing was swapped out, pinned or not");
	return RACE_NO_EFFECT;
}

static int free_lazily(const struct region *region, struct reason *why)
{
	if (madvise(region->base, region->size, MADV_FREE))
		return fail_errno(why, errno, "madvise(MADV_FREE)");
	return 0;
}

static unsigned zero_pages(const struct region *region)
{
	unsigned zero = 0;

	for (unsigned i = 0; i < region->pages; i++)
		zero += !*(volatile uint64_t *)region->page[i];
	return zero;
}

/*
 * Free both regions lazily and have them reclaimed; sets how many unpinned pages were
 * dropped, and sums the pinned ones. Clean lazily freed pages need no swap: reclaim
 * drops them. It first has the pages marked that still wait in a batch of this CPU
 * (lru_add_drain()), as all of a small region do: only then can smaps tell about the
 * pinned ones.
 */
static int free_both(struct race *race, unsigned *freed, struct smaps_sum *sum, struct reason *why)
{
	uintptr_t base = (uintptr_t)race->region->base;
	uint64_t deadline = control_deadline(race);

	lru_drain();
	do {
		int err = free_lazily(&race->control, why);

		if (!err)
			err = free_lazily(race->region, why);
		if (!err)
			err = page_out(&race->control, why);
		if (err)
			return err;
		err = smaps_read(0, base, base + race->region->size, sum);
		if (err)
			return fail_errno(why, -err, "/proc/self/smaps");
		*freed = zero_pages(&race->control);
	} while (!*freed && clock_ns() < deadline && !usleep(1000));
	return page_out(race->region, why);
}

static int madv_free(struct race *race, struct reason *why)
{
	struct smaps_sum sum;
	unsigned freed;
	int err = free_both(race, &freed, &sum, why);

	if (err)
		return err;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "frees its pages lazily (MADV_FREE) and has them reclaimed");
	outcome_event(race->outcome, ACTOR_KERNEL,
		      "marks %llu of %zu KiB, drops %u unpinned pages beside",
		      (unsigned long long)sum.lazy_free_kb, race->region->size / 1024, freed);
	race_write_pages(race, 0, race->region->pages);
	if (!freed) {
		fail(why, EIO, "nothing was freed, pinned or not");
		return RACE_NO_EFFECT;
	}
	if (sum.lazy_free_kb)
		return RACE_DONE;
	fail(why, EBUSY, "no pinned page was marked; %u unpinned pages beside were freed", freed);
	return RACE_REFUSED;
}

/* KiB of a region that smaps takes for referenced; or -errno. */
static int64_t referenced(const struct region *region, struct reason *why)
{
	uintptr_t base = (uintptr_t)region->base;
	struct smaps_sum sum;
	int err = smaps_read(0, base, base + region->size, &sum);

	return err ? fail_errno(why, -err, "/proc/self/smaps") : (int64_t)sum.referenced_kb;
}

static int cool(const struct region *region, struct reason *why)
{
	if (madvise(region->base, region->size, MADV_COLD))
		return fail_errno(why, errno, "madvise(MADV_COLD)");
	return 0;
}

static int madv_cold(struct race *race, struct reason *why)
{
	int64_t before, after, beside;
	int err;

	lru_drain();
	before = referenced(race->region, why);
	err = before < 0 ? (int)before : cool(&race->control, why);
	if (!err)
		err = cool(race->region, why);
	if (err)
		return err;
	after = referenced(race->region, why);
	beside = referenced(&race->control, why);
	if (after < 0 || beside < 0)
		return (int)(after < 0 ? after : beside);
	outcome_event(race->outcome, ACTOR_PARENT,
		      "calls its pages cold (MADV_COLD): %lld of %lld KiB are still referenced",
		      (long long)after, (long long)before);
	race_write_pages(race, 0, race->region->pages);
	if (after < before)
		return RACE_DONE;
	if (beside < before) {
		fail(why, EBUSY, "the pinned pages stay referenced; unpinned ones beside do not");
		return RACE_REFUSED;
	}
	fail(why, EIO,
	     before ? "all pages stay referenced, pinned or not" :
		      "no page was referenced to begin with");
	return RACE_NO_EFFECT;
}

const struct race_ops race_pageout = {
	.name = "pageout",
	.family = "reclaim",
	.help = "MADV_PAGEOUT all pages, write all",
	.modules = "loop",
	.needs = MEMORY_RECLAIM,
	.probe = swap_probe,
	.before_pin = before_pageout,
	.run = pageout,
};

const struct race_ops race_madv_free = {
	.name = "madv-free",
	.frees_unpinned = true,
	.family = "reclaim",
	.help = "MADV_FREE all pages, reclaim, write all",
	.needs = MEMORY_ANON | MEMORY_WRITTEN,
	.before_pin = control_make,
	.run = madv_free,
};

const struct race_ops race_madv_cold = {
	.name = "madv-cold",
	.family = "reclaim",
	.help = "MADV_COLD all pages, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_RECLAIM,
	.before_pin = control_make,
	.run = madv_cold,
};
