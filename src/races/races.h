/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_RACES_RACES_H
#define THPIN_RACES_RACES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "case/level.h"
#include "case/outcome.h"
#include "host/cgroup.h"
#include "memory/memory.h"
#include "util/reason.h"

struct case_options;
struct evidence;
struct guardian;
struct host;
struct pin;

/* What a race works on, in the worker of one case. */
struct race {
	const struct race_ops *ops;
	const struct host *host;
	const struct case_options *options;
	struct region *region;
	struct pin *pin;           /* for races that order it about */
	struct evidence *evidence; /* for races that take it */
	struct outcome *outcome;   /* for events and evidence */
	struct guardian *guardian; /* takes over what would outlive the worker */
	uint64_t seed;
	unsigned char *lost;       /* of a statistical race: a byte a page, set when lost */
	unsigned page;             /* the page a race of one page works on */
	pid_t child;               /* of a fork race, 0: none */
	int to_child, from_child;  /* pipes that order every step */
	const struct shared *view; /* what the child sees: see child_view() */
	struct region control;     /* unpinned memory of the same kind; base NULL: none */
	struct region twin;        /* more: for ksmd to merge with that one, or to make room */
	int fd;                    /* that a race has open */
	struct cgroup cgroup;      /* that a race of memory pressure has made */
};

/* Whether a race happened; the reason goes with the last two. */
enum race_effect { RACE_DONE, RACE_REFUSED, RACE_NO_EFFECT };

/*
 * What a statistical race has of a pin: nothing, take() and drop(), io(), or take()
 * and in_flight().
 */
enum statistics { HELD, BY_TAKE, BY_IO, BY_FLIGHT };

struct race_ops {
	const char *name;
	const char *family;
	const char *help;
	const char *modules; /* kernel modules it needs, blank-separated, or NULL */
	enum level level;
	unsigned needs; /* MEMORY_... */

	/*
	 * Unpinned memory loses its data: not for a pin that is raced, which may be
	 * gone from some pages before it is from all.
	 */
	bool frees_unpinned;

	/*
	 * It cannot be held: run() takes the pin itself, as often as the options
	 * say, counts outcome->trials and trials_lost, and marks race->lost.
	 */
	enum statistics statistical;

	/*
	 * run() takes the pin itself, here or in the child, and looks for leaks
	 * itself: what the device has is no longer what a mapping of the parent has.
	 */
	bool takes_pin;

	/* 0, or -errno with the reason why not here. May be NULL. */
	int (*probe)(const struct host *host, struct reason *why);

	/*
	 * Settings of the machine that a process has to be born with: made by thpin
	 * itself, before there is a worker. May be NULL.
	 */
	int (*before_worker)(struct guardian *guardian, struct reason *why);

	/* What must happen before there is any memory to race. May be NULL. */
	int (*before_memory)(struct race *race, struct reason *why);

	/* What must happen between filling the region and pinning it. May be NULL. */
	int (*before_pin)(struct race *race, struct reason *why);

	/*
	 * Run the race to its end while the pin is held, CPU writes included.
	 * Returns enum race_effect, or -errno with a reason.
	 */
	int (*run)(struct race *race, struct reason *why);
};

extern const struct race_ops *const race_list[];
extern const size_t race_list_count;

/* The CPU's mark: a store of CPU_MARK_SIZE bytes at CPU_MARK_OFFSET of a page. */
#define CPU_MARK_OFFSET 2048
#define CPU_MARK_SIZE 64

/*
 * Store the CPU's mark to one page, without and with an event, and to @count
 * pages from @first that are mapped, with one event. The rest of a page is
 * left, so that it still shows what was there.
 */
void race_mark_page(struct race *race, unsigned page);
void race_write_page(struct race *race, unsigned page);
void race_write_pages(struct race *race, unsigned first, unsigned count);

/* A .probe: 0 where the kernel has MADV_COLLAPSE, else -ENOTSUP with the reason. */
int race_collapse_probe(const struct host *host, struct reason *why);

#endif
