// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Write-protecting pinned memory without fork(): mprotect() to read-only and
 * back, then a write. Linux 5.9 to 5.18 copied whenever the page had another
 * reference, so a pin made the copy that it was to prevent (09854ba94c6a; since
 * 5.19 exclusive pages are reused, 6c287605fd56).
 */
#include <sys/mman.h>

#include "races/control.h"
#include "races/half.h"

/* Read-only and back; a page that stays writable meanwhile has no effect. */
static int toggle(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	int read_only;

	(void)race;
	if (mprotect(at, size, PROT_READ))
		return fail_errno(why, errno, "mprotect(PROT_READ)");
	read_only = refuses_stores(at + size - 1, why);
	if (read_only < 0)
		return read_only;
	if (mprotect(at, size, PROT_READ | PROT_WRITE))
		return fail_errno(why, errno, "mprotect(PROT_READ | PROT_WRITE)");
	if (read_only)
		return RACE_DONE;
	fail(why, EIO, "the memory stayed writable");
	return RACE_NO_EFFECT;
}

static int mprotect_half(struct race *race, struct reason *why)
{
	int effect = for_each_half(race, toggle, why);

	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "makes the upper half read-only and writable again");
	race_write_pages(race, 0, race->region->pages);
	return RACE_DONE;
}

static int mprotect_all(struct race *race, struct reason *why)
{
	int effect = toggle(race, race->region->base, race->region->size, why);

	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT, "makes all of it read-only and writable again");
	race_write_pages(race, 0, race->region->pages);
	return RACE_DONE;
}

const struct race_ops race_mprotect_half_rorw = {
	.name = "mprotect-half-rorw",
	.family = "protect",
	.help = "mprotect half read-only and back, write all",
	.needs = MEMORY_DIVISIBLE | MEMORY_SEVERAL,
	.run = mprotect_half,
};

const struct race_ops race_mprotect_all_rorw = {
	.name = "mprotect-all-rorw",
	.family = "protect",
	.help = "mprotect all read-only and back, write all",
	.run = mprotect_all,
};
