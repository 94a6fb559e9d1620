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
	char command[1024];
	char nodes[128];
	char file[1024];
	char counter_name[COUNTERS_MAX][64];
	const char *counters[COUNTERS_MAX + 1];
};

/* Larger ones are refused. */
#define RESULTS_SIZE_MAX (32u << 20)
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
