/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_PARTS_H
#define THPIN_OUTPUT_PARTS_H

#include "output/output.h"

/* The parts of output_matrix() that have a file of their own, from top to bottom. */

/* A paragraph a loss that is not by design, the unexpected ones first. */
void output_losses(FILE *stream, const struct run *run, const struct style *style);

/*
 * One paragraph in numbered events for a result with a loss; without @with_rule when
 * a paragraph above has told the rule of the case in full.
 */
void loss_paragraph(FILE *stream, const struct run *run, const struct case_result *result,
		    bool with_rule, const struct style *style);

/* A line each: errors, kernel warnings, pins held otherwise than the rules say. */
void output_notes(FILE *stream, const struct run *run, const struct style *style);

/* The last lines: counts, controls, and loudly if the detector failed. */
void output_summary(FILE *stream, const struct run *run, const struct run_summary *summary,
		    const struct style *style);

#endif
