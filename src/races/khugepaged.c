// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * khugepaged at full speed (Documentation/admin-guide/mm/transhuge.rst), as in
 * the report of 2016 that a VFIO mapping lost its pages (LKML
 * <20160428102051.17d1c728@t450s.home>): defrag always, no sleep, 65536 pages a
 * scan. It leaves a page alone that has one more reference than mappings.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "memory/anon.h"
#include "races/control.h"
#include "util/io.h"

#define THP "/sys/kernel/mm/transparent_hugepage/"
#define DAEMON THP "khugepaged/"

static int khugepaged_probe(const struct host *host, struct reason *why)
{
	if (!host->thp_size)
		return fail(why, ENOTSUP,
			    "this kernel has no khugepaged (CONFIG_TRANSPARENT_HUGEPAGE)");
	if (access(DAEMON "pages_to_scan", W_OK))
		return fail_errno(why, errno, "cannot set " DAEMON "* (needs root)");
	return 0;
}

/* The last one wakes it up. */
static int full_speed(struct race *race, struct reason *why)
{
	static const char *const settings[][2] = {
		{ THP "defrag", "always" },
		{ DAEMON "defrag", "1" },
		{ DAEMON "pages_to_scan", "65536" },
		{ DAEMON "alloc_sleep_millisecs", "0" },
		{ DAEMON "scan_sleep_millisecs", "0" },
	};
	int err = 0;

	if (!strcmp(race->host->thp_mode, "never"))
		err = guardian_set(race->guardian, THP "enabled", "madvise", why);
	for (size_t i = 0; !err && i < sizeof(settings) / sizeof(settings[0]); i++)
		err = guardian_set(race->guardian, settings[i][0], settings[i][1], why);
	return err;
}

/* Mapped by PTEs, and khugepaged knows of it from here on. */
static int offer(struct region *region, struct reason *why)
{
	int err = region->ops->traits & MEMORY_PMD ? anon_split_pmd(region, why) : 0;

	if (!err && madvise(region->base, region->size, MADV_HUGEPAGE))
		err = fail_errno(why, errno, "madvise(MADV_HUGEPAGE)");
	return err;
}

static int khugepaged(struct race *race, struct reason *why)
{
	uint64_t start = clock_ns(), patience = race_patience(race);
	int64_t beside, pinned;
	bool scanned;
	int err;

	err = offer(race->region, why);
	if (!err)
		err = offer(&race->control, why);
	if (!err)
		err = full_speed(race, why);
	if (err)
		return err;
	/* Not all of the time: scans of the pinned pages are to come. */
	while (!(beside = region_pmd_mapped(&race->control)) && clock_ns() < start + patience / 2)
		usleep(2000);
	/* Who came late to the first scan was seen by the next. */
	scanned = wait_for_scans(DAEMON "full_scans", 2, start + patience);
	pinned = region_pmd_mapped(race->region);
	if (beside < 0 || pinned < 0)
		return fail_errno(why, (int)-(beside < 0 ? beside : pinned), "/proc/self/smaps");
	outcome_event(race->outcome, ACTOR_KERNEL,
		      "khugepaged collapses %lld KiB of unpinned memory beside, %lld of the pinned",
		      (long long)beside / 1024, (long long)pinned / 1024);
	race_write_pages(race, 0, race->region->pages);
	if (pinned)
		return RACE_DONE;
	if (beside && scanned) {
		fail(why, EBUSY, "khugepaged collapsed unpinned memory beside, but no pinned page");
		return RACE_REFUSED;
	}
	fail(why, ETIMEDOUT,
	     beside ? "khugepaged did not come to all pinned pages within %.1f s (--timeout)" :
		      "khugepaged collapsed nothing within %.1f s, pinned or not (--timeout)",
	     (double)patience / 1e9);
	return RACE_NO_EFFECT;
}

const struct race_ops race_khugepaged = {
	.name = "khugepaged",
	.family = "move",
	.help = "khugepaged at full speed over pages mapped by PTEs, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_COLLAPSIBLE | MEMORY_ANON,
	.probe = khugepaged_probe,
	.before_pin = control_make,
	.run = khugepaged,
};
