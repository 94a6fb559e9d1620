// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/cells.h"

#include <string.h>

static const struct {
	const char *text;
	enum tone tone;
	const char *legend;
} kinds[] = {
	[CELL_IN_SYNC] = { "=", TONE_GOOD, "= in sync" },
	[CELL_NEVER] = { "=", TONE_GOOD, "= 0/n: in sync in all of n trials" },
	[CELL_LATENT] = { "= latent", TONE_WARN, "= latent: in sync yet, but page frames moved" },
	[CELL_LOST] = { "X lost", TONE_BAD, "X lost: the CPU does not see a device write" },
	[CELL_STALE] = { "X stale", TONE_BAD, "X stale: the device does not see a CPU write" },
	[CELL_BOTH] = { "X both", TONE_BAD, "X both: lost and stale" },
	[CELL_LEAK] = { "X leak", TONE_BAD,
			"X leak: another process sees what was written after fork()" },
	[CELL_FLAKY] = { "X", TONE_BAD, "X k/n: out of sync in k of n trials" },
	[CELL_BY_DESIGN] = { "x by design", TONE_DIM, "x by design: out of sync as asked for" },
	[CELL_REFUSED] = { "refused", TONE_DIM, "refused: by the kernel" },
	[CELL_NO_EFFECT] = { "no effect", TONE_DIM, "no effect: the race did not happen" },
	[CELL_SKIPPED] = { "skip", TONE_DIM, "skip: cannot run here" },
	[CELL_ERROR] = { "error", TONE_WARN, "error: thpin failed, see below" },
	[CELL_NOT_RUN] = { "?", TONE_WARN, "?: not run" },
};

static enum cell_kind loss_kind(const struct case_result *result)
{
	const struct outcome *outcome = &result->outcome;

	if (result_expectation(result) == EXPECT_BY_DESIGN)
		return CELL_BY_DESIGN;
	if (result_flaky(result) || result_statistical(result))
		return CELL_FLAKY;
	if (!outcome->pages_lost)
		return CELL_LEAK;
	if (!outcome->loss[LOSS_STALE].pages)
		return CELL_LOST;
	return outcome->loss[LOSS_WRITE].pages ? CELL_BOTH : CELL_STALE;
}

static enum cell_kind cell_kind(const struct case_result *result)
{
	if (!result->ran)
		return CELL_NOT_RUN;
	switch (result->outcome.verdict) {
	case VERDICT_IN_SYNC:
		if (result_statistical(result))
			return CELL_NEVER;
		return result_latent(result) ? CELL_LATENT : CELL_IN_SYNC;
	case VERDICT_OUT_OF_SYNC:
		return loss_kind(result);
	case VERDICT_REFUSED:
		return CELL_REFUSED;
	case VERDICT_NO_EFFECT:
		return CELL_NO_EFFECT;
	case VERDICT_SKIPPED:
		return CELL_SKIPPED;
	case VERDICT_ERROR:
	case VERDICT_COUNT:
		break;
	}
	return CELL_ERROR;
}

static void append(struct cell *cell, const char *text)
{
	size_t used = strlen(cell->text);

	snprintf(cell->text + used, sizeof(cell->text) - used, "%s", text);
}

void cell_make(struct cell *cell, const struct case_result *result)
{
	*cell = (struct cell){ .kind = cell_kind(result) };
	cell->tone = kinds[cell->kind].tone;
	if (cell->kind == CELL_FLAKY || cell->kind == CELL_NEVER)
		snprintf(cell->text, sizeof(cell->text), "%s %u/%u", kinds[cell->kind].text,
			 result->trials_lost, result->trials);
	else
		snprintf(cell->text, sizeof(cell->text), "%s", kinds[cell->kind].text);
	if (cell->kind == CELL_LOST || cell->kind == CELL_STALE || cell->kind == CELL_BOTH)
		cell->leak = result->outcome.loss[LOSS_LEAK].pages;
	if (cell->leak)
		append(cell, ", leak");
	if (result_lost(result) && result_unexpected(result)) {
		cell->unexpected = true;
		cell->tone = TONE_ALARM;
		append(cell, " !");
	}
}

const char *cell_legend(enum cell_kind kind)
{
	return kinds[kind].legend;
}
