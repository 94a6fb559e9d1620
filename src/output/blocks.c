// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/blocks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memory/memory.h"
#include "output/reasons.h"
#include "pins/pins.h"
#include "races/races.h"

#define ROWS_MAX 24

#define GAP 2 /* blanks before a column, and before the row names */

/* A block that is being printed. */
struct block {
	FILE *stream;
	const struct style *style;
	const struct host *host;
	const struct grid *grid;
	unsigned names;  /* width of the column of races */
	unsigned *width; /* of each pin's column, 0: not shown */
	size_t *same;    /* the first pin with the same column, or itself */
	bool tall;       /* so many races that those with nothing to see share a line */
	struct seen *seen;
};

static unsigned longer(unsigned width, const char *text)
{
	unsigned length = (unsigned)strlen(text);

	return length > width ? length : width;
}

/* A race that could not be run at all is told below the block only. */
static bool row_shown(const struct grid *grid, size_t race)
{
	return !grid_row_is(grid, race, VERDICT_SKIPPED, NULL);
}

static const char *class_text(const struct block *block, size_t pin)
{
	return pin_class_name(block->grid->pin[pin]->class(block->host));
}

static unsigned column_width(const struct block *block, size_t pin)
{
	const struct grid *grid = block->grid;
	unsigned width = longer(0, grid->pin[pin]->name);

	if (grid_column_is(grid, pin, VERDICT_SKIPPED, NULL))
		return 0;
	width = longer(width, class_text(block, pin));
	for (size_t race = 0; race < grid->races; race++) {
		const struct case_result *result = grid_cell(grid, race, pin);
		struct cell cell;

		if (!result || !row_shown(grid, race))
			continue;
		cell_make(&cell, result);
		width = longer(width, cell.text);
	}
	return width;
}

static bool same_cell(const struct case_result *a, const struct case_result *b)
{
	struct cell left, right;

	if (!a || !b)
		return a == b;
	cell_make(&left, a);
	cell_make(&right, b);
	return !strcmp(left.text, right.text);
}

static bool same_column(const struct block *block, size_t a, size_t b)
{
	const struct grid *grid = block->grid;

	if (!block->width[a] || !block->width[b] ||
	    strcmp(class_text(block, a), class_text(block, b)))
		return false;
	for (size_t race = 0; race < grid->races; race++) {
		if (!same_cell(grid_cell(grid, race, a), grid_cell(grid, race, b)))
			return false;
	}
	return true;
}

/* Columns that are the same are one, with a line below that says which. */
static void fold_columns(struct block *block)
{
	for (size_t pin = 0; pin < block->grid->pins; pin++) {
		size_t like = 0;

		while (like < pin && (block->same[like] != like || !same_column(block, like, pin)))
			like++;
		block->same[pin] = like;
	}
	for (size_t pin = 0; pin < block->grid->pins; pin++) {
		if (block->same[pin] != pin)
			block->width[pin] = 0;
	}
}

static size_t rows_count(const struct grid *grid)
{
	size_t rows = 0;

	for (size_t race = 0; race < grid->races; race++)
		rows += row_shown(grid, race);
	return rows;
}

/* In a tall block: a race that is in sync with every pin. */
static bool row_folded(const struct block *block, size_t race)
{
	for (size_t pin = 0; pin < block->grid->pins; pin++) {
		const struct case_result *result = grid_cell(block->grid, race, pin);
		struct cell cell;

		if (!result || grid_column_is(block->grid, pin, VERDICT_SKIPPED, NULL))
			continue;
		cell_make(&cell, result);
		if (cell.kind != CELL_IN_SYNC)
			return false;
	}
	return block->tall;
}

static void print_folded_rows(const struct block *block)
{
	bool any = false;
	struct wrap wrap;

	for (size_t race = 0; race < block->grid->races; race++) {
		if (!row_shown(block->grid, race) || !row_folded(block, race))
			continue;
		if (!any) {
			wrap_begin(&wrap, block->stream, block->style, 2, 4);
			wrap_text(&wrap, "= with every pin: ");
		} else {
			wrap_text(&wrap, ", ");
		}
		wrap_text(&wrap, block->grid->race[race]->name);
		any = true;
	}
	if (!any)
		return;
	wrap_end(&wrap);
	block->seen->kind[CELL_IN_SYNC] = true;
}

static const char *folded_name(const void *list, size_t i)
{
	return ((const struct block *)list)->grid->pin[i]->name;
}

static int print_folded(const struct block *block)
{
	bool *on = calloc(block->grid->pins, sizeof(*on));
	struct wrap wrap;

	if (!on)
		return -ENOMEM;
	print_folded_rows(block);
	for (size_t like = 0; like < block->grid->pins; like++) {
		bool any = false;

		for (size_t pin = 0; pin < block->grid->pins; pin++) {
			on[pin] = pin != like && block->same[pin] == like;
			any |= on[pin];
		}
		if (!any)
			continue;
		wrap_begin(&wrap, block->stream, block->style, 2, 4);
		reasons_names(&wrap, block->grid->pins, folded_name, block, on);
		wrap_printf(&wrap, ": the same as %s", block->grid->pin[like]->name);
		wrap_end(&wrap);
	}
	free(on);
	return 0;
}

static unsigned names_width(const struct grid *grid)
{
	unsigned width = longer(0, "class");

	for (size_t race = 0; race < grid->races; race++) {
		if (row_shown(grid, race))
			width = longer(width, grid->race[race]->name);
	}
	return width;
}

static void print_heading(const struct block *block, bool classes, size_t from, size_t to)
{
	unsigned pad = 0;

	tone_on(block->stream, block->style, TONE_DIM);
	fprintf(block->stream, "%*s%-*s", GAP, "", (int)block->names, classes ? "class" : "race");
	for (size_t pin = from; pin < to; pin++) {
		const char *text = classes ? class_text(block, pin) : block->grid->pin[pin]->name;

		if (!block->width[pin])
			continue;
		fprintf(block->stream, "%*s%s", (int)pad + GAP, "", text);
		pad = block->width[pin] - (unsigned)strlen(text);
	}
	tone_off(block->stream, block->style, TONE_DIM);
	fputc('\n', block->stream);
}

static void print_race(const struct block *block, size_t race, size_t from, size_t to)
{
	unsigned pad = 0;
	bool any = false;

	for (size_t pin = from; pin < to; pin++)
		any |= block->width[pin] && grid_cell(block->grid, race, pin);
	if (!any)
		return;

	fprintf(block->stream, "%*s%-*s", GAP, "", (int)block->names,
		block->grid->race[race]->name);
	for (size_t pin = from; pin < to; pin++) {
		const struct case_result *result = grid_cell(block->grid, race, pin);
		struct cell cell = { .text = "" };

		if (!block->width[pin])
			continue;
		if (result) {
			cell_make(&cell, result);
			block->seen->kind[cell.kind] = true;
			block->seen->kind[CELL_LEAK] |= cell.leak;
			block->seen->unexpected |= cell.unexpected;
		}
		/* Padding waits for the next cell: no blanks at the end of a line. */
		if (cell.text[0]) {
			fprintf(block->stream, "%*s", (int)pad + GAP, "");
			tone_on(block->stream, block->style, cell.tone);
			fputs(cell.text, block->stream);
			tone_off(block->stream, block->style, cell.tone);
			pad = block->width[pin] - (unsigned)strlen(cell.text);
		} else {
			pad += GAP + block->width[pin];
		}
	}
	fputc('\n', block->stream);
}

/* The end of the columns that fit on a line, at least one, and how many they are. */
static size_t columns_end(const struct block *block, size_t from, size_t *columns)
{
	unsigned limit = text_width(block->style), used = GAP + block->names;
	size_t pin = from;

	if (block->style->width > limit)
		limit = block->style->width;
	for (*columns = 0; pin < block->grid->pins; pin++) {
		unsigned width = block->width[pin];

		if (width && *columns && used + GAP + width > limit)
			break;
		if (width) {
			used += GAP + width;
			++*columns;
		}
	}
	return pin;
}

/* A grid that is too wide is cut into several, one below the other. */
static int print_grid(struct block *block)
{
	const struct grid *grid = block->grid;
	size_t to, columns;
	int err;

	block->names = names_width(grid);
	block->width = calloc(grid->pins, sizeof(*block->width));
	block->same = calloc(grid->pins, sizeof(*block->same));
	if (!block->width || !block->same) {
		free(block->width);
		free(block->same);
		return -ENOMEM;
	}
	for (size_t pin = 0; pin < grid->pins; pin++) {
		block->width[pin] = column_width(block, pin);
		block->same[pin] = pin;
	}
	if (columns_end(block, 0, &columns) < grid->pins)
		fold_columns(block);
	block->tall = rows_count(grid) > ROWS_MAX;

	for (size_t from = 0; from < grid->pins; from = to) {
		to = columns_end(block, from, &columns);
		if (!columns)
			break;
		if (from)
			fputc('\n', block->stream);
		print_heading(block, false, from, to);
		print_heading(block, true, from, to);
		for (size_t race = 0; race < grid->races; race++) {
			if (row_shown(grid, race) && !row_folded(block, race))
				print_race(block, race, from, to);
		}
	}
	err = print_folded(block);
	free(block->width);
	free(block->same);
	return err;
}

int block_print(FILE *stream, const struct run *run, const struct grid *grid,
		const struct style *style, struct seen *seen)
{
	struct block block = {
		.stream = stream,
		.style = style,
		.host = run->host,
		.grid = grid,
		.seen = seen,
	};
	int err;

	tone_on(stream, style, TONE_HEAD);
	fputs(grid->memory->name, stream);
	tone_off(stream, style, TONE_HEAD);
	fprintf(stream, ": %s\n", grid->memory->help);
	err = print_grid(&block);
	if (!err)
		err = reasons_print(stream, grid, style);
	fputc('\n', stream);
	return err;
}
