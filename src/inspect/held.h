/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_HELD_H
#define THPIN_INSPECT_HELD_H

#include "inspect/scan.h"

/* Memory that somebody holds, as the scan saw it. */
struct held_range {
	uint64_t start, end; /* addresses of pages that are mapped */
	unsigned flags;      /* RUN_PINNED, RUN_EXTRA */
	bool part;           /* KIND_THP_PART */
	uint64_t folio;      /* bytes of each folio that they are of ... */
	uint64_t offset;     /* ... and page_run.folio_offset */
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

/* The index of the first range with a folio that ends behind @address. */
size_t held_first(const struct held_list *list, uint64_t address);

/*
 * What is held is the whole folio: @address down to where a folio of @range begins, and
 * up to where one ends. Those pages need not be mapped, nor be in a VMA.
 */
uint64_t held_down(const struct held_range *range, uint64_t address);
uint64_t held_up(const struct held_range *range, uint64_t address);

#endif
