/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_CASE_H
#define THPIN_CASE_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/expectation.h"
#include "case/outcome.h"

struct host;
struct pin_ops;
struct memory_ops;
struct race_ops;

/* One PIN/MEMORY/RACE; the name never changes once released. */
struct case_id {
	const struct pin_ops *pin;
	const struct memory_ops *memory;
	const struct race_ops *race;
};

#define CASE_NAME_SIZE 96

/* "odirect-read/thp/fork-parent-write"; returns @name, of CASE_NAME_SIZE bytes. */
char *case_name(const struct case_id *id, char *name);

/*
 * NULL when the race can apply to this memory, else the reason in words (a
 * split race on memory that has no PMD mapping ...). Such cases run only when
 * they are named.
 */
const char *case_inapplicable(const struct case_id *id);

/* The highest level that one of its three parts needs. */
enum level case_level(const struct case_id *id);

/* Without --seed; part of every "run it again". */
#define CASE_SEED_DEFAULT 1

/* Without --threads: so many that some I/O is on its way at any time. */
#define CASE_THREADS_DEFAULT 8
#define CASE_THREADS_MAX 256

/* How cases run; the same for all cases of a run. */
struct case_options {
	uint64_t size;       /* bytes of the region, 0: host_region_size() */
	uint64_t seed;       /* chooses tags and the written page */
	unsigned timeout_ms; /* of one case, on top of what a statistical race takes */
	unsigned trials;     /* of a statistical race, 0: as many as the time allows */
	unsigned seconds;    /* of a statistical race, 0: see case_seconds() */
	unsigned threads;    /* that do I/O in a statistical race, 0: CASE_THREADS_DEFAULT */
	const char *nodes;   /* NUMA nodes of region and CPUs ("0,2-3"), NULL: any */
	const char *const *counters; /* libpfm4 event names, NULL-terminated, NULL: none */
};

/*
 * How long a statistical race may take at most: --seconds, else 2, or the time
 * limit of a case when a number of trials is wanted.
 */
unsigned case_seconds(const struct case_options *options);

/* One planned case and, once run, what came of it. */
struct case_result {
	struct case_id id;
	const struct rule *rule; /* NULL: expectation unknown */
	bool control;            /* added by thpin to prove its detector, not asked for */
	bool ran;                /* false: not reached (interrupted) */
	unsigned trials;         /* times run, skipped ones not */
	unsigned trials_lost;
	unsigned verdicts[VERDICT_COUNT]; /* runs that ended so; with --repeat, several */
	uint64_t ns;                      /* of all trials */
	struct outcome outcome;           /* the one that stands, see result_add() */
};

/*
 * Add what came of one more run. The first of the gravest verdict stands for
 * all: out-of-sync, error, then what was tested the most: in-sync, refused,
 * no-effect, skipped. Its reason also says that later trials were skipped.
 */
void result_add(struct case_result *result, const struct outcome *outcome);

/* An added control that was tried: one that was skipped shows nothing of the detector. */
bool result_is_control(const struct case_result *result);

/* Not all runs ended alike, as those of a case that is no matter of luck do. */
bool result_flaky(const struct case_result *result);

/*
 * The verdicts of the runs differ: "19 in-sync, 1 refused" is in result->verdicts.
 * A skip is no verdict about the kernel, and does not count.
 */
bool result_mixed(const struct case_result *result);

/* Trials were skipped after others had run: there are fewer than were asked for. */
bool result_cut_short(const struct case_result *result);

enum expectation result_expectation(const struct case_result *result);

/* A loss that no rule explains: promised to be in sync, or no rule. */
bool result_unexpected(const struct case_result *result);

/* Out of sync, by design or not. */
bool result_lost(const struct case_result *result);

/* Out of sync and not asked for: what a user has to hear of. */
bool result_bad(const struct case_result *result);

/* Of a race that is repeated within a case, and compared. */
bool result_statistical(const struct case_result *result);

/*
 * Below what the rate of losses is at 95 % confidence, 0 to 1, when there was
 * none (the rule of three); 0 when there was, or with too few trials to say.
 */
double result_rate_below(const struct case_result *result);

/*
 * In sync, but the CPU has other page frames than the device: not one that pages on
 * demand, nor where what was compared are processes (a leak), which part by fork().
 */
bool result_latent(const struct case_result *result);

#endif
