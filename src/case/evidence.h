/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_EVIDENCE_H
#define THPIN_CASE_EVIDENCE_H

#include <sys/types.h>

#include "case/outcome.h"
#include "host/counters.h"
#include "procfs/vmstat.h"

struct case_options;
struct host;
struct region;

/*
 * What explains a verdict and never makes one: PFNs, page flags, vmstat,
 * kernel warnings, counters. Whatever cannot be read stays unknown.
 */
struct evidence {
	const struct host *host;
	struct outcome *outcome;
	struct vmstat_sample vmstat; /* at the start */
	bool vmstat_exact;
	int kmsg;
	struct counters counters;
	uint64_t *entries; /* pagemap of the region when it was pinned */
};

/* Before anything is set up. */
void evidence_begin(struct evidence *evidence, const struct case_options *options,
		    const struct host *host, struct outcome *outcome);

/* The vmstat pins before and after the pin is taken decide FOLL_PIN or FOLL_GET. */
int64_t evidence_pins(const struct evidence *evidence);
void evidence_pinned(struct evidence *evidence, int64_t pins_before);

/* The pages of the region when pinned, and once the race is over. */
void evidence_before(struct evidence *evidence, const struct region *region, unsigned page);
void evidence_after(struct evidence *evidence, const struct region *region, unsigned page,
		    pid_t child);

/* At the end of the case. */
void evidence_end(struct evidence *evidence);

#endif
