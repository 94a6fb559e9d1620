/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_UNATTRIBUTED_H
#define THPIN_INSPECT_UNATTRIBUTED_H

#include "inspect/inspection.h"

/* Memory that somebody holds, as the scan saw it. */
struct held_range {
	uint64_t start, end;
	unsigned flags; /* RUN_PINNED, RUN_EXTRA */
};

struct held_list {
	struct held_range *ranges; /* by address */
	size_t count;
};

/*
 * Note a run of the scan that is pinned, or anonymous with references that
 * nothing explains. Returns 0 or -ENOMEM.
 */
int held_note(struct held_list *list, const struct page_run *run, size_t page_size);
void held_free(struct held_list *list);

/*
 * Add a holder of kind HOLDER_UNATTRIBUTED for each noted range that no holder
 * found overlaps, and that is still held at a second look: references in passing
 * are gone by then. Returns 0 or -errno with a reason.
 */
int unattributed_find(struct inspection *inspection, struct scanner *scanner,
		      const struct held_list *list, struct reason *why);

#endif
