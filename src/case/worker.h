/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_WORKER_H
#define THPIN_CASE_WORKER_H

#include "case/case.h"

struct guardian;

/*
 * Run one case in the calling process, which is used up by it: memory,
 * descriptors and children are left to its end. @device is shared memory of
 * options->size bytes for the device's side of the data. The providers have been
 * probed. Fills *outcome, whatever happens.
 */
void worker_run(const struct case_id *id, const struct case_options *options,
		const struct host *host, unsigned char *device, struct guardian *guardian,
		struct outcome *outcome);

#endif
