// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages mapped read-only in memory that may be written, without fork(): what a
 * write fault, or a read-only pin, has to make of them (the sequences of
 * tools/testing/selftests/mm/cow.c; Documentation/admin-guide/mm/soft-dirty.rst).
 */
#include <sys/mman.h>

#include "procfs/pagemap.h"
#include "races/control.h"
#include "util/io.h"

/*
 * A new page is soft-dirty where the kernel tracks that (CONFIG_MEM_SOFT_DIRTY,
 * Documentation/admin-guide/mm/soft-dirty.rst).
 */
static int soft_dirty_probe(const struct host *host, struct reason *why)
{
	struct pagemap pagemap;
	unsigned char *page;
	uint64_t entry = 0;
	int err;

	(void)host;
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return fail_errno(why, errno, "mmap");
	page[0] = 1;
	err = pagemap_open(&pagemap, 0);
	if (!err) {
		err = pagemap_read(&pagemap, (uintptr_t)page, 1, &entry);
		pagemap_close(&pagemap);
	}
	munmap(page, 4096);
	if (err)
		return fail_errno(why, -err, "/proc/self/pagemap");
	if (entry & PM_SOFT_DIRTY)
		return 0;
	return fail(why, ENOTSUP,
		    "this kernel does not track soft-dirty pages (needs CONFIG_MEM_SOFT_DIRTY)");
}

/* Of the whole process, as there is no other way. */
static int clear_soft_dirty(struct reason *why)
{
	int err = write_text("/proc/self/clear_refs", "4");

	return err ? fail_errno(why, -err, "/proc/self/clear_refs") : 0;
}

/*
 * The proof, while it is read-only: nothing can be stored, and no page is soft-dirty.
 * A kernel may take the request and leave pages as they are.
 */
static int is_clean(const struct region *region, struct reason *why)
{
	int dirty = region_count(region, PM_SOFT_DIRTY, 0, why), refused;

	if (dirty < 0)
		return dirty;
	refused = refuses_stores(region->base + region->size - 1, why);
	if (refused < 0)
		return refused;
	if (refused && !dirty)
		return RACE_DONE;
	if (dirty)
		fail(why, EAGAIN, "%d of %u pages stayed soft-dirty", dirty, region->pages);
	else
		fail(why, EAGAIN, "the memory stayed writable");
	return RACE_NO_EFFECT;
}

/*
 * Leave all of the memory mapped read-only, although it may be written: since
 * 6.1 mprotect() maps exclusive pages writable at once, but not those that are
 * to be seen when they get dirty (64fe24a3e05e). clear_refs would pass over pinned
 * pages, unless they are mapped read-only by then (9348b73c2e1b).
 */
static int map_read_only(struct race *race, struct reason *why)
{
	struct region *region = race->region;
	int effect;

	if (mprotect(region->base, region->size, PROT_READ))
		return fail_errno(why, errno, "mprotect(PROT_READ)");
	effect = clear_soft_dirty(why);
	if (!effect)
		effect = is_clean(region, why);
	if (effect)
		return effect;
	if (mprotect(region->base, region->size, PROT_READ | PROT_WRITE))
		return fail_errno(why, errno, "mprotect(PROT_READ | PROT_WRITE)");
	outcome_event(race->outcome, ACTOR_PARENT,
		      "makes it read-only, not soft-dirty, and writable again");
	return RACE_DONE;
}

/* What has had no effect by then cannot be tested. */
static int read_only_before_pin(struct race *race, struct reason *why)
{
	int effect = map_read_only(race, why);

	return effect == RACE_NO_EFFECT ? -EAGAIN : effect;
}

static int mprotect_softdirty(struct race *race, struct reason *why)
{
	int effect = map_read_only(race, why);

	if (effect)
		return effect;
	race_write_pages(race, 0, race->region->pages);
	return RACE_DONE;
}

static int write_all_pages(struct race *race, struct reason *why)
{
	(void)why;
	race_write_pages(race, 0, race->region->pages);
	return RACE_DONE;
}

const struct race_ops race_mprotect_softdirty = {
	.name = "mprotect-softdirty",
	.family = "protect",
	.help = "mprotect all read-only and back with soft-dirty tracking, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.probe = soft_dirty_probe,
	.run = mprotect_softdirty,
};

const struct race_ops race_read_only_before_pin = {
	.name = "read-only-before-pin",
	.family = "protect",
	.help = "the same before the pin: pin pages mapped read-only, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.probe = soft_dirty_probe,
	.before_pin = read_only_before_pin,
	.run = write_all_pages,
};
