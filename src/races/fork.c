// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fork() while memory is pinned: the child shares the pages copy-on-write, and
 * the first write of the parent decides who keeps the page that the device has.
 * Since Linux 5.9 the child gets copies of pages held by FOLL_PIN at once
 * (70e806e4e645); pages held by FOLL_GET are still at risk (open(2), NOTES).
 */
#include <sys/mman.h>

#include "races/child.h"

static int parent_write(struct race *race)
{
	race_write_page(race, race->page);
	return RACE_DONE;
}

static int fork_parent_write(struct race *race, struct reason *why)
{
	int effect = child_fork_seeing_old(race, why);

	return effect ? effect : parent_write(race);
}

static int fork_child_write(struct race *race, struct reason *why)
{
	int effect = child_fork_seeing_old(race, why);

	if (effect)
		return effect;
	effect = child_write(race, why);
	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_CHILD, "writes page %u", race->page);
	return parent_write(race);
}

/*
 * Nobody but the child writes. Copied on write, the write is the child's alone; of a
 * shared file it is the parent's as well.
 */
static int fork_child_writes_only(struct race *race, struct reason *why)
{
	bool shared = !(race->region->ops->traits & MEMORY_PRIVATE);
	int own, effect = child_fork_seeing_old(race, why);

	if (effect)
		return effect;
	effect = child_write(race, why);
	if (effect)
		return effect;
	own = child_sees_own(race, why);
	if (own < 0)
		return own;
	outcome_event(race->outcome, ACTOR_CHILD, "writes page %u; the parent writes nothing",
		      race->page);
	if (own && parent_sees_childs(race) == shared)
		return RACE_DONE;
	fail(why, EIO, "what the child wrote is %s",
	     !own   ? "not there" :
	     shared ? "not in the shared memory" :
		      "there for its parent, too");
	return RACE_NO_EFFECT;
}

static int fork_child_exit(struct race *race, struct reason *why)
{
	int effect = child_fork_seeing_old(race, why);

	if (effect)
		return effect;
	effect = child_exit(race, why);
	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_CHILD, "exits and is reaped");
	return parent_write(race);
}

static int fork_grandchild(struct race *race, struct reason *why)
{
	int sees, effect = child_fork_seeing_old(race, why);

	if (effect)
		return effect;
	effect = child_hand_over(race, why);
	if (effect)
		return effect;
	sees = child_look(race, why);
	if (sees < 0)
		return sees;
	if (sees != CHILD_SEES_OLD) {
		fail(why, EIO, "the grandchild does not see the memory of its parent");
		return RACE_NO_EFFECT;
	}
	outcome_event(race->outcome, ACTOR_CHILD, "forks a grandchild and exits");
	return parent_write(race);
}

/* Forks under an madvise() that must keep the memory from the child. */
static int advise(struct race *race, int advice, const char *name, struct reason *why)
{
	if (madvise(race->region->base, race->region->size, advice))
		return fail_errno(why, errno, "madvise(%s)", name);
	return 0;
}

static int before_dontfork(struct race *race, struct reason *why)
{
	return advise(race, MADV_DONTFORK, "MADV_DONTFORK", why);
}

static int before_wipeonfork(struct race *race, struct reason *why)
{
	return advise(race, MADV_WIPEONFORK, "MADV_WIPEONFORK", why);
}

static int fork_advised(struct race *race, int expected, const char *text, struct reason *why)
{
	int sees, err = child_fork(race, why);

	if (err)
		return err;
	sees = child_look(race, why);
	if (sees < 0)
		return sees;
	if (sees != expected) {
		fail(why, EIO, "madvise() did not keep the memory from the child");
		return RACE_NO_EFFECT;
	}
	outcome_event(race->outcome, ACTOR_PARENT, "%s", text);
	return parent_write(race);
}

static int fork_dontfork(struct race *race, struct reason *why)
{
	return fork_advised(race, CHILD_UNMAPPED,
			    "forks; the memory is MADV_DONTFORK, a hole in the child", why);
}

static int fork_wipeonfork(struct race *race, struct reason *why)
{
	return fork_advised(race, CHILD_SEES_ZERO,
			    "forks; the memory is MADV_WIPEONFORK, zero in the child", why);
}

static int before_shared(struct race *race, struct reason *why)
{
	return child_fork_seeing_old(race, why);
}

/*
 * Copied on write, the child has the old data where the parent wrote; of a shared
 * file it has the write, which shows that the two have the same page.
 */
static int shared_before_pin(struct race *race, struct reason *why)
{
	bool copied = race->region->ops->traits & MEMORY_PRIVATE;
	int sees;

	race_write_page(race, race->page);
	sees = child_look_at_write(race, why);
	if (sees < 0)
		return sees;
	if (sees != (copied ? CHILD_SEES_OLD : CHILD_SEES_WRITE)) {
		fail(why, EIO, "the child %s",
		     copied ? "did not keep its view of the memory" :
			      "does not see what was written to shared memory");
		return RACE_NO_EFFECT;
	}
	return RACE_DONE;
}

/*
 * Nobody shares the pages any more, but they are still mapped read-only, and
 * the kernel does not know that they are exclusive.
 */
static int before_previously_shared(struct race *race, struct reason *why)
{
	int effect = child_fork_seeing_old(race, why);

	if (effect)
		return effect < 0 ? effect : -EIO;
	effect = child_exit(race, why);
	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_CHILD, "exits and is reaped");
	return 0;
}

static int previously_shared(struct race *race, struct reason *why)
{
	(void)why;
	return parent_write(race);
}

const struct race_ops race_fork_parent_write = {
	.name = "fork-parent-write",
	.family = "fork",
	.help = "fork, then the parent writes while the child lives",
	.run = fork_parent_write,
};

const struct race_ops race_fork_child_write = {
	.name = "fork-child-write",
	.family = "fork",
	.help = "fork, the child writes, then the parent writes",
	.run = fork_child_write,
};

const struct race_ops race_fork_child_writes_only = {
	.name = "fork-child-writes-only",
	.family = "fork",
	.help = "fork, the child writes, and nobody else does",
	.level = LEVEL_SELECTED,
	.run = fork_child_writes_only,
};

const struct race_ops race_fork_child_exit = {
	.name = "fork-child-exit",
	.family = "fork",
	.help = "fork, the child exits, then the parent writes",
	.run = fork_child_exit,
};

const struct race_ops race_fork_grandchild = {
	.name = "fork-grandchild",
	.family = "fork",
	.help = "fork, the child forks and exits, then the parent writes",
	.run = fork_grandchild,
};

const struct race_ops race_fork_dontfork = {
	.name = "fork-dontfork",
	.family = "fork",
	.help = "MADV_DONTFORK, fork, then the parent writes (mitigation)",
	.before_pin = before_dontfork,
	.run = fork_dontfork,
};

const struct race_ops race_fork_wipeonfork = {
	.name = "fork-wipeonfork",
	.family = "fork",
	.help = "MADV_WIPEONFORK, fork, then the parent writes",
	.needs = MEMORY_ANON | MEMORY_WRITTEN,
	.before_pin = before_wipeonfork,
	.run = fork_wipeonfork,
};

const struct race_ops race_shared_before_pin = {
	.name = "shared-before-pin",
	.family = "fork",
	.help = "fork, then pin shared pages, then the parent writes",
	.before_pin = before_shared,
	.run = shared_before_pin,
};

const struct race_ops race_previously_shared = {
	.name = "previously-shared",
	.family = "fork",
	.help = "fork, the child exits, then pin its pages, then the parent writes",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_PRIVATE,
	.before_pin = before_previously_shared,
	.run = previously_shared,
};
