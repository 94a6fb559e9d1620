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
	struct vmstat vmstat;
	struct vmstat_sample start; /* pins: once the memory was made */
	bool start_exact;
	int kmsg, kpageflags; /* -1: cannot be read */
	struct counters counters;
	uint64_t *entries; /* pagemap of the region when it was pinned */
};

/* Before anything is set up. */
void evidence_begin(struct evidence *evidence, const struct case_options *options,
		    const struct host *host, struct outcome *outcome);

/*
 * Once the memory is made, before it is pinned: what vmstat counts as pins is gathered
 * from all CPUs, which takes each of them a moment; nobody has pinned any before.
 */
void evidence_ready(struct evidence *evidence);

/*
 * Right after a pin of @region was taken: whether vmstat counts more pins since
 * evidence_ready() decides FOLL_PIN or FOLL_GET.
 */
void evidence_pinned(struct evidence *evidence, const struct region *region);

/* The pages of the region when pinned, and once the race is over. */
void evidence_before(struct evidence *evidence, const struct region *region, unsigned page);
void evidence_after(struct evidence *evidence, const struct region *region, unsigned page,
		    pid_t child);

/* At the end of the case. */
void evidence_end(struct evidence *evidence);

#endif
