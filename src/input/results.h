/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INPUT_RESULTS_H
#define THPIN_INPUT_RESULTS_H

#include "case/run.h"
#include "host/environment.h"
#include "host/host.h"

/* A run as "thpin repro --json" has written it down, perhaps on another machine. */
struct results {
	struct run run; /* host, environment and texts point into the rest */
	struct host host;
	struct environment environment;
	char version[32];
	/* As long as those of a command line are; NULL: none. */
	char *command, *nodes, *file;
	char *counters[COUNTERS_MAX + 1];
};

/* Larger ones are refused. All cases of today are 50 MB. */
#define RESULTS_SIZE_MAX (256u << 20)
#define RESULTS_CASES_MAX 100000

/*
 * Read the file at @path. Returns NULL with a reason when it cannot be read, or
 * is anything but such an object, whole and within bounds. For results_free().
 */
struct results *results_read(const char *path, struct reason *why);

/* The same of bytes in memory. */
struct results *results_parse(const char *text, size_t size, struct reason *why);

void results_free(struct results *results);

#endif
