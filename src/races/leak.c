// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Data that crosses a fork() through a pin: one side pins the page that both
 * share and unmaps it, the other side writes. Whoever decides then by how often
 * the page is mapped lets the writer keep it, and the device of the other side
 * reads what was written after the fork (CVE-2020-29374; the sequences are those
 * of tools/testing/selftests/mm/cow.c). Base pages count references since Linux
 * 5.9 (09854ba94c6a), PMDs since 5.18 (3bff7e3f1f16), hugetlb does not to this
 * day (hugetlb_wp(), mm/hugetlb.c).
 */
#include <string.h>
#include <sys/mman.h>

#include "case/evidence.h"
#include "case/tags.h"
#include "pins/pins.h"
#include "races/child.h"
#include "util/shared.h"

static int pin_by(struct race *race, enum actor actor, struct reason *why)
{
	char taken[96];
	int err = actor == ACTOR_CHILD ? child_pin(race, why) :
					 pin_take(race->pin, race->region, why);

	if (err)
		return err;
	evidence_pinned(race->evidence, race->region);
	outcome_event(race->outcome, actor, "%s",
		      pin_taken(race->pin, race->outcome->pin_class, race->region->size, taken,
				sizeof(taken)));
	return 0;
}

static void note_transfer(struct race *race, const char *verb, bool of_child)
{
	char pages[32];

	outcome_event(race->outcome, ACTOR_DEVICE, "%s %s for the %s", verb,
		      pin_transfers(race->pin, race->region->pages, pages, sizeof(pages)),
		      of_child ? "child" : "parent");
}

/* What the device has read since the fork: nothing of @forbidden may be in it. */
static int search_device(struct race *race, bool of_child, enum tag forbidden, struct reason *why)
{
	const struct region *region = race->region;
	struct tag_view view = {
		.by = ACTOR_DEVICE,
		.bytes = race->pin->device,
		.present = race->pin->sample,
		.forbidden = { forbidden, forbidden },
	};
	int err;

	memset(race->pin->device, 0xee, region->size);
	err = of_child ? child_device_read(race, why) : race->pin->ops->device_read(race->pin, why);
	if (err)
		return err;
	note_transfer(race, "reads", of_child);
	/* Marks leave the start of a page as it was: the device has read these pages. */
	for (unsigned i = 0; i < region->pages; i++) {
		uint64_t word, old = tag_old(region, i, race->seed);

		if (view.present && !view.present[i])
			continue;
		memcpy(&word, view.bytes + (size_t)i * region->page_size, sizeof(word));
		if (word != old)
			return fail(why, EIO, "the device did not read page %u of the memory", i);
	}
	tag_leaks(region, &view, race->seed, &race->outcome->loss[LOSS_LEAK]);
	return 0;
}

/* The device writes for one side; the other must not see it. */
static int search_other(struct race *race, bool of_child, struct reason *why)
{
	const struct region *region = race->region;
	struct tag_view view = {
		.by = of_child ? ACTOR_PARENT : ACTOR_CHILD,
		.bytes = race->view->data,
		.present = of_child ? NULL : race->view->data + region->size,
		.forbidden = { TAG_DEVICE, TAG_DEVICE },
	};
	int err;

	for (unsigned i = 0; i < region->pages; i++)
		tag_fill(race->pin->device + (size_t)i * region->page_size, region->page_size,
			 TAG_DEVICE, i, race->seed);
	err = of_child ? child_device_write(race, why) :
			 race->pin->ops->device_write(race->pin, why);
	if (err)
		return err;
	note_transfer(race, "writes", of_child);
	if (!of_child)
		err = child_view(race, why);
	for (unsigned i = 0; of_child && i < region->pages; i++)
		memcpy(race->view->data + (size_t)i * region->page_size, region->page[i],
		       region->page_size);
	if (!err)
		tag_leaks(region, &view, race->seed, &race->outcome->loss[LOSS_LEAK]);
	return err;
}

/* @of_child: the pin is the child's, and @forbidden what the parent wrote. */
static int search(struct race *race, bool of_child, enum tag forbidden, struct reason *why)
{
	const struct loss_record *leak = &race->outcome->loss[LOSS_LEAK];
	unsigned directions = race->pin->ops->directions;
	int err = 0;

	if (directions & DEVICE_READS)
		err = search_device(race, of_child, forbidden, why);
	if (!err && !leak->pages && directions & DEVICE_WRITES)
		err = search_other(race, of_child, why);
	if (err)
		return err;
	race->outcome->tested |= 1u << LOSS_LEAK;
	return RACE_DONE;
}

/* What later kernels answer by mapping the pages writable at once. */
static int toggle(struct race *race, struct reason *why)
{
	const struct region *region = race->region;

	for (unsigned i = 0, count; i < region->pages; i += count) {
		size_t size = region->page_size;

		for (count = 1; i + count < region->pages &&
				region->page[i + count] == region->page[i] + count * size;)
			count++;
		if (mprotect(region->page[i], count * size, PROT_READ) ||
		    mprotect(region->page[i], count * size, PROT_READ | PROT_WRITE))
			return fail_errno(why, errno, "mprotect");
	}
	outcome_event(race->outcome, ACTOR_PARENT, "makes all of it read-only and writable again");
	return 0;
}

static int child_pins(struct race *race, bool protect, struct reason *why)
{
	int err = child_fork_seeing_old(race, why);

	if (!err)
		err = pin_by(race, ACTOR_CHILD, why);
	if (!err)
		err = child_unmap(race, why);
	if (err)
		return err;
	outcome_event(race->outcome, ACTOR_CHILD, "unmaps the memory");
	if (protect)
		err = toggle(race, why);
	if (err)
		return err;
	race_write_pages(race, 0, race->region->pages);
	return search(race, true, TAG_CPU, why);
}

static int leak_child_pin(struct race *race, struct reason *why)
{
	return child_pins(race, false, why);
}

static int leak_child_pin_mprotect(struct race *race, struct reason *why)
{
	return child_pins(race, true, why);
}

/* The parent has pinned and forked, in either order. */
static int parent_pinned(struct race *race, struct reason *why)
{
	int err = race_unmap(race, why);

	if (err)
		return err;
	outcome_event(race->outcome, ACTOR_PARENT, "unmaps the memory");
	err = child_write_all(race, why);
	if (err)
		return err;
	outcome_event(race->outcome, ACTOR_CHILD, "writes all %u pages", race->region->pages);
	return search(race, false, TAG_CHILD, why);
}

static int leak_parent_pin_fork(struct race *race, struct reason *why)
{
	int err = pin_by(race, ACTOR_PARENT, why);

	if (!err)
		err = child_fork_seeing_old(race, why);
	return err ? err : parent_pinned(race, why);
}

static int leak_fork_parent_pin(struct race *race, struct reason *why)
{
	int err = child_fork_seeing_old(race, why);

	if (!err)
		err = pin_by(race, ACTOR_PARENT, why);
	return err ? err : parent_pinned(race, why);
}

const struct race_ops race_leak_child_pin = {
	.name = "leak-child-pin",
	.family = "leak",
	.help = "fork, the child pins and unmaps, the parent writes: the device must not see it",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.takes_pin = true,
	.run = leak_child_pin,
};

const struct race_ops race_leak_child_pin_mprotect = {
	.name = "leak-child-pin-mprotect",
	.family = "leak",
	.help = "the same, and the parent makes it read-only and back before it writes",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.takes_pin = true,
	.run = leak_child_pin_mprotect,
};

const struct race_ops race_leak_parent_pin_fork = {
	.name = "leak-parent-pin-fork",
	.family = "leak",
	.help = "pin, fork, the parent unmaps, the child writes: the device must not see it",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.takes_pin = true,
	.run = leak_parent_pin_fork,
};

const struct race_ops race_leak_fork_parent_pin = {
	.name = "leak-fork-parent-pin",
	.family = "leak",
	.help = "fork, the parent pins and unmaps, the child writes: the device must not see it",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.takes_pin = true,
	.run = leak_fork_parent_pin,
};
