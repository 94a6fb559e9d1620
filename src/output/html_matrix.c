// SPDX-License-Identifier: GPL-2.0-or-later
/* The matrix of output_matrix() as tables, one for each memory kind. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "memory/memory.h"
#include "output/cells.h"
#include "output/grid.h"
#include "output/html_parts.h"
#include "pins/pins.h"
#include "races/races.h"

struct tables {
	const struct report *report;
	struct html *html;
	const struct html_losses *losses;
	bool seen[CELL_COUNT];
	bool unexpected;
};

static const char *tone_class(enum tone tone)
{
	switch (tone) {
	case TONE_GOOD:
		return "good";
	case TONE_BAD:
	case TONE_ALARM:
		return "bad";
	case TONE_WARN:
		return "warn";
	case TONE_DIM:
		return "dim";
	case TONE_PLAIN:
	case TONE_HEAD:
		break;
	}
	return "";
}

static void print_cell(struct tables *tables, const struct case_result *result)
{
	struct html *html = tables->html;
	size_t leader = SIZE_MAX;
	struct cell cell;

	html_open(html, "td");
	if (!result) {
		html_close(html);
		return;
	}
	cell_make(&cell, result);
	tables->seen[cell.kind] = true;
	tables->seen[CELL_LEAK] |= cell.leak;
	tables->unexpected |= cell.unexpected;
	html_attribute(html, "class", tone_class(cell.tone));
	leader = tables->losses->leader[result - tables->report->run->results];
	if (leader == SIZE_MAX) {
		html_text(html, cell.text);
	} else {
		html_open(html, "a");
		html_attributef(html, "href", "#loss-%zu", leader + 1);
		html_text(html, cell.text);
		html_close(html);
	}
	html_close(html);
}

static void print_head(struct tables *tables, const struct grid *grid)
{
	struct html *html = tables->html;

	html_open(html, "thead");
	html_open(html, "tr");
	html_open(html, "th");
	html_attribute(html, "scope", "col");
	html_text(html, "race");
	html_close(html);
	for (size_t pin = 0; pin < grid->pins; pin++) {
		if (grid_column_is(grid, pin, VERDICT_SKIPPED, NULL))
			continue;
		html_open(html, "th");
		html_attribute(html, "scope", "col");
		html_text(html, grid->pin[pin]->name);
		html_open(html, "br");
		html_close(html);
		html_element(html, "small", NULL,
			     pin_class_name(grid->pin[pin]->class(tables->report->run->host)));
		html_close(html);
	}
	html_close(html);
	html_close(html);
}

static void print_rows(struct tables *tables, const struct grid *grid)
{
	struct html *html = tables->html;

	html_open(html, "tbody");
	for (size_t race = 0; race < grid->races; race++) {
		if (grid_row_is(grid, race, VERDICT_SKIPPED, NULL))
			continue;
		html_newline(html);
		html_open(html, "tr");
		html_open(html, "th");
		html_attribute(html, "scope", "row");
		html_text(html, grid->race[race]->name);
		html_close(html);
		for (size_t pin = 0; pin < grid->pins; pin++)
			if (!grid_column_is(grid, pin, VERDICT_SKIPPED, NULL))
				print_cell(tables, grid_cell(grid, race, pin));
		html_close(html);
	}
	html_close(html);
}

static void print_table(struct tables *tables, const struct grid *grid)
{
	struct html *html = tables->html;

	html_newline(html);
	html_open(html, "div");
	/* What scrolls has to be reached by the keyboard, and to have a name. */
	html_attribute(html, "class", "scroll");
	html_attribute(html, "tabindex", "0");
	html_attribute(html, "role", "region");
	html_attributef(html, "aria-label", "verdicts for %s", grid->memory->name);
	html_open(html, "table");
	html_attribute(html, "class", "grid");
	html_open(html, "caption");
	html_element(html, "b", NULL, grid->memory->name);
	html_printf(html, ": %s", grid->memory->help);
	html_close(html);
	print_head(tables, grid);
	print_rows(tables, grid);
	html_close(html);
	html_close(html);
}

static void print_legend(struct tables *tables)
{
	html_newline(tables->html);
	html_open(tables->html, "ul");
	html_attribute(tables->html, "class", "legend");
	for (size_t i = 0; i < CELL_COUNT; i++)
		if (tables->seen[i])
			html_element(tables->html, "li", NULL, cell_legend((enum cell_kind)i));
	if (tables->unexpected)
		html_element(tables->html, "li", "bad", "!: unexpected on this kernel");
	html_close(tables->html);
}

int html_matrix(const struct report *report, const struct html_losses *losses)
{
	struct tables tables = { .report = report, .html = report->html, .losses = losses };
	const struct run *run = report->run;
	int err = 0;

	for (size_t i = 0; !err && i < memory_list_count; i++) {
		struct grid grid = { 0 };

		err = grid_make(&grid, run, memory_list[i]);
		if (!err && grid.pins && !grid_skipped(&grid))
			print_table(&tables, &grid);
		grid_free(&grid);
	}
	print_legend(&tables);
	return err;
}
