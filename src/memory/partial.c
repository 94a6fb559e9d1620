// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * THPs of which only a part is mapped, or shared, or at its old address: what
 * the selftest tools/testing/selftests/mm/cow.c calls single PTE, partially
 * mremap()'ed and partially shared.
 */
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"
#include "memory/anon.h"
#include "procfs/pagemap.h"

/* The proof: the region is mapped by PTEs, and PFNs still say it is a THP. */
static int prove(const struct region *region, struct reason *why)
{
	int64_t mapped = region_pmd_mapped(region);
	int present;

	if (mapped < 0)
		return fail_errno(why, (int)-mapped, "/proc/self/smaps");
	if (mapped)
		return fail(why, EAGAIN, "the PMD was not split");
	present = region_count(region, PM_PRESENT, 0, why);
	if (present < 0)
		return present;
	if ((unsigned)present != region->pages)
		return fail(why, EAGAIN, "only %d of %u pages are mapped", present, region->pages);
	return anon_thp_flag(region) ? 0 : fail(why, EAGAIN, "the THP was split into base pages");
}

static int single_pte_create(struct region *region, struct reason *why)
{
	size_t page = region->page_size;
	int err;

	region->size = region->host->thp_size;
	err = anon_thp_create_for_ptes(region, why);
	if (err)
		return err;
	if (madvise(region->base + page, region->size - page, MADV_DONTNEED))
		return fail_errno(why, errno, "madvise(MADV_DONTNEED)");
	region->size = page;
	region->pages = 1;
	return prove(region, why);
}

/*
 * THP n lies at half a THP above the start of its part of the region, and its
 * upper half is moved down there, in front of the lower one: the region is
 * contiguous, and each THP in two parts, of which only one was moved.
 */
static int mremapped_create(struct region *region, struct reason *why)
{
	size_t thp = region->host->thp_size, half = thp / 2, size = region->size;
	unsigned pages;
	int err;

	region->size = size + thp;
	err = anon_thp_create_for_ptes(region, why);
	if (err)
		return err;
	/* Of the THP that was one too many, room for the first upper half is left. */
	if (munmap(region->base, thp))
		return fail_errno(why, errno, "munmap");
	region->base += half;
	region->size = size;
	pages = (unsigned)(half / region->page_size);
	region->pages -= 2 * pages;
	for (unsigned i = 0; i < region->pages; i++)
		region->page[i] = region->base + i * region->page_size;
	for (unsigned char *at = region->base; at < region->base + size; at += thp)
		if (mremap(at + thp, half, half, MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED)
			return fail_errno(why, errno, "mremap");
	return prove(region, why);
}

/*
 * In the child: 0 when it has the second page of each THP, but not the first,
 * by a write to a pipe, which returns EFAULT where nothing is mapped.
 */
static int check_child(const struct region *region)
{
	int ends[2];

	if (pipe(ends))
		return 1;
	for (size_t at = 0; at < region->size; at += region->host->thp_size)
		if (write(ends[1], region->base + at, 1) == 1 ||
		    write(ends[1], region->base + at + region->page_size, 1) != 1)
			return 1;
	return 0;
}

static int advise_first_pages(const struct region *region, int advice, struct reason *why)
{
	for (size_t at = 0; at < region->size; at += region->host->thp_size)
		if (madvise(region->base + at, region->page_size, advice))
			return fail_errno(why, errno, "madvise(MADV_DONTFORK)");
	return 0;
}

/*
 * All but the first page of each THP was shared with a child that is gone. (In
 * cow.c it is the first page; here the races that write one page write one that
 * was shared.) The proof is what the child can see.
 */
static int shared_settle(struct region *region, struct reason *why)
{
	int status, err = advise_first_pages(region, MADV_DONTFORK, why);
	pid_t child;

	if (err)
		return err;
	child = fork();
	if (child < 0)
		return fail_errno(why, errno, "fork");
	if (!child)
		_exit(check_child(region));
	if (waitpid(child, &status, 0) != child)
		return fail_errno(why, errno, "waitpid");
	err = advise_first_pages(region, MADV_DOFORK, why);
	if (err)
		return err;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return fail(why, EIO, "the child does not share what it should");
	return prove(region, why);
}

const struct memory_ops memory_thp_single_pte = {
	.name = "thp-single-pte",
	.help = "one page of an anonymous THP, the others discarded",
	.level = LEVEL_SELECTED,
	.traits = MEMORY_LARGE | (ANON_TRAITS & ~MEMORY_SEVERAL),
	.probe = anon_thp_probe,
	.create = single_pte_create,
};

const struct memory_ops memory_thp_mremapped = {
	.name = "thp-mremapped",
	.help = "anonymous THPs, their upper halves moved by mremap",
	.level = LEVEL_SELECTED,
	.traits = MEMORY_LARGE | ANON_TRAITS,
	.probe = anon_thp_probe,
	.create = mremapped_create,
};

const struct memory_ops memory_thp_shared = {
	.name = "thp-shared",
	.help = "anonymous THPs, all but one page once shared with a child",
	.level = LEVEL_SELECTED,
	.traits = MEMORY_LARGE | MEMORY_COLLAPSIBLE | ANON_TRAITS,
	.probe = anon_thp_probe,
	.create = anon_thp_create_for_ptes,
	.settle = shared_settle,
};
