/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_EXPLAIN_H
#define THPIN_OUTPUT_EXPLAIN_H

#include "output/output.h"

/* What a rule says: events, kernels, what to do, how it is known. */
void explain_rule(FILE *stream, const struct rule *rule, const struct host *host,
		  const struct style *style);

/* The same for a case on this kernel, and what other kernels are expected to do. */
void explain_case(FILE *stream, const struct case_id *id, const struct host *host,
		  const struct style *style);

/*
 * What happened in each case with a loss, by design or not, then errors, warnings of
 * the kernel and counts; see thpin-explain(1).
 */
void output_explained(FILE *stream, const struct run *run, const struct style *style);

/* "Linux 5.9 up to, but not including, 5.19"; returns @text. */
char *kernels_words(unsigned from, unsigned to, char *text, size_t size);

#endif
