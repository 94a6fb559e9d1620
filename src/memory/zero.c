// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Anonymous memory that was read and never written: the zero page, and the huge
 * zero page (Documentation/admin-guide/mm/transhuge.rst, use_zero_page). All
 * processes share them; the first write to a page gets the process its own.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "memory/anon.h"
#include "procfs/pagemap.h"
#include "util/io.h"

#define USE_ZERO_PAGE "/sys/kernel/mm/transparent_hugepage/use_zero_page"

#define ZERO_TRAITS (ANON_TRAITS & ~(MEMORY_WRITTEN | MEMORY_RECLAIM))

/* The page frame of the page at @at is the zero page: 1 yes, 0 no, -1 not known. */
static int is_zero_page(const struct host *host, const void *at)
{
	uint64_t flags;

	if (!host->pfn_visible || kpage_flags_at(at, &flags))
		return -1;
	return flags >> KPF_ZERO_PAGE & 1;
}

static int prove(const struct region *region, struct reason *why)
{
	int present = region_count(region, PM_PRESENT, 0, why);

	if (present < 0)
		return present;
	if ((unsigned)present != region->pages)
		return fail(why, EAGAIN,
			    "only %d of %u pages are mapped after a read (THP off, or use_zero_page?)",
			    present, region->pages);
	/* A THP of its own would be counted, the huge zero page is not. */
	if (region_pmd_mapped(region))
		return fail(why, EAGAIN, "the kernel gave pages where the zero page was expected");
	if (!is_zero_page(region->host, region->page[0]) ||
	    !is_zero_page(region->host, region->page[region->pages - 1]))
		return fail(why, EAGAIN, "the pages are not the zero page, by kpageflags");
	return 0;
}

/*
 * Not every kernel maps the zero page for a read: s390 forbids it to some processes
 * (mm_forbids_zeropage(), mm/memory.c), and a 6.18 of a hosted machine did to all.
 */
static int zero_probe(const struct host *host, struct reason *why)
{
	size_t size = (size_t)sysconf(_SC_PAGESIZE);
	unsigned char *page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int zero;

	if (page == MAP_FAILED)
		return fail_errno(why, errno, "cannot map %zu bytes", size);
	(void)*(volatile unsigned char *)page;
	zero = is_zero_page(host, page);
	munmap(page, size);
	if (!zero)
		return fail(why, ENOTSUP,
			    "this kernel maps a page of its own for a read, not the zero page");
	return 0;
}

static int zero_create(struct region *region, struct reason *why)
{
	int err = region_map(region, why);

	if (err)
		return err;
	if (madvise(region->base, region->size, MADV_NOHUGEPAGE) && errno != EINVAL)
		return fail_errno(why, errno, "madvise(MADV_NOHUGEPAGE)");
	region_read(region);
	return prove(region, why);
}

static int zero_thp_probe(const struct host *host, struct reason *why)
{
	int err = anon_thp_probe(host, why);
	char *text, used;

	if (!err)
		err = zero_probe(host, why);
	if (err)
		return err;
	err = read_text(USE_ZERO_PAGE, &text, NULL);
	if (err)
		return fail_errno(why, -err, USE_ZERO_PAGE);
	used = text[0];
	free(text);
	if (used != '1' && access(USE_ZERO_PAGE, W_OK))
		return fail(why, EPERM,
			    "the huge zero page is off: as root, echo 1 > " USE_ZERO_PAGE);
	return 0;
}

/* One read a THP; that all its pages are mapped then is the proof of prove(). */
static int zero_thp_create(struct region *region, struct reason *why)
{
	unsigned each = (unsigned)(region->host->thp_size / region->page_size);
	int err;

	if (region->size % region->host->thp_size)
		return fail(why, EINVAL, "%s needs a --size that is a multiple of %zu KiB",
			    region->ops->name, region->host->thp_size / 1024);
	err = guardian_set(region->guardian, USE_ZERO_PAGE, "1", why);
	if (!err)
		err = region_map(region, why);
	if (err)
		return err;
	if (madvise(region->base, region->size, MADV_HUGEPAGE))
		return fail_errno(why, errno, "madvise(MADV_HUGEPAGE)");
	for (unsigned i = 0; i < region->pages; i += each)
		(void)*(volatile unsigned char *)region->page[i];
	return prove(region, why);
}

const struct memory_ops memory_zero = {
	.name = "zero",
	.help = "anonymous base pages, never written: the zero page",
	.level = LEVEL_SELECTED,
	.traits = ZERO_TRAITS,
	.probe = zero_probe,
	.create = zero_create,
};

const struct memory_ops memory_zero_thp = {
	.name = "zero-thp",
	.help = "an anonymous THP, never written: the huge zero page",
	.level = LEVEL_SELECTED,
	.traits = ZERO_TRAITS,
	.probe = zero_thp_probe,
	.create = zero_thp_create,
};
