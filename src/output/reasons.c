// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/reasons.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "output/words.h"
#include "pins/pins.h"
#include "races/races.h"

/* More lines than this a block would bury the losses. */
#define REASONS_MAX 12

/* Of a pin that is alone with a reason: more races than this are counted. */
#define RACES_MAX 4

/* Which names one reason holds for. */
struct marks {
	bool *pins;  /* columns, all of whose cells have it */
	bool *races; /* rows likewise */
	bool *part;  /* pins of a row that has it in some cells */
};

typedef const char *name_at_fn(const void *list, size_t i);

static const char *pin_name(const void *list, size_t i)
{
	return ((const struct grid *)list)->pin[i]->name;
}

static const char *race_name(const void *list, size_t i)
{
	return ((const struct grid *)list)->race[i]->name;
}

/* Length of "odirect-" in "odirect-read", 0 without a dash. */
static size_t prefix_length(const char *name)
{
	const char *dash = strchr(name, '-');

	return dash ? (size_t)(dash - name) + 1 : 0;
}

/*
 * How many names share the first part of name @i: 0 when one of them is off or
 * it has no such part. *leader is the first of them.
 */
static size_t group_size(size_t count, name_at_fn *name_at, const void *list, const bool *on,
			 size_t i, size_t *leader)
{
	size_t length = prefix_length(name_at(list, i)), size = 0;

	for (size_t j = 0; length && j < count; j++) {
		if (strncmp(name_at(list, j), name_at(list, i), length))
			continue;
		if (!on[j])
			return 0;
		if (!size++)
			*leader = j;
	}
	return size;
}

static void add_name(struct wrap *wrap, bool *first, const char *name, const char *rest)
{
	if (!*first)
		wrap_text(wrap, ", ");
	*first = false;
	wrap_word(wrap, name);
	wrap_word(wrap, rest);
}

static void add_names(struct wrap *wrap, bool *first, size_t count, name_at_fn *name_at,
		      const void *list, const bool *on)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = name_at(list, i);
		char glob[CASE_NAME_SIZE];
		size_t leader = i;

		if (!on[i])
			continue;
		if (group_size(count, name_at, list, on, i, &leader) < 2) {
			add_name(wrap, first, name, "");
		} else if (leader == i) {
			snprintf(glob, sizeof(glob), "%.*s", (int)prefix_length(name), name);
			add_name(wrap, first, glob, "*");
		}
	}
}

void reasons_names(struct wrap *wrap, size_t count, name_at_fn *name_at, const void *list,
		   const bool *on)
{
	bool first = true;

	add_names(wrap, &first, count, name_at, list, on);
}

/* "pageout (odirect-*)": the pins of one race that no column or row has told. */
static void add_part(struct wrap *wrap, bool *first, const struct grid *grid, size_t race,
		     const struct case_result *like, const struct marks *marks)
{
	bool any = false, first_pin = true;

	for (size_t pin = 0; pin < grid->pins; pin++) {
		const struct case_result *cell = grid_cell(grid, race, pin);

		marks->part[pin] = cell && !marks->pins[pin] &&
				   cell_is(cell, like->outcome.verdict, like->outcome.reason.text);
		any |= marks->part[pin];
	}
	if (!any)
		return;
	add_name(wrap, first, grid->race[race]->name, "");
	wrap_text(wrap, " (");
	add_names(wrap, &first_pin, grid->pins, pin_name, grid, marks->part);
	wrap_text(wrap, ")");
}

/*
 * The pin that alone has a reason, in so many races that their names would bury
 * the others: they are to be seen in its column. *races is how many they are.
 */
static const struct pin_ops *only_pin(const struct grid *grid, const struct case_result *like,
				      size_t *races)
{
	size_t only = grid->pins;

	*races = 0;
	for (size_t i = 0; i < grid->pins * grid->races; i++) {
		const struct case_result *cell = grid->cells[i];

		if (!cell || !cell_is(cell, like->outcome.verdict, like->outcome.reason.text))
			continue;
		if (only != grid->pins && only != i % grid->pins)
			return NULL;
		only = i % grid->pins;
		++*races;
	}
	return *races > RACES_MAX ? grid->pin[only] : NULL;
}

static void print_reason(FILE *stream, const struct grid *grid, const struct style *style,
			 const struct case_result *like, const struct marks *marks)
{
	enum verdict verdict = like->outcome.verdict;
	const char *reason = like->outcome.reason.text;
	struct wrap wrap;
	const struct pin_ops *pin_alone;
	bool first = true;
	size_t races;

	/* A pin is skipped for reasons of its own; races are refused. */
	for (size_t pin = 0; pin < grid->pins; pin++)
		marks->pins[pin] = verdict == VERDICT_SKIPPED &&
				   grid_column_is(grid, pin, verdict, reason);
	for (size_t race = 0; race < grid->races; race++)
		marks->races[race] = grid_row_is(grid, race, verdict, reason);

	wrap_begin(&wrap, stream, style, 2, 4);
	wrap_tone(&wrap, TONE_DIM);
	add_names(&wrap, &first, grid->pins, pin_name, grid, marks->pins);
	pin_alone = first && grid->pins > 1 ? only_pin(grid, like, &races) : NULL;
	if (pin_alone)
		wrap_printf(&wrap, "%s (%zu races)", pin_alone->name, races);
	else
		add_names(&wrap, &first, grid->races, race_name, grid, marks->races);
	for (size_t race = 0; !pin_alone && race < grid->races; race++) {
		if (!marks->races[race])
			add_part(&wrap, &first, grid, race, like, marks);
	}
	wrap_printf(&wrap, ": %s: ", verdict_words(verdict));
	wrap_text(&wrap, *reason ? reason : "no reason given");
	wrap_end(&wrap);
}

static bool has_reason(const struct case_result *cell)
{
	return cell && cell->ran &&
	       (cell->outcome.verdict == VERDICT_SKIPPED ||
		cell->outcome.verdict == VERDICT_REFUSED ||
		cell->outcome.verdict == VERDICT_NO_EFFECT);
}

static bool told_before(const struct grid *grid, size_t i)
{
	const struct case_result *cell = grid->cells[i];

	for (size_t j = 0; j < i; j++) {
		if (grid->cells[j] &&
		    cell_is(grid->cells[j], cell->outcome.verdict, cell->outcome.reason.text))
			return true;
	}
	return false;
}

int reasons_print(FILE *stream, const struct grid *grid, const struct style *style)
{
	bool *on = calloc(2 * grid->pins + grid->races, sizeof(*on));
	struct marks marks;
	size_t lines = 0;

	if (!on)
		return -ENOMEM;
	marks.pins = on;
	marks.part = on + grid->pins;
	marks.races = marks.part + grid->pins;
	for (size_t i = 0; i < grid->pins * grid->races; i++) {
		if (!has_reason(grid->cells[i]) || told_before(grid, i))
			continue;
		if (lines++ < REASONS_MAX)
			print_reason(stream, grid, style, grid->cells[i], &marks);
	}
	if (lines > REASONS_MAX)
		fprintf(stream, "  %zu more reasons: thpin repro -o CASE,VERDICT,REASON\n",
			lines - REASONS_MAX);
	free(on);
	return 0;
}
