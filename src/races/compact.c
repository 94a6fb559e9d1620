// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compaction of all memory (vm.compact_memory, Documentation/admin-guide/sysctl/
 * vm.rst): movable pages go to the other end of their zone. A page with another
 * reference is not movable. THPs are left alone in any case, hence only memory of
 * base pages (isolate_migratepages_block(), mm/compaction.c).
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/host.h"
#include "races/control.h"
#include "util/io.h"

#define COMPACT "/proc/sys/vm/compact_memory"

static int compact_probe(const struct host *host, struct reason *why)
{
	if (access(COMPACT, F_OK))
		return fail(why, ENOTSUP, "this kernel has no compaction (CONFIG_COMPACTION)");
	if (access(COMPACT, W_OK))
		return fail_errno(why, errno, "cannot write to " COMPACT " (needs root)");
	if (!host->pfn_visible)
		return fail(why, EPERM, "which pages move shows only with CAP_SYS_ADMIN");
	return 0;
}

/* Compact, and count the pages of both regions that are elsewhere now. */
static int compact_once(struct race *race, int *pinned, int *beside, struct reason *why)
{
	uint64_t *pinned_was = region_entries(race->region);
	uint64_t *beside_was = region_entries(&race->control);
	int err = pinned_was && beside_was ? write_text(COMPACT, "1") : -errno;

	if (err) {
		fail_errno(why, -err, COMPACT);
	} else {
		*pinned = pages_moved(race->region, pinned_was, why);
		*beside = pages_moved(&race->control, beside_was, why);
		err = *pinned < 0 ? *pinned : *beside < 0 ? *beside : 0;
	}
	free(pinned_was);
	free(beside_was);
	return err;
}

/* One page of so many is for the control; so many bytes are filled at most. */
#define SPREAD 16
#define SPREAD_SIZE ((size_t)64 << 20)

/*
 * What moves needs room, and where all else is free there is none: pageblocks that
 * are free as a whole are no target, only those in use in part, nearer to the end of
 * the zone (suitable_migration_target(), mm/compaction.c). So pages of the control
 * are put where others were between them, which are then given back.
 */
static int control_spread(struct race *race, struct reason *why)
{
	struct region around = { .host = race->host, .page_size = race->region->page_size };
	int err;

	around.size = race->region->size * SPREAD;
	if (around.size > SPREAD_SIZE)
		around.size = SPREAD_SIZE;
	err = region_map(&around, why);
	if (err)
		return err;
	/* Fails where there are no THPs: then none is in the way. */
	madvise(around.base, around.size, MADV_NOHUGEPAGE);
	region_populate(&around);
	for (unsigned i = 0; i < around.pages; i += SPREAD)
		madvise(around.page[i], around.page_size, MADV_DONTNEED);
	err = control_make(race, why);
	munmap(around.base, around.size);
	free(around.page);
	return err;
}

static int compact(struct race *race, struct reason *why)
{
	uint64_t deadline = clock_ns() + race_patience(race);
	int pinned = 0, beside = 0, err;

	err = compact_once(race, &pinned, &beside, why);
	while (!err && !pinned && !beside && clock_ns() < deadline) {
		err = control_spread(race, why);
		if (!err)
			err = compact_once(race, &pinned, &beside, why);
	}
	if (err)
		return err;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "has all memory compacted: %d pinned pages move, and %d of %u beside", pinned,
		      beside, race->control.pages);
	race_write_pages(race, 0, race->region->pages);
	if (pinned)
		return RACE_DONE;
	if (beside) {
		fail(why, EBUSY, "compaction moved no pinned page; %d of %u unpinned pages beside",
		     beside, race->control.pages);
		return RACE_REFUSED;
	}
	fail(why, EIO, "compaction moved none of these pages, pinned or not");
	return RACE_NO_EFFECT;
}

const struct race_ops race_compact = {
	.name = "compact",
	.family = "move",
	.help = "compact all memory, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_SMALL | MEMORY_RECLAIM | MEMORY_WRITTEN,
	.probe = compact_probe,
	.before_pin = control_make,
	.run = compact,
};
