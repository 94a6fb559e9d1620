/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_HEAT_H
#define THPIN_INSPECT_HEAT_H

#include <stddef.h>
#include <stdint.h>

#include "inspect/scan.h"

/* What a cell of the map has in it: bits, as a cell can be several pages. */
#define HEAT_PMD 1u
#define HEAT_PTE 2u /* folios of more than one page, by PTEs */
#define HEAT_BASE 4u
#define HEAT_HUGETLB 8u
#define HEAT_ZERO 16u
#define HEAT_SWAPPED 32u
#define HEAT_PRESENT 64u /* of no known kind */
#define HEAT_PINNED 128u
#define HEAT_EXTRA 256u
#define HEAT_PARTED 512u /* a holder has another page, or the process has none */

/* Cells one after the other without a gap. */
struct heat_row {
	uint64_t start;
	size_t first, count; /* in heat.cells */
};

/* A map of memory; nothing is kept of what is empty. */
struct heat {
	uint64_t cell_bytes;
	uint64_t start, end; /* of what is mapped here */
	uint16_t *cells;     /* HEAT_... */
	size_t cells_count;
	struct heat_row *rows; /* by address */
	size_t rows_count;
};

/*
 * A map of [@start, @end) with cells of @cell_bytes, a power of two. heat_free()
 * in any case. Nothing is allocated yet.
 */
void heat_init(struct heat *heat, uint64_t start, uint64_t end, uint64_t cell_bytes);

/* Add a run of a scan; runs come in order of addresses. Returns 0 or -ENOMEM. */
int heat_add(struct heat *heat, const struct page_run *run, size_t page_size);

/*
 * Mark where a holder and the process differ, in any order, once all runs are in.
 * What lies in no row, with nothing of the process near, is not on the map.
 */
void heat_part(struct heat *heat, uint64_t address, uint64_t bytes);

void heat_free(struct heat *heat);

#endif
