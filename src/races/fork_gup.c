// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fork() of one thread while another takes a pin, time and again. GUP-fast walks
 * the page tables without mmap_lock: until Linux 5.11 (57efa1fe5957, and stable
 * kernels from 5.10 on) it could pin a page that the fork had just looked at and
 * taken for unpinned. After each pinning the CPU writes to all pages, and the
 * device reads them: does it have what the CPU sees?
 */
#include <pthread.h>
#include <sched.h>

#include "case/case.h"
#include "case/tags.h"
#include "host/host.h"
#include "host/node.h"
#include "pins/pins.h"
#include "races/forks.h"
#include "races/races.h"
#include "util/io.h"

struct forker {
	struct race *race;
	struct forks forks;
	pthread_t thread;
	_Atomic unsigned turn; /* of which it is to fork, or has; a pinning a turn */
	_Atomic unsigned ready;
	atomic_bool stop;
	uint64_t end; /* of clock_ns() */
	int err;
	struct reason why;
};

/*
 * Until @count is @turn: not by a lock, from which the two would return too far
 * apart. False: it is over.
 */
static bool wait_for(const struct forker *forker, const _Atomic unsigned *count, unsigned turn)
{
	while (atomic_load(count) != turn) {
		if (atomic_load(&forker->stop) || clock_ns() >= forker->end)
			return false;
		sched_yield();
	}
	return true;
}

static void *fork_on(void *data)
{
	struct forker *forker = data;
	const char *nodes = forker->race->options->nodes;

	if (nodes)
		forker->err = nodes_bind_thread(nodes, 1, &forker->why);
	while (!forker->err && !atomic_load(&forker->stop)) {
		unsigned turn = atomic_load(&forker->ready) + 1;

		atomic_store(&forker->ready, turn);
		if (wait_for(forker, &forker->turn, turn))
			forker->err = forks_once(&forker->forks, NULL, NULL, &forker->why);
	}
	atomic_store(&forker->stop, true);
	return NULL;
}

/* Other bytes each time: what the device read before must not pass for new. */
static void write_pages(struct race *race, unsigned turn)
{
	for (unsigned page = 0; page < race->region->pages; page++)
		tag_fill(race->region->page[page] + CPU_MARK_OFFSET, CPU_MARK_SIZE, TAG_CPU, page,
			 race->seed + turn);
}

/* The moments of a fork that are tried are of this long, should it take longer. */
#define MOMENTS_NS UINT64_C(100000000)

/*
 * Pin, write, read, unpin. Returns 0 or -errno; *raced: a fork ran meanwhile. On a busy
 * machine a trial takes seconds: the end is looked for within one, too, which then
 * is none.
 */
static int pin_once(struct race *race, struct forker *forker, unsigned turn, bool *raced,
		    struct reason *why)
{
	struct loss_record *loss = &race->outcome->loss[LOSS_STALE];
	const struct pin_ops *ops = race->pin->ops;
	uint64_t mark, at, last;
	int err;

	*raced = false;
	if (!wait_for(forker, &forker->ready, turn))
		return 0;
	/* At another moment of the fork each time. */
	last = atomic_load(&forker->forks.ns);
	if (last > MOMENTS_NS)
		last = MOMENTS_NS;
	at = clock_ns() + (last ? turn * UINT64_C(0x9e3779b97f4a7c15) % last : 0);
	atomic_store(&forker->turn, turn);
	while (clock_ns() < at)
		sched_yield();
	mark = forks_mark(&forker->forks);
	err = pin_take(race->pin, race->region, why);
	if (!err && clock_ns() < forker->end) {
		*raced = forks_ran(&forker->forks, mark);
		write_pages(race, turn);
		err = ops->device_read(race->pin, why);
		if (!err)
			tag_compare(race->region, race->pin->device, race->seed + turn, loss,
				    race->lost);
	}
	ops->drop(race->pin);
	return err;
}

static int pin_on(struct race *race, struct forker *forker, unsigned *turns, struct reason *why)
{
	struct outcome *outcome = race->outcome;
	unsigned wanted = race->options->trials;
	bool lost = false;
	int err = 0;

	while (!err && !lost && !atomic_load(&forker->stop) && clock_ns() < forker->end &&
	       (!wanted || outcome->trials < wanted)) {
		bool raced;

		err = pin_once(race, forker, ++*turns, &raced, why);
		lost = outcome->loss[LOSS_STALE].pages;
		outcome->trials += raced || lost;
	}
	outcome->trials_lost = lost;
	return err;
}

static void tell(struct race *race, const struct forker *forker, unsigned turns)
{
	struct outcome *outcome = race->outcome;

	outcome_event(outcome, ACTOR_PARENT, "pins all pages %u times (%s), and writes to them",
		      turns, race->pin->ops->held_by);
	outcome_event(outcome, ACTOR_PARENT, "forks %llu times meanwhile, in another thread",
		      (unsigned long long)forks_mark(&forker->forks));
	outcome_event(outcome, ACTOR_DEVICE,
		      "reads all %u pages each time; a fork ran during %u of the pinnings",
		      race->region->pages, outcome->trials);
}

static int fork_vs_gup_fast(struct race *race, struct reason *why)
{
	uint64_t allowed = case_seconds(race->options) * UINT64_C(1000000000);
	struct forker forker = { .race = race, .end = clock_ns() + allowed };
	const char *nodes = race->options->nodes;
	unsigned turns = 0;
	int err = forks_open(&forker.forks, why);

	if (!err && nodes)
		err = nodes_bind_thread(nodes, 0, why);
	if (err)
		return err;
	err = pthread_create(&forker.thread, NULL, fork_on, &forker);
	if (err)
		return fail_errno(why, err, "a thread that forks");
	err = pin_on(race, &forker, &turns, why);
	atomic_store(&forker.stop, true);
	pthread_join(forker.thread, NULL);
	if (!err && forker.err) {
		*why = forker.why;
		err = forker.err;
	}
	if (err)
		return err;
	tell(race, &forker, turns);
	race->outcome->tested |= 1u << LOSS_STALE;
	if (race->outcome->trials)
		return RACE_DONE;
	fail(why, EALREADY, "no fork ran during one of %u pinnings", turns);
	return RACE_NO_EFFECT;
}

const struct race_ops race_fork_vs_gup_fast = {
	.name = "fork-vs-gup-fast",
	.family = "threads",
	.help = "a pin is taken while another thread forks; then the CPU writes (statistical)",
	.level = LEVEL_STATISTICAL,
	.needs = MEMORY_PRIVATE,
	.statistical = BY_TAKE,
	.run = fork_vs_gup_fast,
};
