// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/table.h"

#include <ctype.h>
#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "util/names.h"

#define NAME_MAX_LENGTH 40

static const char *column_name(const void *list, size_t i)
{
	return ((const struct column *)list)[i].name;
}

/* A column once: JSON keys must not come twice. */
static void choose(struct table *table, unsigned column)
{
	for (size_t i = 0; i < table->chosen_count; i++) {
		if (table->chosen[i] == column)
			return;
	}
	if (table->chosen_count < TABLE_COLUMNS_MAX)
		table->chosen[table->chosen_count++] = column;
}

static int choose_name(struct table *table, size_t count, const char *text, size_t length,
		       struct reason *why)
{
	char name[NAME_MAX_LENGTH];
	const char *nearest;

	snprintf(name, sizeof(name), "%.*s", (int)length, text);
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(table->columns[i].name, name)) {
			choose(table, (unsigned)i);
			return 0;
		}
	}
	nearest = nearest_name(name, count, column_name, table->columns);
	return fail(why, EINVAL, "no column \"%.*s\"%s%s%s (--list-columns shows all)", (int)length,
		    text, nearest ? ": did you mean " : "", nearest ? nearest : "",
		    nearest ? "?" : "");
}

int table_choose(struct table *table, const struct column *columns, size_t count,
		 const struct table_options *options, struct reason *why)
{
	unsigned preset = COLUMN_PRESET | (options->several ? COLUMN_SEVERAL : 0);
	const char *text = options->columns;

	*table = (struct table){ .columns = columns, .json = options->json };
	if (!text || *text == '+') {
		for (size_t i = 0; i < count; i++) {
			if (columns[i].flags & preset)
				choose(table, (unsigned)i);
		}
	}
	if (!text)
		return 0;
	if (*text == '+')
		text++;
	for (;;) {
		size_t length = strcspn(text, ",");
		int err = choose_name(table, count, text, length, why);

		if (err)
			return err;
		if (!text[length])
			return 0;
		text += length + 1;
	}
}

static int add_column(struct table *table, const struct column *column)
{
	int flags = column->flags & COLUMN_NUMBER && !table->json ? SCOLS_FL_RIGHT : 0;
	int type = SCOLS_JSON_STRING;
	struct libscols_column *added;

	if (column->flags & COLUMN_NUMBER)
		type = SCOLS_JSON_NUMBER;
	else if (column->flags & COLUMN_FLAG)
		type = SCOLS_JSON_BOOLEAN;
	if (column->flags & COLUMN_PROSE)
		flags |= SCOLS_FL_WRAP;
	added = scols_table_new_column(table->scols, column->name, 0, flags);
	if (!added)
		return -ENOMEM;
	/* Lines that table_print() breaks are broken at nothing else. */
	if (column->flags & COLUMN_PROSE &&
	    (scols_column_set_safechars(added, "\n") ||
	     scols_column_set_wrapfunc(added, scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
				       NULL)))
		return -ENOMEM;
	return scols_column_set_json_type(added, type);
}

int table_begin(struct table *table, const char *name, FILE *stream,
		const struct table_options *options, const struct style *style)
{
	int err;

	table->scols = scols_new_table();
	if (!table->scols)
		return -ENOMEM;
	scols_table_set_stream(table->scols, stream);
	/* The widths are ours to choose: nothing is ever cut. */
	scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_NEVER);
	scols_table_enable_ascii(table->scols, !style->utf8);
	scols_table_enable_noheadings(table->scols, options->noheadings);
	scols_table_enable_raw(table->scols, options->raw && !options->json);
	if (options->pairs)
		scols_table_enable_export(table->scols, 1);
	scols_table_enable_json(table->scols, options->json);
	err = scols_table_set_name(table->scols, name);
	for (size_t i = 0; !err && i < table->chosen_count; i++)
		err = add_column(table, &table->columns[table->chosen[i]]);
	return err;
}

int table_add(struct table *table, const void *row, table_cell_fn *cell)
{
	struct libscols_line *line = scols_table_new_line(table->scols, NULL);

	if (!line)
		return -ENOMEM;
	for (size_t i = 0; i < table->chosen_count; i++) {
		char text[TABLE_TEXT];
		const char *value = cell(row, table->chosen[i], text);
		int err;

		/* An empty field could not be told from none in raw output. */
		if (!value || !*value)
			value = table->json ? NULL : "-";
		err = scols_line_set_data(line, i, value);
		if (err)
			return err;
	}
	return 0;
}

void table_free(struct table *table)
{
	scols_unref_table(table->scols);
	table->scols = NULL;
}
