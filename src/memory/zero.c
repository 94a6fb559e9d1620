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
#include "procfs/smaps.h"
#include "util/io.h"

#define USE_ZERO_PAGE "/sys/kernel/mm/transparent_hugepage/use_zero_page"

#define ZERO_TRAITS (ANON_TRAITS & ~(MEMORY_WRITTEN | MEMORY_RECLAIM))

/*
 * Whether what is mapped at @start is the zero page: 1 yes, 0 no, -errno. It belongs to
 * no process, so smaps does not count it (vm_normal_page(), fs/proc/task_mmu.c), for
 * which nobody needs a right; kpageflags is root's.
 */
static int is_zero(const struct host *host, const unsigned char *start, size_t size)
{
	const unsigned char *ends[] = { start, start + size - 1 };
	struct smaps_sum sum;
	uint64_t flags;
	int err = smaps_read(0, (uintptr_t)start, (uintptr_t)start + size, &sum);

	if (err || sum.rss_kb)
		return err;
	for (unsigned i = 0; host->pfn_visible && i < 2; i++)
		if (!kpage_flags_at(ends[i], &flags) && !(flags >> KPF_ZERO_PAGE & 1))
			return 0;
	return 1;
}

/* smaps before pagemap: what is still mapped then was mapped, and not counted. */
static int prove(const struct region *region, struct reason *why)
{
	int zero = is_zero(region->host, region->base, region->size);
	int present = region_count(region, PM_PRESENT, 0, why);

	if (zero < 0)
		return fail_errno(why, -zero, "/proc/self/smaps");
	if (present < 0)
		return present;
	if (!zero)
		return fail(why, EAGAIN, "the kernel gave pages where the zero page was expected");
	if ((unsigned)present != region->pages)
		return fail(why, EAGAIN,
			    "only %d of %u pages are mapped after a read (THP off, or use_zero_page?)",
			    present, region->pages);
	return 0;
}

/*
 * Not every kernel maps the zero page for a read: s390 forbids it to some processes
 * (mm_forbids_zeropage(), mm/memory.c), and a 6.18 of a hosted machine did to all.
 */
static int zero_probe(const struct host *host, struct reason *why)
{
	size_t size = host->page_size;
	unsigned char *area, *page;
	int zero;

	/* Between pages without access: smaps is to speak of this one alone. */
	area = mmap(NULL, 3 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return fail_errno(why, errno, "cannot map %zu bytes", 3 * size);
	page = area + size;
	zero = mprotect(page, size, PROT_READ) ? -errno : 0;
	if (!zero) {
		(void)*(volatile unsigned char *)page;
		zero = is_zero(host, page, size);
	}
	munmap(area, 3 * size);
	if (zero < 0)
		return fail_errno(why, -zero, "the zero page");
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
