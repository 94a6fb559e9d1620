// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Anonymous THPs smaller than a PMD, mapped by PTEs (mTHP, Linux 6.8,
 * 19eaf44954df; Documentation/admin-guide/mm/transhuge.rst). A size that is off
 * is set to "madvise" while the case runs.
 *
 * The kernel gives the largest size that is on and fits the VMA. So the chunks are
 * advised and touched one by one, each a VMA of its own meanwhile: nothing larger fits.
 * khugepaged, which the advice wakes up, must not find a VMA that a THP fits, either.
 * They become one VMA again, as all have the anon_vma of the first fault.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "memory/anon.h"
#include "procfs/pagemap.h"
#include "util/io.h"

#define FOLDER "/sys/kernel/mm/transparent_hugepage"

static char *setting(size_t size, char *path, size_t path_size)
{
	snprintf(path, path_size, FOLDER "/hugepages-%zukB/enabled", size / 1024);
	return path;
}

/* Whether MADV_HUGEPAGE gets this size as things are; -errno without the file. */
static int is_on(const char *path, const struct host *host)
{
	char *text;
	int on, err = read_text(path, &text, NULL);

	if (err)
		return err;
	on = strstr(text, "[always]") || strstr(text, "[madvise]") ||
	     (strstr(text, "[inherit]") && strcmp(host->thp_mode, "never") != 0);
	free(text);
	return on;
}

static int mthp_probe(size_t size, const struct host *host, struct reason *why)
{
	char path[96];
	int on;

	if (!host->thp_size)
		return anon_thp_probe(host, why);
	on = is_on(setting(size, path, sizeof(path)), host);
	if (on < 0)
		return fail(why, ENOTSUP,
			    "this kernel has no THPs of %zu KiB (Linux 6.8, 19eaf44954df): %s: %s",
			    size / 1024, path, strerror(-on));
	if (!on && access(path, W_OK))
		return fail(why, EPERM, "THPs of %zu KiB are off: as root, echo madvise > %s",
			    size / 1024, path);
	return 0;
}

/* All page frames of the chunk are one folio: where they are visible. */
static int is_folio(const struct region *region, const uint64_t *entries, unsigned count)
{
	uint64_t flags[256], pfn = pagemap_pfn(entries[0]);

	if (!region->host->pfn_visible)
		return 1;
	if (!pfn || kpage_read("/proc/kpageflags", pfn, count, flags))
		return 0;
	for (unsigned i = 0; i < count; i++) {
		unsigned part = i ? KPF_COMPOUND_TAIL : KPF_COMPOUND_HEAD;

		if (pagemap_pfn(entries[i]) != pfn + i || !(flags[i] >> part & 1))
			return 0;
	}
	return pfn % count == 0;
}

/* The proof: the touch of one page has brought all pages of the chunk, and no more. */
static int touch_chunk(struct region *region, unsigned first, unsigned count,
		       const struct pagemap *pagemap, struct reason *why)
{
	unsigned char *chunk = region->page[first];
	uint64_t entries[256 + 1] = { 0 };
	bool last = first + count == region->pages;
	int err;

	if (madvise(chunk, count * region->page_size, MADV_HUGEPAGE))
		return fail_errno(why, errno, "madvise(MADV_HUGEPAGE)");
	*(volatile unsigned char *)chunk = 1;
	if (madvise(chunk, count * region->page_size, MADV_NOHUGEPAGE))
		return fail_errno(why, errno, "madvise(MADV_NOHUGEPAGE)");
	err = pagemap_read(pagemap, (uintptr_t)chunk, last ? count : count + 1, entries);
	if (err)
		return fail_errno(why, -err, "/proc/self/pagemap");
	for (unsigned i = 0; i < count; i++)
		if (!(entries[i] & PM_PRESENT))
			return fail(why, EAGAIN,
				    "the kernel gave no THP of %zu KiB (free memory fragmented? try: echo 1 > /proc/sys/vm/compact_memory)",
				    count * region->page_size / 1024);
	if (entries[count] & PM_PRESENT || !is_folio(region, entries, count))
		return fail(why, EAGAIN, "the kernel gave a THP that is not of %zu KiB",
			    count * region->page_size / 1024);
	return 0;
}

/* One VMA with an anon_vma and no page, which VMAs that it is split into share. */
static int map_unadvised(struct region *region, struct reason *why)
{
	int err = region_map(region, why);

	if (err)
		return err;
	if (madvise(region->base, region->size, MADV_NOHUGEPAGE))
		return fail_errno(why, errno, "madvise(MADV_NOHUGEPAGE)");
	*(volatile unsigned char *)region->base = 1;
	if (madvise(region->base, region->size, MADV_DONTNEED))
		return fail_errno(why, errno, "madvise(MADV_DONTNEED)");
	return 0;
}

static int mthp_create(size_t size, struct region *region, struct reason *why)
{
	unsigned count = (unsigned)(size / region->page_size);
	struct pagemap pagemap;
	char path[96];
	int err;

	if (!count || region->size % size)
		return fail(why, EINVAL, "%s needs a --size that is a multiple of %zu KiB",
			    region->ops->name, size / 1024);
	if (is_on(setting(size, path, sizeof(path)), region->host) == 0) {
		err = guardian_set(region->guardian, path, "madvise", why);
		if (err)
			return err;
	}
	err = map_unadvised(region, why);
	if (err)
		return err;
	err = pagemap_open(&pagemap, 0);
	if (err)
		return fail_errno(why, -err, "/proc/self/pagemap");
	for (unsigned page = 0; !err && page < region->pages; page += count)
		err = touch_chunk(region, page, count, &pagemap, why);
	pagemap_close(&pagemap);
	return err;
}

#define MTHP(size, text)                                                     \
	static int probe_##text(const struct host *host, struct reason *why) \
	{                                                                    \
		return mthp_probe(size, host, why);                          \
	}                                                                    \
	static int create_##text(struct region *region, struct reason *why)  \
	{                                                                    \
		return mthp_create(size, region, why);                       \
	}                                                                    \
	const struct memory_ops memory_mthp_##text = {                       \
		.name = "mthp-" #text,                                       \
		.help = "anonymous THPs of " #text ", mapped by PTEs",       \
		.level = LEVEL_SELECTED,                                     \
		.traits = MEMORY_LARGE | MEMORY_COLLAPSIBLE | ANON_TRAITS,   \
		.probe = probe_##text,                                       \
		.create = create_##text,                                     \
	}

MTHP(16 << 10, 16k);
MTHP(32 << 10, 32k);
MTHP(64 << 10, 64k);
MTHP(128 << 10, 128k);
MTHP(256 << 10, 256k);
MTHP(512 << 10, 512k);
MTHP(1 << 20, 1m);
