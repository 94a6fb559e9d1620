// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of a memfd, which is shmem (memfd_create(2)): shared, where all who map
 * it see the same page and nothing is ever copied on write; and private, where
 * the page cache is what is mapped until the first write to a page.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "memory/anon.h"
#include "util/io.h"

#define ENABLED "/sys/kernel/mm/transparent_hugepage/shmem_enabled"

#define MEMFD_TRAITS \
	(MEMORY_MEMFD | MEMORY_DIVISIBLE | MEMORY_SEVERAL | MEMORY_WRITTEN | MEMORY_RECLAIM)

static int memfd_probe(const struct host *host, struct reason *why)
{
	int fd = memfd_create("thpin", MFD_CLOEXEC);

	(void)host;
	if (fd < 0)
		return fail_errno(why, errno, "memfd_create (needs CONFIG_MEMFD_CREATE)");
	close(fd);
	return 0;
}

static int map_memfd(struct region *region, struct reason *why)
{
	int err, fd = memfd_create("thpin", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return fail_errno(why, errno, "memfd_create");
	if (ftruncate(fd, (off_t)region->size))
		err = fail_errno(why, errno, "memfd of %zu bytes", region->size);
	else
		err = region_map_file(region, fd, MAP_SHARED, why);
	if (err)
		close(fd);
	return err;
}

/* The proof that the mapping is shared: the file has what was written to it. */
static int prove_shared(struct region *region, struct reason *why)
{
	volatile unsigned char *byte = region->page[region->pages - 1];
	unsigned char found = 0;
	int err;

	*byte = 0x5a;
	err = pread_all(region->fd, &found, 1, (off_t)(region->size - region->page_size));
	if (err)
		return fail_errno(why, -err, "read of the memfd");
	return found == 0x5a ? 0 : fail(why, EIO, "the memfd does not have what was written");
}

static int shmem_create(struct region *region, struct reason *why)
{
	int err = map_memfd(region, why);

	if (err)
		return err;
	if (madvise(region->base, region->size, MADV_NOHUGEPAGE) && errno != EINVAL)
		return fail_errno(why, errno, "madvise(MADV_NOHUGEPAGE)");
	region_populate(region);
	if (anon_thp_flag(region) == 1)
		return fail(why, EAGAIN, "the kernel gave a THP despite MADV_NOHUGEPAGE");
	return prove_shared(region, why);
}

static int shmem_thp_probe(const struct host *host, struct reason *why)
{
	int err = anon_thp_probe(host, why);
	char *text;

	if (err)
		return err;
	err = read_text(ENABLED, &text, NULL);
	if (err)
		return fail_errno(why, -err, ENABLED);
	free(text);
	return memfd_probe(host, why);
}

/* "advise" or more, so that MADV_HUGEPAGE gets a THP. */
static int enable(struct region *region, struct reason *why)
{
	char *text;
	bool off;
	int err = read_text(ENABLED, &text, NULL);

	if (err)
		return fail_errno(why, -err, ENABLED);
	off = strstr(text, "[never]") || strstr(text, "[deny]");
	free(text);
	/* Without the right to, MADV_COLLAPSE is left. */
	if (!off || access(ENABLED, W_OK))
		return 0;
	return guardian_set(region->guardian, ENABLED, "advise", why);
}

static int shmem_thp_create(struct region *region, struct reason *why)
{
	int err;

	if (region->size % region->host->thp_size)
		return fail(why, EINVAL, "%s needs a --size that is a multiple of %zu KiB",
			    region->ops->name, region->host->thp_size / 1024);
	err = enable(region, why);
	if (!err)
		err = map_memfd(region, why);
	if (err)
		return err;
	if (madvise(region->base, region->size, MADV_HUGEPAGE))
		return fail_errno(why, errno, "madvise(MADV_HUGEPAGE)");
	region_populate(region);
	if (region_pmd_mapped(region) != (int64_t)region->size)
		madvise(region->base, region->size, MADV_COLLAPSE);
	if (region_pmd_mapped(region) != (int64_t)region->size)
		return fail(why, EAGAIN,
			    "the kernel gave no THP (as root: echo advise > " ENABLED ")");
	return prove_shared(region, why);
}

const struct memory_ops memory_shmem = {
	.name = "shmem",
	.help = "memfd, MAP_SHARED, base pages",
	.level = LEVEL_SELECTED,
	.traits = MEMORY_SMALL | MEMFD_TRAITS,
	.probe = memfd_probe,
	.create = shmem_create,
};

const struct memory_ops memory_shmem_thp = {
	.name = "shmem-thp",
	.help = "memfd, MAP_SHARED, THPs mapped by PMDs",
	.level = LEVEL_SELECTED,
	.traits = MEMORY_PMD | MEMORY_LARGE | MEMFD_TRAITS,
	.probe = shmem_thp_probe,
	.create = shmem_thp_create,
};

const struct memory_ops memory_memfd_thp_private = {
	.name = "memfd-thp-private",
	.help = "memfd of THPs, MAP_PRIVATE, read but not written",
	.level = LEVEL_SELECTED,
	.traits = MEMORY_PRIVATE | MEMORY_LARGE | MEMFD_TRAITS,
	.probe = shmem_thp_probe,
	.create = shmem_thp_create,
	.settle = region_map_privately,
};

const struct memory_ops memory_memfd_private = {
	.name = "memfd-private",
	.help = "memfd, MAP_PRIVATE, read but not written",
	.level = LEVEL_SELECTED,
	.traits = MEMORY_PRIVATE | MEMORY_SMALL | MEMFD_TRAITS,
	.probe = memfd_probe,
	.create = shmem_create,
	.settle = region_map_privately,
};
