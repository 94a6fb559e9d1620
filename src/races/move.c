// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Moving pinned memory to other pages: collapse into a new THP. A pinned page
 * has an unexpected reference, and the kernel refuses (EAGAIN; madvise(2)).
 */
#include <sys/mman.h>

#include "host/host.h"
#include "memory/anon.h"
#include "races/races.h"

int race_collapse_probe(const struct host *host, struct reason *why)
{
	int err = anon_thp_probe(host, why);

	if (err)
		return err;
	/* A length of zero: only whether the advice is known (mm/madvise.c). */
	if (madvise(NULL, 0, MADV_COLLAPSE))
		return fail(why, ENOTSUP,
			    "this kernel has no MADV_COLLAPSE (Linux 6.1, 7d8faaf15545)");
	return 0;
}

static int collapse(struct race *race, struct reason *why)
{
	struct region *region = race->region;
	int64_t mapped;
	int err;

	/* A region that is mapped by a PMD already has nothing to collapse. */
	if (region->ops->traits & MEMORY_PMD) {
		err = anon_split_pmd(region, why);
		if (err)
			return err;
		outcome_event(race->outcome, ACTOR_PARENT, "splits the PMD of the THP");
	}
	if (madvise(region->base, region->size, MADV_HUGEPAGE))
		return fail_errno(why, errno, "madvise(MADV_HUGEPAGE)");
	err = madvise(region->base, region->size, MADV_COLLAPSE) ? errno : 0;
	outcome_event(race->outcome, ACTOR_PARENT, "asks for a collapse (MADV_COLLAPSE)");
	mapped = region_pmd_mapped(region);
	race_write_pages(race, 0, region->pages);
	if (mapped > 0) {
		outcome_event(race->outcome, ACTOR_KERNEL,
			      "collapses it into a THP mapped by a PMD");
		return RACE_DONE;
	}
	if (err) {
		fail_errno(why, err, "MADV_COLLAPSE");
		return RACE_REFUSED;
	}
	fail(why, EIO, "MADV_COLLAPSE succeeded, but no PMD maps the region");
	return RACE_NO_EFFECT;
}

const struct race_ops race_collapse = {
	.name = "collapse",
	.family = "move",
	.help = "MADV_COLLAPSE pages mapped by PTEs, write all",
	.needs = MEMORY_COLLAPSIBLE | MEMORY_ANON,
	.probe = race_collapse_probe,
	.run = collapse,
};
