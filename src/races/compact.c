// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compaction of all memory (vm.compact_memory, Documentation/admin-guide/sysctl/
 * vm.rst): movable pages go to the other end of their zone. A page with another
 * reference is not movable. Only memory of base pages: folios of a pageblock or more,
 * which is a PMD of x86, are left alone, and before Linux 6.9 any that is larger than
 * a page (isolate_migratepages_block(), mm/compaction.c; ee6f62fd34f0).
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/host.h"
#include "pins/pins.h"
#include "procfs/pagemap.h"
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

/* What has become of a region. */
struct moves {
	unsigned moved;  /* pages */
	uint64_t lowest; /* page frame number before; 0: none */
};

static int look(const struct region *region, const uint64_t *was, struct moves *moves)
{
	uint64_t *is = region_entries(region);

	*moves = (struct moves){ 0 };
	if (!is)
		return -errno;
	for (unsigned i = 0; i < region->pages; i++) {
		uint64_t before = pagemap_pfn(was[i]), now = pagemap_pfn(is[i]);

		if (before && (!moves->lowest || before < moves->lowest))
			moves->lowest = before;
		moves->moved += before && now && now != before;
	}
	free(is);
	return 0;
}

static int compact_once(struct race *race, struct moves *pinned, struct moves *beside,
			struct reason *why)
{
	uint64_t *pinned_was = region_entries(race->region);
	uint64_t *beside_was = region_entries(&race->control);
	int err = -EIO;

	if (!pinned_was || !beside_was)
		fail_errno(why, errno, "/proc/self/pagemap");
	else if ((err = write_text(COMPACT, "1")))
		fail_errno(why, -err, COMPACT);
	else if ((err = look(race->region, pinned_was, pinned)) ||
		 (err = look(&race->control, beside_was, beside)))
		fail_errno(why, -err, "/proc/self/pagemap");
	free(pinned_was);
	free(beside_was);
	return err;
}

/* Nothing holds the pages, the device follows them: so they may move. */
static bool may_move(const struct race *race)
{
	return race->pin->ops->class(race->host) == PIN_CLASS_ODP;
}

/*
 * No pinned page has moved: because it may not? Wherever it lies, a page with another
 * reference may not. Any other is left where it is by chance only, while it is on its
 * way to the LRU lists, or as compaction ends where it meets its own free pages.
 */
static bool is_refused(const struct race *race, const struct moves *pinned,
		       const struct moves *beside)
{
	return !pinned->moved && beside->moved && !may_move(race);
}

/*
 * Of a piece of memory of so many times the region three are given back for it, the
 * control, and copies that the pin takes. Of the others one of so many pages stays.
 */
#define SPREAD 8
#define USED 3
#define SPREAD_SIZE ((size_t)64 << 20)
/* More than a CPU keeps: 54 MiB where it is the only one (Linux 7.3, 2 GiB). */
#define KEPT_SIZE ((size_t)64 << 20)

struct place {
	uint64_t pfn;
	unsigned page;
};

static int by_pfn(const void *one, const void *other)
{
	const struct place *a = one, *b = other;

	return a->pfn < b->pfn ? -1 : a->pfn > b->pfn;
}

static int fill(struct race *race, struct region *region, size_t size, int advice,
		struct reason *why)
{
	int err;

	*region = (struct region){ .host = race->host, .size = size, .fd = -1 };
	region->page_size = (size_t)sysconf(_SC_PAGESIZE);
	err = region_map(region, why);
	if (err)
		return err;
	/* Fails where there are no THPs: then all are base pages. */
	madvise(region->base, region->size, advice);
	region_populate(region);
	return 0;
}

static void drop(struct region *region)
{
	if (!region->base)
		return;
	munmap(region->base, region->size);
	free(region->page);
	close_fd(&region->fd);
	region->base = NULL;
}

/* The former one stays until then, so that it is not its place that is taken again. */
static int move_control(struct race *race, struct reason *why)
{
	struct region former = race->control;
	int err = control_make(race, why);

	drop(&former);
	return err;
}

static void give_back(const struct region *region, unsigned page)
{
	madvise(region->page[page], region->page_size, MADV_DONTNEED);
}

/*
 * Have the regions lie where there is room beyond them, as nothing moves without:
 * pageblocks that are free as a whole are no target, only those in use in part
 * (suitable_migration_target(), mm/compaction.c). So a piece of memory is taken, and the
 * lower end of it given back for the regions: every third page for one of them, that
 * where one lies pages of the other are beyond. What is given back last is taken first.
 * What is below @pfn would only be in the way, and is given back as well.
 */
static int hold_room(struct race *race, uint64_t pfn, struct reason *why)
{
	size_t size = race->region->size * SPREAD;
	struct region *room = &race->twin;
	unsigned first = 0, last;
	struct place *places;
	uint64_t *entries;
	int err;

	drop(room);
	err = fill(race, room, size < SPREAD_SIZE ? size : SPREAD_SIZE, MADV_NOHUGEPAGE, why);
	if (err)
		return err;
	entries = region_entries(room);
	places = calloc(room->pages, sizeof(*places));
	if (!entries || !places) {
		err = fail_errno(why, errno, "/proc/self/pagemap");
		goto out;
	}
	for (unsigned i = 0; i < room->pages; i++)
		places[i] = (struct place){ pagemap_pfn(entries[i]), i };
	qsort(places, room->pages, sizeof(*places), by_pfn);
	for (; first < room->pages && places[first].pfn < pfn; first++)
		give_back(room, places[first].page);
	last = first + (room->pages - first) * USED / SPREAD;
	for (unsigned user = 0; user < USED; user++)
		for (unsigned i = first + user; i < last; i += USED)
			give_back(room, places[i].page);
out:
	free(places);
	free(entries);
	return err;
}

/* Where pages may not move it is enough that any beside does, as some do mostly. */
static int before_memory(struct race *race, struct reason *why)
{
	return may_move(race) ? hold_room(race, 0, why) : 0;
}

/*
 * Pages that a process gives back stay on a list of the CPU (per-CPU pagesets,
 * mm/page_alloc.c), where compaction does not find them, until there are too many; so
 * they are made too many by others. THPs are soonest filled, and on a list of their own.
 */
static int make_room(struct race *race, struct reason *why)
{
	const struct region *room = &race->twin;
	struct region others;
	int err = fill(race, &others, KEPT_SIZE, MADV_HUGEPAGE, why);

	if (err)
		return err;
	drop(&others);
	for (unsigned i = 0; i < room->pages; i++)
		if (i % SPREAD)
			give_back(room, i);
	return 0;
}

static int compact(struct race *race, struct reason *why)
{
	uint64_t deadline = clock_ns() + race_patience(race);
	struct moves pinned = { 0 }, beside = { 0 };
	int err;

	err = may_move(race) ? make_room(race, why) : 0;
	if (!err)
		err = compact_once(race, &pinned, &beside, why);
	while (!err && !pinned.moved && !is_refused(race, &pinned, &beside) &&
	       clock_ns() < deadline) {
		err = hold_room(race, pinned.lowest, why);
		if (!err)
			err = move_control(race, why);
		if (!err)
			err = make_room(race, why);
		if (!err)
			err = compact_once(race, &pinned, &beside, why);
	}
	if (err)
		return err;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "has all memory compacted: %u pinned pages move, and %u of %u beside",
		      pinned.moved, beside.moved, race->control.pages);
	race_write_pages(race, 0, race->region->pages);
	if (pinned.moved)
		return RACE_DONE;
	if (is_refused(race, &pinned, &beside)) {
		fail(why, EBUSY, "compaction moved no pinned page; %u of %u unpinned pages beside",
		     beside.moved, race->control.pages);
		return RACE_REFUSED;
	}
	fail(why, EIO, "compaction did not come as far as these pages");
	return RACE_NO_EFFECT;
}

const struct race_ops race_compact = {
	.name = "compact",
	.family = "move",
	.help = "compact all memory, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_SMALL | MEMORY_RECLAIM | MEMORY_WRITTEN,
	.probe = compact_probe,
	.before_memory = before_memory,
	.before_pin = control_make,
	.run = compact,
};
