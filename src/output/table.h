/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_TABLE_H
#define THPIN_OUTPUT_TABLE_H

#include <stddef.h>

#include "output/output.h"

/* The columns that a table has, and those of them that are shown. */
#define TABLE_COLUMNS_MAX 48

struct table {
	const struct column *columns;
	unsigned chosen[TABLE_COLUMNS_MAX];
	size_t chosen_count;
	bool json;
	struct libscols_table *scols;
};

#define TABLE_TEXT 1024

/*
 * The text of one column of one row: a text that lives on, or @text (of
 * TABLE_TEXT bytes) filled in, or NULL when there is nothing to say.
 */
typedef const char *table_cell_fn(const void *row, unsigned column, char *text);

/*
 * Choose the columns by options->columns. Returns 0, or -EINVAL with a reason
 * that has the nearest name.
 */
int table_choose(struct table *table, const struct column *columns, size_t count,
		 const struct table_options *options, struct reason *why);

/*
 * After table_choose(): begin, add rows, print. @name is the key of the rows in
 * JSON. table_free() in any case. Return 0 or -errno.
 */
int table_begin(struct table *table, const char *name, FILE *stream,
		const struct table_options *options, const struct style *style);
int table_add(struct table *table, const void *row, table_cell_fn *cell);
int table_print(struct table *table, const struct style *style);
void table_free(struct table *table);

#endif
