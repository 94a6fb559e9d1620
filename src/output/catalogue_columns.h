/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_CATALOGUE_COLUMNS_H
#define THPIN_OUTPUT_CATALOGUE_COLUMNS_H

#include "case/case.h"
#include "util/reason.h"

/* One row of a catalogue; which member is set goes with the cell function. */
struct catalogue_row {
	const struct host *host;
	const struct pin_ops *pin;
	const struct memory_ops *memory;
	const struct race_ops *race;
	const struct case_id *id;
	const struct rule *rule; /* of the case, or the row itself */
	const struct probe_ops *probe;
	const char *proof; /* of what a probe found out, or NULL */
	int err;           /* of the probe, with ... */
	struct reason why; /* ... its reason */
};

/* Each a table_cell_fn for the columns of its catalogue. */
const char *pin_cell(const void *data, unsigned column, char *text);
const char *memory_cell(const void *data, unsigned column, char *text);
const char *race_cell(const void *data, unsigned column, char *text);
const char *case_cell(const void *data, unsigned column, char *text);
const char *rule_cell(const void *data, unsigned column, char *text);
const char *probe_cell(const void *data, unsigned column, char *text);

#endif
