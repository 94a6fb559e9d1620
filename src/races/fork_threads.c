// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fork() of one thread while others have O_DIRECT reads on their way into parts
 * of the same pages: open(2), NOTES. It is what the Linux Test Project's
 * dma_thread_diotest does, but for three things: every fork is followed by a
 * write to those pages while the child still shares them, which is what takes
 * the page from the device; only reads during which a fork ran count as trials;
 * and the first loss ends it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/tags.h"
#include "host/host.h"
#include "host/node.h"
#include "pins/pins.h"
#include "races/forks.h"
#include "races/races.h"
#include "util/io.h"

/* The threads and what they share; the last part of each page is the CPU's. */
struct team {
	struct race *race;
	struct forks forks;
	unsigned first, pages; /* of the region */
	size_t part;           /* bytes of one read */
	unsigned parts;        /* of a page that are read into */
	atomic_bool stop;
	_Atomic uint64_t reads;
	_Atomic unsigned trials; /* reads during which a fork ran */
	pthread_mutex_t lock;    /* of what follows, and of the outcome */
	unsigned lost;
	int err;
	struct reason why;
};

struct reader {
	struct team *team;
	pthread_t thread;
	unsigned number;
	unsigned char *at; /* its part of a page */
};

static void stop_with(struct team *team, int err, const struct reason *why)
{
	pthread_mutex_lock(&team->lock);
	if (!team->err) {
		team->err = err;
		team->why = *why;
	}
	pthread_mutex_unlock(&team->lock);
	atomic_store(&team->stop, true);
}

static int note_loss(struct team *team, struct reader *reader, const unsigned char *device,
		     struct reason *why)
{
	struct race *race = team->race;
	const struct pin_ops *ops = race->pin->ops;
	int err = ops->verify ? ops->verify(race->pin, reader->at, team->part, why) : 0;

	if (err)
		return err;
	pthread_mutex_lock(&team->lock);
	team->lost++;
	tag_note_part(&race->outcome->loss[LOSS_WRITE], race->region,
		      (size_t)(reader->at - race->region->base), device, team->part, race->lost);
	pthread_mutex_unlock(&team->lock);
	atomic_store(&team->stop, true);
	return 0;
}

static int read_once(struct team *team, struct reader *reader, struct reason *why)
{
	struct race *race = team->race;
	struct pin *pin = race->pin;
	const unsigned char *device = pin->device + (reader->at - race->region->base);
	unsigned wanted = race->options->trials;
	uint64_t mark;
	bool raced;
	int err;

	tag_invert(reader->at, device, team->part);
	mark = forks_mark(&team->forks);
	err = pin->ops->io(pin, reader->at, team->part, why);
	raced = forks_ran(&team->forks, mark);
	if (err)
		return err;
	atomic_fetch_add(&team->reads, 1);
	if (memcmp(reader->at, device, team->part)) {
		err = note_loss(team, reader, device, why);
		raced = true;
	}
	if (!err && raced && atomic_fetch_add(&team->trials, 1) + 1 == wanted)
		atomic_store(&team->stop, true);
	return err;
}

static void *read_on(void *data)
{
	struct reader *reader = data;
	struct team *team = reader->team;
	const char *nodes = team->race->options->nodes;
	struct reason why;
	int err = 0;

	if (nodes)
		err = nodes_bind_thread(nodes, reader->number, &why);
	while (!err && !atomic_load(&team->stop))
		err = read_once(team, reader, &why);
	if (err)
		stop_with(team, err, &why);
	return NULL;
}

/* Between fork() and the end of the child: the CPU's own write to each page. */
static void write_pages(void *data)
{
	struct team *team = data;
	struct race *race = team->race;
	size_t at = race->region->page_size - team->part;

	for (unsigned page = team->first; page < team->first + team->pages; page++)
		tag_fill(race->region->page[page] + at, team->part, TAG_CPU, page,
			 race->seed + atomic_load(&team->forks.begun));
}

static void fork_on(struct team *team)
{
	uint64_t end = clock_ns() + case_seconds(team->race->options) * UINT64_C(1000000000);
	struct reason why;
	int err = 0;

	while (!err && !atomic_load(&team->stop) && clock_ns() < end)
		err = forks_once(&team->forks, write_pages, team, &why);
	if (err)
		stop_with(team, err, &why);
	atomic_store(&team->stop, true);
}

/* Where the readers read to; returns how many fit. */
static unsigned choose_pages(struct team *team, unsigned threads)
{
	const struct region *region = team->race->region;

	team->part = team->race->pin->io_size;
	team->parts = (unsigned)(region->page_size / team->part) - 1;
	team->pages = (threads + team->parts - 1) / team->parts;
	if (team->pages > region->pages)
		team->pages = region->pages;
	team->first = team->race->page;
	if (team->first + team->pages > region->pages)
		team->first = region->pages - team->pages;
	return threads < team->pages * team->parts ? threads : team->pages * team->parts;
}

static int run_team(struct team *team, unsigned threads)
{
	struct reader *readers = calloc(threads, sizeof(*readers));
	unsigned started = 0;
	int err = readers ? 0 : ENOMEM;

	while (!err && started < threads) {
		struct reader *reader = &readers[started];
		unsigned page = team->first + started / team->parts;

		*reader = (struct reader){ .team = team, .number = started + 1 };
		reader->at = team->race->region->page[page] + started % team->parts * team->part;
		err = pthread_create(&reader->thread, NULL, read_on, reader);
		started += !err;
	}
	if (err) {
		struct reason why;

		fail_errno(&why, err, "%u I/O threads", threads);
		stop_with(team, -err, &why);
	} else {
		fork_on(team);
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(readers[i].thread, NULL);
	free(readers);
	return team->err;
}

static void tell(struct team *team, unsigned threads)
{
	struct outcome *outcome = team->race->outcome;
	char where[32];

	if (team->pages == 1)
		snprintf(where, sizeof(where), "page %u", team->first);
	else
		snprintf(where, sizeof(where), "pages %u to %u", team->first,
			 team->first + team->pages - 1);
	outcome_event(outcome, ACTOR_PARENT,
		      "%u threads have O_DIRECT reads of %zu bytes on their way into %s", threads,
		      team->part, where);
	outcome_event(outcome, ACTOR_PARENT,
		      "forks %llu times, and writes another part of %s while the child lives",
		      (unsigned long long)forks_mark(&team->forks),
		      team->pages == 1 ? "the page" : "each page");
	outcome_event(outcome, ACTOR_DEVICE, "has done %llu reads; a fork ran during %u of them",
		      (unsigned long long)atomic_load(&team->reads), atomic_load(&team->trials));
}

static int fork_threads(struct race *race, struct reason *why)
{
	struct team team = { .race = race, .lock = PTHREAD_MUTEX_INITIALIZER };
	unsigned threads = race->options->threads;
	int err = forks_open(&team.forks, why);

	if (err)
		return err;
	threads = choose_pages(&team, threads ? threads : CASE_THREADS_DEFAULT);
	if (run_team(&team, threads)) {
		*why = team.why;
		return team.err;
	}
	tell(&team, threads);
	race->outcome->pages = team.pages;
	race->outcome->trials = team.trials;
	race->outcome->trials_lost = team.lost;
	race->outcome->tested |= 1u << LOSS_WRITE;
	if (team.trials)
		return RACE_DONE;
	fail(why, EALREADY, "no fork ran while one of %llu reads was on its way",
	     (unsigned long long)team.reads);
	return RACE_NO_EFFECT;
}

const struct race_ops race_fork_threads = {
	.name = "fork-threads",
	.family = "threads",
	.help = "threads read parts of one page while another forks (statistical)",
	.level = LEVEL_STATISTICAL,
	.needs = MEMORY_PRIVATE,
	.statistical = BY_IO,
	.run = fork_threads,
};
