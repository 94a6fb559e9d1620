// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory pressure: the case has a cgroup of its own, and the kernel is to reclaim
 * all that it uses, and chooses what goes. Unpinned memory beside is swapped out; a
 * page with another reference may be unmapped into the swap cache, but not freed
 * (__remove_mapping(), mm/vmscan.c).
 */
#include <limits.h>
#include <unistd.h>

#include "host/cgroup.h"
#include "host/host.h"
#include "host/lru.h"
#include "host/swap.h"
#include "procfs/pagemap.h"
#include "races/control.h"
#include "races/pressure.h"
#include "util/io.h"

/*
 * Pages that stay do so for ever, and a round is 17 passes of the kernel over all of them
 * (MAX_RECLAIM_RETRIES, mm/internal.h). Of 512 that go all went in the first round (Linux
 * 7.3, 120 trials). A single one that has been used of late is passed over for up to
 * 160 ms (Linux 6.18, 150 trials), 32 rounds, and for as many, but longer, on a busy
 * machine.
 */
#define ROUND_MS 5
#define PINNED_ROUNDS 3
#define PAGE_ROUNDS 57

int pressure_probe(const struct host *host, struct reason *why)
{
	int err = cgroup_probe(why);

	return err ? err : swap_probe(host, why);
}

int pressure_prepare(struct race *race, struct reason *why)
{
	int err = swap_ensure(race->host, 4 * race->region->size, race->guardian, why);

	return err ? err : cgroup_enter(&race->cgroup, race->guardian, why);
}

/*
 * Reclaim until all of @region is gone, which takes more than one round for pages
 * that were used of late, or @rounds are over, or more time than a race has. Returns
 * how many pages went.
 */
static int squeeze(struct race *race, const struct region *region, unsigned rounds,
		   struct reason *why)
{
	uint64_t deadline = clock_ns() + race_patience(race) / 2;

	for (;;) {
		int err = cgroup_squeeze(&race->cgroup, why);
		int gone = err ? err : region_count(region, 0, PM_PRESENT, why);

		if (gone < 0 || (unsigned)gone == region->pages || !--rounds ||
		    clock_ns() > deadline)
			return gone;
		usleep(ROUND_MS * 1000);
	}
}

static int memory_pressure(struct race *race, struct reason *why)
{
	unsigned rounds = PINNED_ROUNDS + PAGE_ROUNDS / race->region->pages;
	int beside, out;

	lru_drain();
	beside = squeeze(race, &race->control, UINT_MAX, why);
	/* Where it has just taken the one it may be about to take the other. */
	out = squeeze(race, race->region, rounds, why);
	if (out < 0 || beside < 0)
		return out < 0 ? out : beside;
	outcome_event(race->outcome, ACTOR_KERNEL,
		      "is short of memory: swaps out %d pinned pages, and %d of %u unpinned ones",
		      out, beside, race->control.pages);
	race_write_pages(race, 0, race->region->pages);
	if (out)
		return RACE_DONE;
	if (beside) {
		fail(why, EBUSY,
		     "no pinned page was swapped out; %d of %u unpinned pages beside were", beside,
		     race->control.pages);
		return RACE_REFUSED;
	}
	fail(why, EIO, "nothing was swapped out, pinned or not");
	return RACE_NO_EFFECT;
}

const struct race_ops race_memory_pressure = {
	.name = "memory-pressure",
	.family = "reclaim",
	.help = "the kernel reclaims all memory of the process (own cgroup and swap), write all",
	.modules = "loop",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_RECLAIM | MEMORY_WRITTEN,
	.probe = pressure_probe,
	.before_memory = pressure_prepare,
	.before_pin = control_make,
	.run = memory_pressure,
};
