/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_WORKER_H
#define THPIN_CASE_WORKER_H

#include "case/case.h"
#include "util/shared.h"

struct guardian;

/*
 * Memory that all workers and what they fork share, made once a run: making it
 * takes longer than a case.
 */
struct worker_memory {
	struct shared device; /* options->size bytes: the device's side of the data */
	struct shared view;   /* as much, and a byte a page: see child_view() */
};

/*
 * Run one case in the calling process, which is used up by it: memory,
 * descriptors and children are left to its end. The providers have been probed.
 * Fills *outcome, whatever happens.
 */
void worker_run(const struct case_id *id, const struct case_options *options,
		const struct host *host, const struct worker_memory *memory,
		struct guardian *guardian, struct outcome *outcome);

#endif
