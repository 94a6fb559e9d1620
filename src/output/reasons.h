/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_REASONS_H
#define THPIN_OUTPUT_REASONS_H

#include "output/grid.h"
#include "output/text.h"

/*
 * "odirect-*, vmsplice": those of @count names whose @on is set. Names that
 * share a first part become one glob, when no other name has that part.
 */
void reasons_names(struct wrap *wrap, size_t count,
		   const char *(*name_at)(const void *list, size_t i), const void *list,
		   const bool *on);

/*
 * Below a block: a line for each reason of cells that were skipped, refused or
 * without effect, with all the pins, races and cells that it holds for.
 */
int reasons_print(FILE *stream, const struct grid *grid, const struct style *style);

#endif
