// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hugetlb pages of the size of a PMD (Documentation/admin-guide/mm/hugetlbpage.rst).
 * Where the pool has too few of them, the kernel is allowed surplus pages while
 * the case runs (nr_overcommit_hugepages): they go back to the system by
 * themselves when the worker ends, and the pool itself is left alone.
 */
#include <linux/memfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "host/node.h"
#include "memory/memory.h"
#include "util/io.h"

/*
 * The region; the copy that a child of fork() gets of what is pinned, or that a
 * write makes; and both once more, for the child of a child or a race's second
 * region.
 */
#define COPIES 4

#define HUGETLB_TRAITS (MEMORY_SEVERAL | MEMORY_WRITTEN)

static char *pool_path(const struct host *host, const char *file, char *path, size_t size)
{
	snprintf(path, size, "/sys/kernel/mm/hugepages/hugepages-%zukB/%s", host->pmd_size / 1024,
		 file);
	return path;
}

static long read_number(const char *path)
{
	char *text;
	long number;
	int err = read_text(path, &text, NULL);

	if (err)
		return err;
	number = strtol(text, NULL, 10);
	free(text);
	return number;
}

/* A number of the pool; -errno. */
static long pool_number(const struct host *host, const char *file)
{
	char path[96];

	return read_number(pool_path(host, file, path, sizeof(path)));
}

/* Pages that nobody has and nobody has reserved. */
static long pool_free(const struct host *host)
{
	return pool_number(host, "free_hugepages") - pool_number(host, "resv_hugepages");
}

/* Of @all these, on the nodes that the caller's memory comes from; not known: all. */
static long nodes_free(const struct host *host, long all)
{
	uint64_t nodes = nodes_bound();
	long here = 0;

	for (unsigned node = 0; node < 64; node++) {
		char path[128];
		long count;

		if (!(nodes >> node & 1))
			continue;
		snprintf(path, sizeof(path),
			 "/sys/devices/system/node/node%u/hugepages/hugepages-%zukB/free_hugepages",
			 node, host->pmd_size / 1024);
		count = read_number(path);
		if (count < 0)
			return all;
		here += count;
	}
	return nodes && here < all ? here : all;
}

static int hugetlb_probe(const struct host *host, struct reason *why)
{
	char path[96];

	if (!host->pmd_size || pool_number(host, "nr_hugepages") < 0)
		return fail(why, ENOTSUP,
			    "this kernel has no hugetlb pages of the size of a PMD (needs CONFIG_HUGETLBFS)");
	if (pool_free(host) >= COPIES ||
	    !access(pool_path(host, "nr_overcommit_hugepages", path, sizeof(path)), W_OK))
		return 0;
	return fail(why, EPERM,
		    "%ld free hugetlb pages, needs %d: as root, echo %d > /proc/sys/vm/nr_hugepages",
		    pool_free(host), COPIES, COPIES);
}

/*
 * See to it that the pool gives the region and its copies, on these nodes. A copy gets
 * surplus on them also while others have free pages, a new mapping does not.
 */
static int fill_pool(struct region *region, struct reason *why)
{
	size_t page = region->host->pmd_size;
	long pages = (long)(region->size / page), needed = COPIES * pages;
	long surplus, all, here;
	char path[96];

	if (region->size % page)
		return fail(why, EINVAL, "%s needs a --size that is a multiple of %zu KiB",
			    region->ops->name, page / 1024);
	all = pool_free(region->host);
	here = nodes_free(region->host, all);
	if (here >= needed)
		return 0;
	/* Surplus is made for what the whole pool lacks (gather_surplus_pages(), mm/hugetlb.c). */
	if (here < pages && here < all)
		return fail(why, ENOMEM,
			    "%ld free hugetlb pages on these NUMA nodes, needs %ld, and none is added while others have some (nr_hugepages below /sys/devices/system/node)",
			    here, needed);
	/* Those of a case that was killed a moment ago may be there still, and count. */
	surplus = pool_number(region->host, "surplus_hugepages");
	return guardian_raise(region->guardian,
			      pool_path(region->host, "nr_overcommit_hugepages", path,
					sizeof(path)),
			      needed + (surplus > 0 ? surplus : 0), why);
}

static int prove(struct region *region, struct reason *why)
{
	int64_t mapped;

	region_populate(region);
	mapped = region_pmd_mapped(region);
	if (mapped < 0)
		return fail_errno(why, (int)-mapped, "/proc/self/smaps");
	if ((size_t)mapped != region->size)
		return fail(why, EAGAIN, "only %lld KiB are hugetlb pages",
			    (long long)mapped / 1024);
	return 0;
}

static int hugetlb_create(struct region *region, struct reason *why)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB |
		    __builtin_ctzl(region->host->pmd_size) << MAP_HUGE_SHIFT;
	int err = fill_pool(region, why);

	if (!err)
		err = region_map(region, why);
	if (err)
		return err;
	if (mmap(region->base, region->size, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED)
		return fail_errno(why, errno, "cannot map %zu KiB of hugetlb pages",
				  region->size / 1024);
	return prove(region, why);
}

static int hugetlb_shared_create(struct region *region, struct reason *why)
{
	unsigned size_flag = (unsigned)__builtin_ctzl(region->host->pmd_size) << MFD_HUGE_SHIFT;
	int fd, err = fill_pool(region, why);

	if (err)
		return err;
	fd = memfd_create("thpin", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | size_flag);
	if (fd < 0)
		return fail_errno(why, errno, "memfd_create(MFD_HUGETLB)");
	if (ftruncate(fd, (off_t)region->size))
		err = fail_errno(why, errno, "memfd of %zu bytes", region->size);
	else
		err = region_map_file(region, fd, MAP_SHARED, why);
	if (err) {
		close(fd);
		return err;
	}
	return prove(region, why);
}

const struct memory_ops memory_hugetlb = {
	.name = "hugetlb",
	.help = "anonymous hugetlb pages, private",
	.level = LEVEL_SELECTED,
	.traits = HUGETLB_TRAITS | MEMORY_PRIVATE,
	.probe = hugetlb_probe,
	.create = hugetlb_create,
};

const struct memory_ops memory_hugetlb_private = {
	.name = "hugetlb-private",
	.help = "hugetlb memfd, MAP_PRIVATE, read but not written",
	.level = LEVEL_SELECTED,
	.traits = HUGETLB_TRAITS | MEMORY_MEMFD | MEMORY_PRIVATE,
	.probe = hugetlb_probe,
	.create = hugetlb_shared_create,
	.settle = region_map_privately,
};

const struct memory_ops memory_hugetlb_shared = {
	.name = "hugetlb-shared",
	.help = "hugetlb memfd, MAP_SHARED",
	.level = LEVEL_SELECTED,
	.traits = HUGETLB_TRAITS | MEMORY_MEMFD,
	.probe = hugetlb_probe,
	.create = hugetlb_shared_create,
};
