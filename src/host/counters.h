/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_COUNTERS_H
#define THPIN_HOST_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "case/outcome.h"
#include "util/reason.h"

/*
 * Performance counters over one case: of this process and of the threads and
 * processes that it makes later. Events are named as libpfm4 has them.
 */
struct counters {
	unsigned count;
	int fd[COUNTERS_MAX];               /* -1: this one is not counted ... */
	struct reason reason[COUNTERS_MAX]; /* ... why not, "" when it is */
	bool user_only[COUNTERS_MAX];       /* without the kernel: perf_event_paranoid */
};

/* Page faults, misses of the data TLB, instructions; NULL-terminated. */
extern const char *const counters_default[];

/*
 * Start to count the events @names, NULL-terminated. Returns 0, also when this
 * machine cannot count some or all of them; -EINVAL for a name that libpfm does
 * not know or for more than COUNTERS_MAX names, -ENOTSUP without libpfm.
 */
int counters_open(struct counters *counters, const char *const *names, struct reason *why);

/*
 * The counts until now, scaled up for the time in which other events had the
 * PMU; -1: not counted. @values has room for counters->count. Returns 0 or
 * -errno.
 */
int counters_read(struct counters *counters, int64_t *values);

void counters_close(struct counters *counters);

#endif
