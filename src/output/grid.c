// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/grid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The index of @item, added at the end when it is new. */
static size_t place(const void **items, size_t *count, const void *item)
{
	size_t i = 0;

	while (i < *count && items[i] != item)
		i++;
	if (i == *count)
		items[(*count)++] = item;
	return i;
}

int grid_make(struct grid *grid, const struct run *run, const struct memory_ops *memory)
{
	*grid = (struct grid){ .memory = memory };
	grid->pin = calloc(run->count, sizeof(*grid->pin));
	grid->race = calloc(run->count, sizeof(*grid->race));
	if (!grid->pin || !grid->race)
		return -ENOMEM;
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];

		if (result->control || result->id.memory != memory)
			continue;
		place((const void **)grid->pin, &grid->pins, result->id.pin);
		place((const void **)grid->race, &grid->races, result->id.race);
	}

	grid->cells = calloc(grid->pins * grid->races + 1, sizeof(*grid->cells));
	if (!grid->cells)
		return -ENOMEM;
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];
		size_t pin, race;

		if (result->control || result->id.memory != memory)
			continue;
		pin = place((const void **)grid->pin, &grid->pins, result->id.pin);
		race = place((const void **)grid->race, &grid->races, result->id.race);
		grid->cells[race * grid->pins + pin] = result;
	}
	return 0;
}

void grid_free(struct grid *grid)
{
	free(grid->pin);
	free(grid->race);
	free(grid->cells);
	*grid = (struct grid){ 0 };
}

const struct case_result *grid_cell(const struct grid *grid, size_t race, size_t pin)
{
	return grid->cells[race * grid->pins + pin];
}

bool cell_is(const struct case_result *cell, enum verdict verdict, const char *reason)
{
	return cell->ran && cell->outcome.verdict == verdict &&
	       (!reason || !strcmp(cell->outcome.reason.text, reason));
}

bool grid_column_is(const struct grid *grid, size_t pin, enum verdict verdict, const char *reason)
{
	bool any = false;

	for (size_t race = 0; race < grid->races; race++) {
		const struct case_result *cell = grid_cell(grid, race, pin);

		if (cell && !cell_is(cell, verdict, reason))
			return false;
		any = any || cell;
	}
	return any;
}

bool grid_row_is(const struct grid *grid, size_t race, enum verdict verdict, const char *reason)
{
	bool any = false;

	for (size_t pin = 0; pin < grid->pins; pin++) {
		const struct case_result *cell = grid_cell(grid, race, pin);

		/* A column that could not be run at all says nothing about the row. */
		if (!cell || grid_column_is(grid, pin, VERDICT_SKIPPED, NULL))
			continue;
		if (!cell_is(cell, verdict, reason))
			return false;
		any = true;
	}
	return any;
}

const char *grid_skipped(const struct grid *grid)
{
	const char *reason = NULL;

	for (size_t i = 0; i < grid->pins * grid->races; i++) {
		if (!grid->cells[i])
			continue;
		if (!reason)
			reason = grid->cells[i]->outcome.reason.text;
		if (!cell_is(grid->cells[i], VERDICT_SKIPPED, reason))
			return NULL;
	}
	return reason;
}
