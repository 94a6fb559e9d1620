// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * move_pages(2) of pinned memory to another NUMA node. Migration needs the exact
 * reference count, so a pinned page stays where it is.
 */
#include <stdlib.h>

#include "config.h"
#include "host/host.h"
#include "races/control.h"

#if HAVE_LIBNUMA

#include <numa.h>
#include <numaif.h>

static int migrate_probe(const struct host *host, struct reason *why)
{
	if (numa_available() < 0)
		return fail(why, ENOTSUP, "this kernel has no NUMA policy (CONFIG_NUMA)");
	if (host->nodes < 2)
		return fail(why, ENODEV,
			    "there is one NUMA node only (thpin boot --nodes 2 makes more)");
	/* libnuma has in this set what the cpuset allows: see cpuset(7). */
	if (numa_bitmask_weight(numa_all_nodes_ptr) < 2)
		return fail(why, ENODEV,
			    "the cpuset of thpin allows one NUMA node only, of %u with memory",
			    host->nodes);
	return 0;
}

/* A node with memory other than @node, -1: there is none. */
static int other_node(int node)
{
	for (int other = 0; other <= numa_max_node(); other++)
		if (other != node && numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)other))
			return other;
	return -1;
}

/* The nodes of all pages, to be freed; each is asked to move to @target unless -1. */
static int *ask(const struct region *region, int target, struct reason *why)
{
	int *status = malloc(region->pages * sizeof(*status));
	int *nodes = malloc(region->pages * sizeof(*nodes));
	void **pages = malloc(region->pages * sizeof(*pages));
	int err = status && nodes && pages ? 0 : ENOMEM;

	for (unsigned i = 0; !err && i < region->pages; i++) {
		nodes[i] = target;
		pages[i] = region->page[i];
		status[i] = -EBUSY;
	}
	/* It returns how many pages did not move. */
	if (!err && numa_move_pages(0, region->pages, pages, target < 0 ? NULL : nodes, status,
				    MPOL_MF_MOVE) < 0)
		err = errno;
	free(pages);
	free(nodes);
	if (!err)
		return status;
	free(status);
	fail_errno(why, err, "move_pages");
	return NULL;
}

/* Move all to another node than the first page is on; how many went, or -errno. */
static int migrate(const struct region *region, struct reason *why)
{
	int *before = ask(region, -1, why), *after = NULL, *ignored = NULL, count = -EIO;
	int other = before ? other_node(before[0]) : -1;

	if (other >= 0)
		ignored = ask(region, other, why);
	else if (before)
		fail(why, ENODEV, "there is no other NUMA node than %d", before[0]);
	if (ignored)
		after = ask(region, -1, why);
	if (after) {
		count = 0;
		for (unsigned i = 0; i < region->pages; i++)
			count += after[i] >= 0 && after[i] != before[i];
	}
	free(before);
	free(ignored);
	free(after);
	return count;
}

static int migrate_node(struct race *race, struct reason *why)
{
	int beside = migrate(&race->control, why);
	int pinned = beside < 0 ? beside : migrate(race->region, why);

	if (pinned < 0)
		return pinned;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "moves its pages to another NUMA node: %d pinned ones go, and %d of %u beside",
		      pinned, beside, race->control.pages);
	race_write_pages(race, 0, race->region->pages);
	if (pinned)
		return RACE_DONE;
	if (beside) {
		fail(why, EBUSY, "no pinned page changed its node; %d of %u unpinned pages beside",
		     beside, race->control.pages);
		return RACE_REFUSED;
	}
	fail(why, EIO, "no page changed its node, pinned or not");
	return RACE_NO_EFFECT;
}

#else

static int migrate_probe(const struct host *host, struct reason *why)
{
	(void)host;
	return fail(why, ENOTSUP, LIBNUMA_REASON);
}

static int migrate_node(struct race *race, struct reason *why)
{
	return migrate_probe(race->host, why);
}

#endif

const struct race_ops race_migrate_node = {
	.name = "migrate-node",
	.family = "move",
	.help = "move_pages all pages to another NUMA node, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_WRITTEN,
	.probe = migrate_probe,
	.before_pin = control_make,
	.run = migrate_node,
};
