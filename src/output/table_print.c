// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "output/table.h"

#define PROSE_MIN 24 /* columns of free text are not made narrower */

static size_t cell_width(const char *text)
{
	size_t width = 0;

	/* Bytes that go on a UTF-8 character take no column. */
	for (; text && *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t width = cell_width(table->columns[table->chosen[column]].name);
	struct libscols_iter *iter = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *line;

	while (iter && !scols_table_next_line(table->scols, iter, &line)) {
		struct libscols_cell *cell = scols_line_get_cell(line, column);
		size_t used = cell_width(scols_cell_get_data(cell));

		width = used > width ? used : width;
	}
	scols_free_iter(iter);
	return width;
}

/* Turn blanks into line breaks, so that no line is wider than @width. */
static void break_lines(char *text, size_t width)
{
	char *blank = NULL;
	size_t used = 0;

	for (char *c = text; *c; c++) {
		if (*c == ' ')
			blank = c;
		if (((unsigned char)*c & 0xc0) != 0x80)
			used++;
		if (used > width && blank) {
			*blank = '\n';
			used = (size_t)(c - blank);
			blank = NULL;
		}
	}
}

static int break_column(const struct table *table, size_t column, size_t width)
{
	struct libscols_iter *iter = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *line;
	int err = iter ? 0 : -ENOMEM;

	while (!err && !scols_table_next_line(table->scols, iter, &line)) {
		const char *data = scols_line_get_column_data(line,
							      scols_table_get_column(table->scols,
										     column));
		char *text = data ? strdup(data) : NULL;

		if (!text)
			continue;
		break_lines(text, width);
		err = scols_line_refer_data(line, column, text);
	}
	scols_free_iter(iter);
	return err;
}

static bool is_prose(const struct table *table, size_t i)
{
	return table->columns[table->chosen[i]].flags & COLUMN_PROSE;
}

/* The column of free text, not yet @done, that wants the least. */
static size_t least_prose(const struct table *table, const bool *done, size_t *wants)
{
	size_t least = table->chosen_count;

	for (size_t i = 0; i < table->chosen_count; i++) {
		size_t width;

		if (!is_prose(table, i) || done[i])
			continue;
		width = column_width(table, i);
		if (least == table->chosen_count || width < *wants) {
			least = i;
			*wants = width;
		}
	}
	return least;
}

/*
 * Free text shares the width that the other columns leave; those stay as wide
 * as they need to be, and a terminal that is too narrow for them wraps lines
 * itself rather than to miss a part.
 */
static int fit(const struct table *table, unsigned width)
{
	bool done[TABLE_COLUMNS_MAX] = { false };
	size_t used = 0, prose = 0, wants = 0;

	for (size_t i = 0; i < table->chosen_count; i++) {
		if (is_prose(table, i))
			prose++;
		else
			used += column_width(table, i) + 1;
	}
	/* What one of them does not need is left to the others. */
	for (; prose; prose--) {
		size_t i = least_prose(table, done, &wants);
		/* Of what is left, a blank behind each included. */
		size_t share = width > used ? (width - used) / prose : 0;
		size_t room = share > PROSE_MIN ? share - 1 : PROSE_MIN;

		if (wants > room) {
			int err = break_column(table, i, room);

			if (err)
				return err;
			wants = room;
		}
		used += wants + 1;
		done[i] = true;
	}
	/* Cells of several lines need columns of a fixed width. */
	scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_ALWAYS);
	return scols_table_set_termwidth(table->scols, used);
}

int table_print(struct table *table, const struct style *style)
{
	int err = 0;

	if (style->width && !table->json && !scols_table_is_raw(table->scols))
		err = fit(table, style->width);
	if (!err)
		err = scols_print_table(table->scols);
	return err;
}
