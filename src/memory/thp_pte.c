// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An anonymous THP that is mapped by PTEs: what munmap(), mprotect() or
 * madvise() on a part of it leaves behind. The folio is still one of 2 MiB.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "host/host.h"
#include "memory/anon.h"
#include "procfs/pagemap.h"

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

int anon_thp_create_for_ptes(struct region *region, struct reason *why)
{
	int err = anon_thp_create(region, why);

	if (!err && madvise(region->base, region->size, MADV_NOHUGEPAGE))
		err = fail_errno(why, errno, "madvise(MADV_NOHUGEPAGE)");
	return err;
}

/* 1 when the pages of each THP are still one run of page frames, 0 if not, -1 unknown. */
static int is_contiguous(const struct region *region)
{
	uint64_t *entries = calloc(region->pages, sizeof(*entries));
	size_t each = region->host->thp_size / region->page_size;
	struct pagemap pagemap;
	int contiguous = -1;

	if (!entries || !region->host->pfn_visible || pagemap_open(&pagemap, 0)) {
		free(entries);
		return -1;
	}
	if (!pagemap_read(&pagemap, (uintptr_t)region->base, region->pages, entries)) {
		contiguous = 1;
		for (size_t i = 0; i < region->pages; i++)
			contiguous &= pagemap_pfn(entries[i]) ==
				      pagemap_pfn(entries[i - i % each]) + i % each;
	}
	pagemap_close(&pagemap);
	free(entries);
	return contiguous;
}

/*
 * Without CAP_SYS_ADMIN the proof is that a PMD mapped the memory before and
 * none does now, and that nothing else was done to it.
 */
static int thp_pte_create(struct region *region, struct reason *why)
{
	int err = anon_thp_create_for_ptes(region, why);
	int64_t mapped;

	if (!err)
		err = anon_split_pmd(region, why);
	if (err)
		return err;
	mapped = region_pmd_mapped(region);
	if (mapped < 0)
		return fail_errno(why, (int)-mapped, "/proc/self/smaps");
	if (mapped)
		return fail(why, EAGAIN, "the PMD was not split");
	if (!is_contiguous(region) || !anon_thp_flag(region))
		return fail(why, EAGAIN, "the THP was split into base pages");
	return 0;
}

const struct memory_ops memory_thp_pte = {
	.name = "thp-pte",
	.help = "anonymous THP, mapped by PTEs",
	.traits = MEMORY_LARGE | MEMORY_COLLAPSIBLE | ANON_TRAITS,
	.probe = anon_thp_probe,
	.create = thp_pte_create,
};
