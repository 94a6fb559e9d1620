// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "A pmd split in the child caused by swapping and then parent releases the page,
 * child reuse it but it stays in the anon_vma of the parent" (Andrea Arcangeli,
 * LKML, 2 May 2016, of the rework of THP reference counts): a THP is shared with
 * a child and swapped out, which splits the PMDs of both. The parent takes its
 * lower half back, has it pinned and unmaps the upper half; the child writes
 * that. The child must find its data and the device that of the parent, whoever's
 * anon_vma a page is in: that itself cannot be read, only what follows from it.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/host.h"
#include "procfs/pagemap.h"
#include "races/child.h"
#include "races/half.h"
#include "races/pressure.h"
#include "races/control.h"
#include "util/io.h"

/* @count entries of the child, from that of page @first on; 0 or -errno. */
static int read_child(const struct race *race, unsigned first, unsigned count, uint64_t *entries,
		      struct reason *why)
{
	uintptr_t at = (uintptr_t)race->region->base + first * race->region->page_size;
	struct pagemap pagemap;
	int err = pagemap_open(&pagemap, race->child);

	if (!err) {
		err = pagemap_read(&pagemap, at, count, entries);
		pagemap_close(&pagemap);
	}
	return err ? fail_errno(why, -err, "pagemap of the child") : 0;
}

/* How many pages of the child are swapped out; 0 when the watched one is not; or -errno. */
static int count_swapped(const struct race *race, struct reason *why)
{
	const struct region *region = race->region;
	uint64_t *entries = calloc(region->pages, sizeof(*entries));
	int count = 0, err = entries ? read_child(race, 0, region->pages, entries, why) :
				       fail_errno(why, ENOMEM, "%u pages", region->pages);

	if (!err && pagemap_swapped(entries[race->page]))
		for (unsigned i = 0; i < region->pages; i++)
			count += pagemap_swapped(entries[i]);
	free(entries);
	return err ? err : count;
}

/* The page frame of the watched page in the child, 0: not known or not there. */
static uint64_t pfn_in_child(const struct race *race)
{
	struct reason ignored;
	uint64_t entry;

	return read_child(race, race->page, 1, &entry, &ignored) ? 0 : pagemap_pfn(entry);
}

static int before_child_pageout(struct race *race, struct reason *why)
{
	uint64_t deadline = clock_ns() + race_patience(race) / 2;
	struct region *region = race->region;
	int out = 0, err;

	/* One of those that the parent gives up later, shared until then. */
	watch_half(race, true);
	err = child_fork(race, why);
	while (!err && (unsigned)out < region->pages && clock_ns() < deadline) {
		err = cgroup_squeeze(&race->cgroup, why);
		out = err ? 0 : count_swapped(race, why);
		if (out < 0)
			err = out;
		usleep(2000);
	}
	if (err)
		return err;
	if (!out)
		return fail(why, EAGAIN, "page %u of a child was not swapped out", race->page);
	outcome_event(race->outcome, ACTOR_KERNEL,
		      "swaps out %d of %u pages of a child, which splits its PMD", out,
		      region->pages);
	/* By a store of what is there: from now on these are the parent's alone. */
	for (unsigned i = 0; i < region->pages; i++) {
		volatile uint64_t *word = (volatile uint64_t *)region->page[i];
		uint64_t same = *word;

		if (!in_upper_half(region, i))
			*word = same;
	}
	return 0;
}

static int release(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	struct region *region = race->region;
	size_t first = (size_t)(at - region->base) / region->page_size;

	if (munmap(at, size))
		return fail_errno(why, errno, "munmap");
	for (size_t i = 0; i < size / region->page_size; i++)
		region->page[first + i] = NULL;
	return 0;
}

/* The child must have what its parent had when it was forked. */
static int child_has_data(struct race *race, struct reason *why)
{
	int sees = child_look(race, why);

	if (sees >= 0 && sees != CHILD_SEES_OLD)
		return fail(why, EILSEQ, "the child has lost the data of page %u", race->page);
	return sees < 0 ? sees : 0;
}

/* What can be told of the page of the child: who else has it, is it a new one. */
static void describe_child(struct race *race, uint64_t pinned, uint64_t before, uint64_t after)
{
	const char *which = !before || !after ? "in a page frame that cannot be seen" :
			    after != before   ? "and gets a copy, a page of its own anon_vma" :
			    after == pinned   ? "and reuses the page that its parent made" :
						"and reuses the page that it swapped in";

	outcome_event(race->outcome, ACTOR_CHILD, "writes page %u %s", race->page, which);
}

static int child_pageout(struct race *race, struct reason *why)
{
	uint64_t *entries = region_entries(race->region);
	uint64_t pinned = entries ? pagemap_pfn(entries[race->page]) : 0, before;
	unsigned char *page = race->region->page[race->page];
	int err = for_each_half(race, release, why);

	free(entries);
	if (err)
		return err;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "unmaps the upper half, through which it was pinned");
	/* Where the child has it, at the same address. */
	race->region->page[race->page] = page;
	err = child_has_data(race, why);
	before = pfn_in_child(race);
	if (!err)
		err = child_write(race, why);
	if (!err)
		err = child_has_data(race, why);
	race->region->page[race->page] = NULL;
	if (err)
		return err;
	describe_child(race, pinned, before, pfn_in_child(race));
	write_lower_halves(race);
	return RACE_DONE;
}

const struct race_ops race_split_child_pageout = {
	.name = "split-child-pageout",
	.family = "split",
	.help = "a child's PMD is split by swapping, the parent unmaps half, both write",
	.modules = "loop",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PMD | MEMORY_ANON | MEMORY_RECLAIM,
	.probe = pressure_probe,
	.before_memory = pressure_prepare,
	.before_pin = before_child_pageout,
	.run = child_pageout,
};
