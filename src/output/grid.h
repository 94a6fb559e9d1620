/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_GRID_H
#define THPIN_OUTPUT_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "case/run.h"

/*
 * The results of one memory kind as a table, in the order in which pins and
 * races occur in the run; controls added by thpin are left out.
 */
struct grid {
	const struct memory_ops *memory;
	size_t pins, races;
	const struct pin_ops **pin;
	const struct race_ops **race;
	const struct case_result **cells; /* races rows of pins cells, NULL: not in the run */
};

/* Returns 0 or -ENOMEM; grid_free() either way. */
int grid_make(struct grid *grid, const struct run *run, const struct memory_ops *memory);
void grid_free(struct grid *grid);

const struct case_result *grid_cell(const struct grid *grid, size_t race, size_t pin);

/* Cells that ran to the same verdict for the same reason. */
bool cell_is(const struct case_result *cell, enum verdict verdict, const char *reason);

/* All cells of a column; of a row; true only when there is one. NULL: any reason. */
bool grid_column_is(const struct grid *grid, size_t pin, enum verdict verdict, const char *reason);
bool grid_row_is(const struct grid *grid, size_t race, enum verdict verdict, const char *reason);

/* The reason why nothing of this memory could be run, when there is only one; else NULL. */
const char *grid_skipped(const struct grid *grid);

#endif
