/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_CELLS_H
#define THPIN_OUTPUT_CELLS_H

#include "output/text.h"

/* What a cell of the matrix shows; the legend explains those that occur. */
enum cell_kind {
	CELL_IN_SYNC,
	CELL_NEVER,
	CELL_LATENT,
	CELL_LOST,
	CELL_STALE,
	CELL_BOTH,
	CELL_LEAK,
	CELL_FLAKY,
	CELL_BY_DESIGN,
	CELL_REFUSED,
	CELL_NO_EFFECT,
	CELL_SKIPPED,
	CELL_ERROR,
	CELL_NOT_RUN,
	CELL_COUNT,
};

#define CELL_SIZE 32

struct cell {
	enum cell_kind kind;
	enum tone tone;
	bool unexpected; /* marked with "!" */
	bool leak;       /* beside another loss; the legend of CELL_LEAK explains it */
	char text[CELL_SIZE];
};

void cell_make(struct cell *cell, const struct case_result *result);

/* "X lost: the CPU does not see a device write" */
const char *cell_legend(enum cell_kind kind);

#endif
