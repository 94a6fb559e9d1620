// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages mapped read-only in memory that may be written, without fork(): what a
 * write fault, or a read-only pin, has to make of them (the sequences of
 * tools/testing/selftests/mm/cow.c; Documentation/admin-guide/mm/soft-dirty.rst).
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "procfs/pagemap.h"
#include "races/races.h"

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

/*
 * Leave all of the memory mapped read-only, although it may be written: since
 * 6.1 mprotect() maps exclusive pages writable at once, but not those that are
 * to be seen when they get dirty (64fe24a3e05e).
 */
static int map_read_only(struct race *race, struct reason *why)
{
	struct region *region = race->region;
	int fd, err = 0;

	if (mprotect(region->base, region->size, PROT_READ))
		return fail_errno(why, errno, "mprotect(PROT_READ)");
	fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "4", 1) != 1)
		err = fail_errno(why, errno, "/proc/self/clear_refs");
	if (fd >= 0)
		close(fd);
	if (err)
		return err;
	if (mprotect(region->base, region->size, PROT_READ | PROT_WRITE))
		return fail_errno(why, errno, "mprotect(PROT_READ | PROT_WRITE)");
	outcome_event(race->outcome, ACTOR_PARENT,
		      "makes it read-only, not soft-dirty, and writable again");
	return 0;
}

static int mprotect_softdirty(struct race *race, struct reason *why)
{
	int err = map_read_only(race, why);

	if (err)
		return err;
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
	.before_pin = map_read_only,
	.run = write_all_pages,
};
