/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_RUN_H
#define THPIN_CASE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/case.h"

struct environment;
struct inspection;

/* A finished (or interrupted) run of cases, as the output layer gets it. */
struct run {
	const struct host *host;
	struct case_options options;
	struct case_result *results; /* controls added by thpin come last */
	size_t count;
	bool controls; /* to be added where one asked for cannot run */
	unsigned repeat;
	uint64_t ns;                           /* of the whole run */
	bool interrupted;                      /* results[].ran tells how far it came */
	const struct environment *environment; /* for reports, NULL: not looked at */
	const struct inspection *inspection;   /* for reports: of a live process, NULL: none */
	const char *version;                   /* of the thpin that ran them, NULL: this one */
	const char *command;                   /* command line after "thpin ", to run it again */
};

/* What --fail-on asks for. */
enum fail_on { FAIL_ON_LOSS, FAIL_ON_UNEXPECTED, FAIL_ON_ANY_SKIP };

/* The counts of a run; one place that decides the exit code. */
struct run_summary {
	unsigned cases; /* asked for and reached, without added controls */
	unsigned verdicts[VERDICT_COUNT];
	unsigned by_design;    /* of out-of-sync: losses the caller asked for */
	unsigned unexpected;   /* of out-of-sync: no rule explains them */
	unsigned flaky;        /* trials did not end alike */
	unsigned cut_short;    /* later trials were skipped */
	bool detector_failed;  /* a pin of whose controls none was lost, see run.c */
	const char *blind_pin; /* the first such pin, NULL: none */
};

void run_summarize(const struct run *run, struct run_summary *summary);

/*
 * The exit code of "thpin repro": 0 in sync, 1 a loss, 125 nothing could be
 * tested or the detector failed, 128 thpin failed, 130 interrupted.
 */
int run_exit_code(const struct run *run, const struct run_summary *summary, enum fail_on fail_on);

#endif
