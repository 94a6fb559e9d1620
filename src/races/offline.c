// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Soft offlining (Documentation/admin-guide/mm/memory-failure.rst; madvise(2),
 * MADV_SOFT_OFFLINE): the data of a page moves elsewhere and its page frame is
 * never used again. So if it succeeds, the machine has a page less until it is
 * booted again; hence it is tried on one page, and nothing beside it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "host/host.h"
#include "races/control.h"
#include "util/io.h"

/* glibc does not define it. */
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE 101
#endif

static int offline_probe(const struct host *host, struct reason *why)
{
	if (!host->admin)
		return fail(why, EPERM, "MADV_SOFT_OFFLINE needs CAP_SYS_ADMIN");
	if (host->user_namespace)
		return fail(why, EPERM,
			    "MADV_SOFT_OFFLINE needs CAP_SYS_ADMIN outside of user namespaces");
	return 0;
}

/* KiB that the machine has lost to page frames taken out of use; -1: unknown. */
static long hardware_corrupted(void)
{
	char *text, *line;
	long kilobytes = -1;

	if (read_text("/proc/meminfo", &text, NULL))
		return -1;
	line = strstr(text, "HardwareCorrupted:");
	if (line)
		kilobytes = strtol(line + strlen("HardwareCorrupted:"), NULL, 10);
	free(text);
	return kilobytes;
}

static int soft_offline(struct race *race, struct reason *why)
{
	struct region *region = race->region;
	long before = hardware_corrupted(), lost;
	int err;

	err = madvise(region->page[race->page], region->page_size, MADV_SOFT_OFFLINE) ? errno : 0;
	/* Unknown advice: no CONFIG_MEMORY_FAILURE. */
	if (err == EINVAL || err == EPERM || err == EOPNOTSUPP)
		return fail(why, ENOTSUP,
			    "this kernel cannot soft-offline a page (CONFIG_MEMORY_FAILURE)");
	lost = hardware_corrupted() - before;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "soft-offlines page %u: %s; %ld KiB of the machine are out of use for it",
		      race->page, err ? strerror(err) : "done", lost)
		->page = (int32_t)race->page;
	race_write_pages(race, 0, region->pages);
	if (!err)
		return RACE_DONE;
	fail_errno(why, err, "MADV_SOFT_OFFLINE");
	return RACE_REFUSED;
}

const struct race_ops race_soft_offline = {
	.name = "soft-offline",
	.family = "move",
	.help = "MADV_SOFT_OFFLINE one page (may cost the machine a page), write all",
	.level = LEVEL_NAMED,
	.needs = MEMORY_WRITTEN,
	.probe = offline_probe,
	.run = soft_offline,
};
