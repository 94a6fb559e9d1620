/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_CATALOGUE_H
#define THPIN_OUTPUT_CATALOGUE_H

#include "output/output.h"

/* What "thpin list" lists: the program's tables, or those of a test. */
struct catalogue_tables {
	const struct pin_ops *const *pins;
	size_t pins_count;
	const struct memory_ops *const *memory;
	size_t memory_count;
	const struct race_ops *const *races;
	size_t races_count;
	const struct rule *(*rule_at)(size_t index); /* NULL past the last */
	const struct probe_ops *const *probes;
	size_t probes_count;
};

/* output_catalogue() of any tables. */
int catalogue_print(FILE *stream, enum catalogue which, const struct catalogue_tables *tables,
		    const struct host *host, const struct table_options *options,
		    const struct style *style, struct reason *why);

#endif
