/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_HOLD_H
#define THPIN_CASE_HOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/guardian.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "util/reason.h"

/* What became of a page while its pin was held. */
enum held_state {
	HELD_IN_SYNC,
	HELD_DIVERGED,  /* another page frame is mapped */
	HELD_DISCARDED, /* none is */
	HELD_SWAPPED,   /* what was mapped in its place is swapped out */
	HELD_MERGED,    /* ... KSM has merged with another page */
	HELD_STATES,
};

/* What to pin and what to do to it; the factory of what inspect looks at. */
struct hold_plan {
	const struct pin_ops *pin;
	const struct memory_ops *memory;
	uint64_t size;                /* bytes */
	unsigned parted[HELD_STATES]; /* pages to part from the pin, by what becomes of them */
	bool fork;                    /* a child shares the memory */
	const char *nodes;            /* NUMA nodes of memory and CPUs ("0,2-3"), NULL: any */
};

/* A pin that is held until told otherwise. */
struct hold {
	struct hold_plan plan;
	const struct host *host;
	struct guardian guardian;
	struct region region;
	struct pin pin;
	uint64_t *pinned_pfn; /* a PFN a page when it was pinned, PFN_UNKNOWN: not known */
	uint64_t *mapped_pfn; /* now */
	unsigned char *state; /* enum held_state a page */
	pid_t child;          /* 0: none */
};

/*
 * Make the memory, pin it and part the pages that are to diverge. On return
 * everything is in place. Returns 0 or -errno with a reason (-EINVAL: more pages
 * than there are); hold_end() is needed either way.
 */
int hold_begin(struct hold *hold, const struct hold_plan *plan, const struct host *host,
	       struct reason *why);

/* Let go of everything, the child included. */
void hold_end(struct hold *hold);

#endif
