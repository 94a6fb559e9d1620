// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lightweight guard regions (madvise(2), MADV_GUARD_INSTALL; Linux 6.13): to
 * install one drops the pages below it, as MADV_DONTNEED does. glibc 2.42 uses
 * them for stacks of threads, allocators for guards of their own.
 */
#include <sys/mman.h>

#include "races/control.h"
#include "races/half.h"

/* Older headers lack them. */
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif

static int guard_probe(const struct host *host, struct reason *why)
{
	(void)host;
	/* A length of zero: only whether the advice is known (mm/madvise.c). */
	if (madvise(NULL, 0, MADV_GUARD_INSTALL))
		return fail(why, ENOTSUP, "this kernel has no MADV_GUARD_INSTALL (Linux 6.13)");
	return 0;
}

/* A guard and none again; the proof is that nothing can be stored meanwhile. */
static int toggle(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	int guarded;

	(void)race;
	if (madvise(at, size, MADV_GUARD_INSTALL))
		return fail_errno(why, errno == EINVAL ? ENOTSUP : errno,
				  "MADV_GUARD_INSTALL of such memory");
	guarded = refuses_stores(at + size - 1, why);
	if (guarded < 0)
		return guarded;
	if (madvise(at, size, MADV_GUARD_REMOVE))
		return fail_errno(why, errno, "madvise(MADV_GUARD_REMOVE)");
	if (guarded)
		return RACE_DONE;
	fail(why, EIO, "there was no guard");
	return RACE_NO_EFFECT;
}

static int guard_install(struct race *race, struct reason *why)
{
	int effect = for_each_half(race, toggle, why);

	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "makes the upper half a guard region (MADV_GUARD_INSTALL) and undoes it");
	race_write_pages(race, 0, race->region->pages);
	return RACE_DONE;
}

const struct race_ops race_guard_install = {
	.name = "guard-install",
	.family = "replace",
	.help = "MADV_GUARD_INSTALL over half and undo it, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_DIVISIBLE | MEMORY_SEVERAL,
	.probe = guard_probe,
	.run = guard_install,
};
