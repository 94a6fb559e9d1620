// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "host/host.h"
#include "memory/memory.h"
#include "output/blocks.h"
#include "output/parts.h"
#include "output/reasons.h"

/* The memory kinds of a run, each with its results. */
struct kinds {
	struct grid *grids;
	size_t count;
};

static void kinds_free(struct kinds *kinds)
{
	for (size_t i = 0; i < kinds->count; i++)
		grid_free(&kinds->grids[i]);
	free(kinds->grids);
}

static bool kinds_have(const struct kinds *kinds, const struct memory_ops *memory)
{
	for (size_t i = 0; i < kinds->count; i++) {
		if (kinds->grids[i].memory == memory)
			return true;
	}
	return false;
}

static int kinds_make(struct kinds *kinds, const struct run *run)
{
	*kinds = (struct kinds){ .grids = calloc(run->count + 1, sizeof(*kinds->grids)) };
	if (!kinds->grids)
		return -ENOMEM;
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];
		int err;

		if (result->control || kinds_have(kinds, result->id.memory))
			continue;
		err = grid_make(&kinds->grids[kinds->count++], run, result->id.memory);
		if (err)
			return err;
	}
	return 0;
}

static const char *memory_name(const void *list, size_t i)
{
	return ((const struct kinds *)list)->grids[i].memory->name;
}

/* One line for all the kinds of memory that cannot be made here for one reason. */
static int print_skipped(FILE *stream, const struct style *style, const struct kinds *kinds,
			 size_t kind, const char *reason)
{
	bool *on = calloc(kinds->count, sizeof(*on)), told = false;
	struct wrap wrap;

	if (!on)
		return -ENOMEM;
	for (size_t i = 0; i < kinds->count; i++) {
		const char *other = grid_skipped(&kinds->grids[i]);

		on[i] = other && !strcmp(other, reason);
		told |= i < kind && on[i];
	}
	if (!told) {
		wrap_begin(&wrap, stream, style, 0, 4);
		wrap_tone(&wrap, TONE_DIM);
		reasons_names(&wrap, kinds->count, memory_name, kinds, on);
		wrap_text(&wrap, ": skipped: ");
		wrap_text(&wrap, reason);
		wrap_end(&wrap);
		fputc('\n', stream);
	}
	free(on);
	return 0;
}

static void print_legend(FILE *stream, const struct style *style, const struct seen *seen)
{
	struct wrap wrap;
	bool any = false;

	wrap_begin(&wrap, stream, style, 0, 0);
	for (size_t i = 0; i < CELL_COUNT; i++) {
		if (!seen->kind[i])
			continue;
		wrap_text(&wrap, any ? "   " : "");
		wrap_word(&wrap, cell_legend((enum cell_kind)i));
		any = true;
	}
	if (seen->unexpected) {
		wrap_text(&wrap, "   ");
		wrap_word(&wrap, "!: unexpected on this kernel");
	}
	wrap_end(&wrap);
	if (any)
		fputc('\n', stream);
}

static int print_kinds(FILE *stream, const struct run *run, const struct style *style)
{
	struct seen seen = { 0 };
	struct kinds kinds;
	int err = kinds_make(&kinds, run);

	for (size_t i = 0; !err && i < kinds.count; i++) {
		const char *reason = grid_skipped(&kinds.grids[i]);

		if (reason)
			err = print_skipped(stream, style, &kinds, i, reason);
		else
			err = block_print(stream, run, &kinds.grids[i], style, &seen);
	}
	if (!err)
		print_legend(stream, style, &seen);
	kinds_free(&kinds);
	return err;
}

int output_matrix(FILE *stream, const struct run *run, const struct style *style)
{
	struct run_summary summary;
	char line[256];
	int err;

	host_line(run->host, line, sizeof(line));
	tone_on(stream, style, TONE_HEAD);
	fprintf(stream, "thpin %s   %s", THPIN_VERSION, line);
	tone_off(stream, style, TONE_HEAD);
	fputs("\n\n", stream);

	err = print_kinds(stream, run, style);
	if (err)
		return err;
	output_losses(stream, run, style);
	output_notes(stream, run, style);
	run_summarize(run, &summary);
	output_summary(stream, run, &summary, style);
	return 0;
}
