/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_BLOCKS_H
#define THPIN_OUTPUT_BLOCKS_H

#include "output/cells.h"
#include "output/grid.h"

/* The symbols that occurred, for the legend. */
struct seen {
	bool kind[CELL_COUNT];
	bool unexpected;
};

/*
 * One block of the matrix: title, pins across, races down, and below it why
 * cells have no verdict. Returns 0 or -ENOMEM.
 */
int block_print(FILE *stream, const struct run *run, const struct grid *grid,
		const struct style *style, struct seen *seen);

#endif
