// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One or more 2 MiB anonymous transparent huge pages, each mapped by one PMD
 * (Documentation/admin-guide/mm/transhuge.rst).
 */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "host/host.h"
#include "memory/anon.h"
#include "procfs/pagemap.h"

int anon_thp_probe(const struct host *host, struct reason *why)
{
	if (!host->thp_size)
		return fail(why, ENOTSUP,
			    "this kernel has no THP (needs CONFIG_TRANSPARENT_HUGEPAGE, which PREEMPT_RT excludes)");
	return 0;
}

int anon_thp_flag(const struct region *region)
{
	uint64_t flags;

	if (!region->host->pfn_visible || kpage_flags_at(region->base, &flags))
		return -1;
	return flags >> KPF_THP & 1;
}

static bool is_pmd_mapped(const struct region *region)
{
	return region_pmd_mapped(region) == (int64_t)region->size;
}

int anon_thp_create(struct region *region, struct reason *why)
{
	int err;

	if (region->size % region->host->thp_size)
		return fail(why, EINVAL, "%s needs a --size that is a multiple of %zu KiB",
			    region->ops->name, region->host->thp_size / 1024);
	err = region_map(region, why);
	if (err)
		return err;
	if (madvise(region->base, region->size, MADV_HUGEPAGE))
		return fail_errno(why, errno, "madvise(MADV_HUGEPAGE)");
	region_populate(region);
	/* With THP "never", or when the first fault found no free THP. */
	if (!is_pmd_mapped(region))
		madvise(region->base, region->size, MADV_COLLAPSE);
	if (!is_pmd_mapped(region))
		return fail(why, EAGAIN,
			    !strcmp(region->host->thp_mode, "never") ?
				    "THP is off: echo madvise > /sys/kernel/mm/transparent_hugepage/enabled" :
				    "the kernel gave no THP (free memory fragmented? try: echo 1 > /proc/sys/vm/compact_memory)");
	if (!anon_thp_flag(region))
		return fail(why, EAGAIN, "kpageflags has no THP bit on the first page");
	return 0;
}

const struct memory_ops memory_thp = {
	.name = "thp",
	.help = "anonymous THP, mapped by a PMD",
	.traits = MEMORY_PMD | MEMORY_LARGE | MEMORY_COLLAPSIBLE | ANON_TRAITS,
	.probe = anon_thp_probe,
	.create = anon_thp_create,
};
