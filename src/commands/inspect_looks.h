/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_COMMANDS_INSPECT_LOOKS_H
#define THPIN_COMMANDS_INSPECT_LOOKS_H

#include <stdbool.h>

#include "inspect/inspection.h"

/* What gives exit status 1. */
enum fail_when { FAIL_HAZARD, FAIL_DIVERGED, FAIL_HELD };

/* The processes to look at, in order. */
struct inspect_targets {
	pid_t *pids; /* malloc()ed */
	size_t count;
	bool unseen; /* there are others, which /proc hides */
	bool named;  /* by the user: one that cannot be looked at is said, and dropped */
	bool told;   /* else how many of all cannot be: once, as there are the same at each look */
};

/* One look at all of them. */
struct inspect_looks {
	struct inspection **list; /* what was found, of each */
	size_t count;
	bool failed; /* one could not be looked at */
	int code;    /* 0 nothing odd, EXIT_LOSS */
};

/*
 * Every process but this one, in place of the targets there were. Returns 0 or -errno
 * with a reason.
 */
int inspect_targets_all(struct inspect_targets *targets, struct reason *why);

/*
 * Look at each as @request says, with progress on a terminal. Of those that were not
 * named one of which nothing is held is left out. Returns 0 or -ENOMEM;
 * inspect_looks_free() in any case.
 */
int inspect_looks(struct inspect_looks *looks, struct inspect_targets *targets,
		  const struct inspect_request *request, enum fail_when when);
void inspect_looks_free(struct inspect_looks *looks);

#endif
