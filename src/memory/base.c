// SPDX-License-Identifier: GPL-2.0-or-later
/* Anonymous memory of base pages, 4 KiB on most machines. */
#include <sys/mman.h>

#include "host/host.h"
#include "memory/anon.h"

static int base_probe(const struct host *host, struct reason *why)
{
	(void)host;
	(void)why;
	return 0;
}

static int base_create(struct region *region, struct reason *why)
{
	int err;

	err = region_map(region, why);
	if (err)
		return err;
	/* Keeps mTHP away as well; EINVAL where the kernel has no THP. */
	if (madvise(region->base, region->size, MADV_NOHUGEPAGE) && errno != EINVAL)
		return fail_errno(why, errno, "madvise(MADV_NOHUGEPAGE)");
	region_populate(region);
	if (anon_thp_flag(region) == 1)
		return fail(why, EAGAIN, "the kernel gave a THP despite MADV_NOHUGEPAGE");
	return 0;
}

const struct memory_ops memory_base = {
	.name = "base",
	.help = "anonymous base pages",
	.traits = MEMORY_COLLAPSIBLE | MEMORY_SMALL | ANON_TRAITS,
	.probe = base_probe,
	.create = base_create,
};
