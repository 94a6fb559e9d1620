// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Taking pages out of a file while they are pinned: fallocate(2),
 * FALLOC_FL_PUNCH_HOLE, and madvise(2), MADV_REMOVE, which is the same for a
 * mapping. The device keeps the old pages, the next access gets new ones. Of a
 * folio that is larger than the hole, and that a pin keeps from being split, the
 * bytes are zeroed in place (truncate_inode_partial_folio(), mm/truncate.c).
 */
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "races/races.h"
#include "util/io.h"

/* The proof: the file, whatever is mapped of it, has zeros there. */
static int is_hole(const struct region *region, unsigned page, struct reason *why)
{
	uint64_t word;
	int err = pread_all(region->fd, &word, sizeof(word), (off_t)(page * region->page_size));

	if (err)
		return fail_errno(why, -err, "pread of the memfd");
	if (!word)
		return RACE_DONE;
	fail(why, EIO, "the file kept its data");
	return RACE_NO_EFFECT;
}

static int punch(struct race *race, unsigned first, unsigned count, struct reason *why)
{
	struct region *region = race->region;
	int effect;

	if (fallocate(region->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)(first * region->page_size), (off_t)(count * region->page_size)))
		return fail_errno(why, errno, "fallocate(FALLOC_FL_PUNCH_HOLE)");
	effect = is_hole(region, first + count - 1, why);
	if (effect)
		return effect;
	if (count == 1)
		outcome_event(race->outcome, ACTOR_PARENT, "punches page %u out of the file", first)
			->page = (int32_t)first;
	else
		outcome_event(race->outcome, ACTOR_PARENT, "punches all pages out of the file");
	race_write_pages(race, 0, region->pages);
	return RACE_DONE;
}

static int punch_hole(struct race *race, struct reason *why)
{
	return punch(race, 0, race->region->pages, why);
}

static int punch_hole_page(struct race *race, struct reason *why)
{
	return punch(race, race->page, 1, why);
}

static int before_remove(struct race *race, struct reason *why)
{
	if (race->region->ops->traits & MEMORY_PRIVATE)
		return fail(why, ENOTSUP, "MADV_REMOVE is for MAP_SHARED memory");
	return 0;
}

static int madv_remove(struct race *race, struct reason *why)
{
	struct region *region = race->region;
	int effect;

	if (madvise(region->base, region->size, MADV_REMOVE))
		return fail_errno(why, errno, "madvise(MADV_REMOVE)");
	effect = is_hole(region, region->pages - 1, why);
	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "removes all pages from memory and file (MADV_REMOVE)");
	race_write_pages(race, 0, region->pages);
	return RACE_DONE;
}

const struct race_ops race_punch_hole = {
	.name = "punch-hole",
	.family = "replace",
	.help = "FALLOC_FL_PUNCH_HOLE over the whole file, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_MEMFD,
	.run = punch_hole,
};

const struct race_ops race_punch_hole_page = {
	.name = "punch-hole-page",
	.family = "replace",
	.help = "FALLOC_FL_PUNCH_HOLE over one base page, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_MEMFD,
	.run = punch_hole_page,
};

const struct race_ops race_madv_remove = {
	.name = "madv-remove",
	.family = "replace",
	.help = "MADV_REMOVE all pages, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_MEMFD,
	.before_pin = before_remove,
	.run = madv_remove,
};
