// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Same-page merging (Documentation/admin-guide/mm/ksm.rst) at full speed. Two
 * unpinned regions have the data of the pinned one: ksmd merges these two and
 * has to leave alone what has another reference (write_protect_page(), mm/ksm.c).
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/ksm.h"
#include "procfs/pagemap.h"
#include "races/control.h"
#include "util/io.h"

static int offer(const struct region *region, struct reason *why)
{
	if (madvise(region->base, region->size, MADV_MERGEABLE))
		return fail_errno(why, errno, "madvise(MADV_MERGEABLE)");
	return 0;
}

/* Pages of one region that are in the page frame of the same page of another. */
static int merged(const struct region *one, const struct region *other, struct reason *why)
{
	uint64_t *first = region_entries(one), *second = region_entries(other);
	int count = first && second ? 0 : fail_errno(why, errno, "/proc/self/pagemap");

	for (unsigned i = 0; count >= 0 && i < one->pages; i++)
		count += pagemap_pfn(first[i]) && pagemap_pfn(first[i]) == pagemap_pfn(second[i]);
	free(first);
	free(second);
	return count;
}

/* Until all of the unpinned pages are merged; how many are, or -errno. */
static int wait_for_merge(const struct region *one, const struct region *other, uint64_t deadline,
			  struct reason *why)
{
	int count;

	while ((count = merged(one, other, why)) >= 0 && (unsigned)count < one->pages &&
	       clock_ns() < deadline)
		usleep(5000);
	return count;
}

/* Before the pin: memory that the kernel does not give now is a skip. */
static int before_ksm(struct race *race, struct reason *why)
{
	int err = control_make(race, why);

	return err ? err : make_beside(race, &race->twin, why);
}

static int ksm(struct race *race, struct reason *why)
{
	uint64_t start = clock_ns(), patience = race_patience(race);
	int beside, pinned, err;
	bool scanned;

	err = offer(&race->twin, why);
	if (!err)
		err = offer(&race->control, why);
	if (!err)
		err = ksm_run(race->guardian, why);
	if (err)
		return err;
	/* Not all of the time: scans of the pinned pages are to come. */
	beside = wait_for_merge(&race->control, &race->twin, start + patience / 2, why);
	/*
	 * Offered earlier, a pinned page that is scanned first takes the place in the
	 * unstable tree where the other two would have found each other.
	 */
	err = offer(race->region, why);
	if (err)
		return err;
	scanned = wait_for_scans(KSM "full_scans", 3, start + patience);
	pinned = merged(&race->control, race->region, why);
	if (beside < 0 || pinned < 0)
		return beside < 0 ? beside : pinned;
	outcome_event(race->outcome, ACTOR_KERNEL,
		      "ksmd merges %d of %u unpinned pages with others like them, and %d pinned",
		      beside, race->twin.pages, pinned);
	race_write_pages(race, 0, race->region->pages);
	if (pinned)
		return RACE_DONE;
	if (beside && scanned) {
		fail(why, EBUSY, "ksmd merged %d of %u unpinned pages beside, but no pinned one",
		     beside, race->twin.pages);
		return RACE_REFUSED;
	}
	fail(why, ETIMEDOUT,
	     beside ? "ksmd did not come to all pinned pages within %.1f s (--timeout)" :
		      "ksmd merged nothing within %.1f s, pinned or not (--timeout)",
	     (double)patience / 1e9);
	return RACE_NO_EFFECT;
}

const struct race_ops race_ksm = {
	.name = "ksm",
	.family = "move",
	.help = "MADV_MERGEABLE and ksmd at full speed, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_ANON | MEMORY_WRITTEN,
	.probe = ksm_probe,
	.before_pin = before_ksm,
	.run = ksm,
};
