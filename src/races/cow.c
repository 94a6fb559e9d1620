// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copy-on-write after fork() with nothing pinned, and the pin only then: the
 * child must not see what its parent writes, nor what the device writes for it,
 * and the pin must get the parent's copies. The sequences are those of the
 * basic tests of tools/testing/selftests/mm/cow.c, with the optimization of
 * mprotect() that maps pages writable at once, and with a collapse into a THP
 * before or after the fork, of pages that are all shared or half of them.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory/anon.h"
#include "races/child.h"
#include "races/half.h"
#include "util/io.h"

/* For a collapse that is to be tried again, in nanoseconds. */
#define COLLAPSE_PATIENCE UINT64_C(200000000)

/* What of the memory the child gets. */
enum part { PART_ALL, PART_LOWER, PART_UPPER };

/* Advise the upper halves of all THPs, or the lower ones and what is left beyond the last. */
static int advise_halves(struct race *race, bool upper, int advice, const char *name,
			 struct reason *why)
{
	const struct region *region = race->region;
	struct half half = half_of(region);
	size_t lower = half.stride - half.size;

	for (size_t at = 0; at < region->size; at += half.stride) {
		size_t start = upper ? at + lower : at, end = at + (upper ? half.stride : lower);

		if (end > region->size)
			end = region->size;
		if (start < end && madvise(region->base + start, end - start, advice))
			return fail_errno(why, errno, "madvise(%s)", name);
	}
	return 0;
}

/* Fork, with the proof that the child has the memory; but for its error as run(). */
static int fork_sharing(struct race *race, struct reason *why)
{
	int effect = child_fork_seeing_old(race, why);

	return effect == RACE_NO_EFFECT ? -EIO : effect;
}

static int parent_writes(struct race *race)
{
	race_write_pages(race, 0, race->region->pages);
	return 0;
}

static int before_fork(struct race *race, struct reason *why)
{
	int err = fork_sharing(race, why);

	return err ? err : parent_writes(race);
}

static int before_fork_mprotect(struct race *race, struct reason *why)
{
	struct region *region = race->region;
	int err = fork_sharing(race, why);

	if (err)
		return err;
	if (mprotect(region->base, region->size, PROT_READ) ||
	    mprotect(region->base, region->size, PROT_READ | PROT_WRITE))
		return fail_errno(why, errno, "mprotect");
	outcome_event(race->outcome, ACTOR_PARENT, "makes all of it read-only and writable again");
	return parent_writes(race);
}

static int split(struct race *race, struct reason *why)
{
	return race->region->ops->traits & MEMORY_PMD ? anon_split_pmd(race->region, why) : 0;
}

/*
 * -ENOTSUP when the kernel would not, as up to 6.17 without a writable PTE
 * (hpage_collapse_scan_pmd(), mm/khugepaged.c): nothing of that can be tested.
 */
static int collapse(struct race *race, struct reason *why)
{
	uint64_t deadline = clock_ns() + COLLAPSE_PATIENCE;
	struct region *region = race->region;
	size_t thp = half_of(region).stride, thps = region->size / thp;
	int err;

	if (madvise(region->base, region->size, MADV_HUGEPAGE))
		return fail_errno(why, errno, "madvise(MADV_HUGEPAGE)");
	/* A page may be locked, or off its list for a moment: madvise(2), EAGAIN. */
	do
		err = madvise(region->base, region->size, MADV_COLLAPSE) ? errno : 0;
	while (err == EAGAIN && clock_ns() < deadline && !usleep(1000));
	/* Each of them: one that was not collapsed may be the only one that is shared. */
	if (region_pmd_mapped(region) != (int64_t)(thps * thp))
		return fail(why, ENOTSUP, "MADV_COLLAPSE: %s%s", strerror(err ? err : EAGAIN),
			    err == EINVAL ? " (up to Linux 6.17 a PTE of it had to be writable)" :
					    "");
	outcome_event(race->outcome, ACTOR_PARENT, "collapses it: %zu THP%s mapped by a PMD", thps,
		      thps == 1 ? " is" : "s, each");
	return 0;
}

static int before_collapse_fork(struct race *race, struct reason *why)
{
	int err = split(race, why);

	if (!err)
		err = collapse(race, why);
	if (!err)
		err = fork_sharing(race, why);
	return err ? err : parent_writes(race);
}

static int fork_collapse(struct race *race, enum part part, struct reason *why)
{
	bool kept_upper = part == PART_LOWER;
	int err = split(race, why);

	/* The page that is watched is one that the child has. */
	if (part != PART_ALL)
		watch_half(race, part == PART_UPPER);
	if (!err && part != PART_ALL)
		err = advise_halves(race, kept_upper, MADV_DONTFORK, "MADV_DONTFORK", why);
	if (!err)
		err = fork_sharing(race, why);
	/* The VMAs merge again: only then there is something to collapse. */
	if (!err && part != PART_ALL)
		err = advise_halves(race, kept_upper, MADV_DOFORK, "MADV_DOFORK", why);
	if (!err)
		err = collapse(race, why);
	return err ? err : parent_writes(race);
}

static int before_fork_collapse(struct race *race, struct reason *why)
{
	return fork_collapse(race, PART_ALL, why);
}

static int before_fork_collapse_lower(struct race *race, struct reason *why)
{
	return fork_collapse(race, PART_LOWER, why);
}

static int before_fork_collapse_upper(struct race *race, struct reason *why)
{
	return fork_collapse(race, PART_UPPER, why);
}

/* The copies are pinned now; the parent goes on writing to them. */
static int write_copies(struct race *race, struct reason *why)
{
	(void)why;
	race_write_pages(race, 0, race->region->pages);
	return RACE_DONE;
}

const struct race_ops race_cow_fork = {
	.name = "cow-fork",
	.family = "cow",
	.help = "fork, the parent writes all, then pin its copies",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.before_pin = before_fork,
	.run = write_copies,
};

const struct race_ops race_cow_fork_mprotect = {
	.name = "cow-fork-mprotect",
	.family = "cow",
	.help = "fork, the parent makes it read-only and back, writes all, then pin",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.before_pin = before_fork_mprotect,
	.run = write_copies,
};

const struct race_ops race_cow_collapse_fork = {
	.name = "cow-collapse-fork",
	.family = "cow",
	.help = "MADV_COLLAPSE, fork, the parent writes all, then pin",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_COLLAPSIBLE | MEMORY_ANON,
	.probe = race_collapse_probe,
	.before_pin = before_collapse_fork,
	.run = write_copies,
};

const struct race_ops race_cow_fork_collapse = {
	.name = "cow-fork-collapse",
	.family = "cow",
	.help = "fork, MADV_COLLAPSE, the parent writes all, then pin",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_COLLAPSIBLE | MEMORY_ANON,
	.probe = race_collapse_probe,
	.before_pin = before_fork_collapse,
	.run = write_copies,
};

const struct race_ops race_cow_fork_collapse_lower = {
	.name = "cow-fork-collapse-lower",
	.family = "cow",
	.help = "the same, and the child has the lower half only",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_COLLAPSIBLE | MEMORY_ANON,
	.probe = race_collapse_probe,
	.before_pin = before_fork_collapse_lower,
	.run = write_copies,
};

const struct race_ops race_cow_fork_collapse_upper = {
	.name = "cow-fork-collapse-upper",
	.family = "cow",
	.help = "the same, and the child has the upper half only",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_COLLAPSIBLE | MEMORY_ANON,
	.probe = race_collapse_probe,
	.before_pin = before_fork_collapse_upper,
	.run = write_copies,
};
