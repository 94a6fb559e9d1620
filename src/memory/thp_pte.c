// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An anonymous THP that is mapped by PTEs: what munmap(), mprotect() or
 * madvise() on a part of it leaves behind. The folio is still one of 2 MiB.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "host/host.h"
#include "memory/anon.h"

int anon_split_pmd(struct region *region, struct reason *why)
{
	size_t thp = region->host->thp_size, half = thp / 2;

	for (size_t at = 0; at < region->size; at += thp) {
		unsigned char *upper = region->base + at + half;

		if (madvise(upper, half, MADV_DONTDUMP) || madvise(upper, half, MADV_DODUMP))
			return fail_errno(why, errno, "madvise(MADV_DONTDUMP) to split the PMD");
	}
	return 0;
}

static long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

static int thp_pte_create(struct region *region, struct reason *why)
{
	int64_t mapped;
	long faults;
	int err;

	err = anon_thp_create(region, why);
	if (err)
		return err;
	faults = minor_faults();
	err = anon_split_pmd(region, why);
	if (err)
		return err;
	/* No fault has copied anything: the pages are still those of the THP. */
	for (unsigned i = 0; i < region->pages; i++)
		*(volatile unsigned char *)region->page[i] = 2;
	if (minor_faults() != faults)
		return fail(why, EAGAIN, "pages were copied while the PMD was split");
	mapped = region_pmd_mapped(region);
	if (mapped < 0)
		return fail_errno(why, (int)-mapped, "/proc/self/smaps");
	if (mapped)
		return fail(why, EAGAIN, "the PMD was not split");
	if (!anon_thp_flag(region))
		return fail(why, EAGAIN, "the THP was split into base pages");
	return 0;
}

const struct memory_ops memory_thp_pte = {
	.name = "thp-pte",
	.help = "anonymous THP, mapped by PTEs",
	.collapsible = true,
	.probe = anon_thp_probe,
	.create = thp_pte_create,
};
