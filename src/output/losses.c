// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/explain.h"
#include "output/parts.h"
#include "output/text.h"

/* How much two losses must have in common to be told in one paragraph. */
enum likeness { ALIKE_NEVER, ALIKE_RACE, ALIKE_RULE };

/* More names than this of cases like the one that is told in full are counted. */
#define NAMES_MAX 12

/* More paragraphs than this are not read: losses that are alike share one. */
#define PARAGRAPHS_MAX 6

/* Losses are told in two passes: the unexpected ones, then the known hazards. */
static bool in_pass(const struct case_result *result, bool unexpected)
{
	return result_bad(result) && !result->control && result_unexpected(result) == unexpected;
}

/* Of a loss: flaky, or by luck. */
static bool in_part(const struct case_result *result)
{
	return result->trials_lost < result->trials;
}

static bool alike(const struct case_result *a, const struct case_result *b, enum likeness likeness)
{
	if (likeness == ALIKE_NEVER || a->rule != b->rule || in_part(a) != in_part(b))
		return false;
	for (unsigned kind = 0; kind < LOSS_COUNT; kind++) {
		if (!a->outcome.loss[kind].pages != !b->outcome.loss[kind].pages)
			return false;
	}
	/* Without a rule that explains them, two races are two findings. */
	return a->id.race == b->id.race || (likeness == ALIKE_RULE && !result_unexpected(a));
}

/* The first loss of those like results[i], in the order of the run. */
static size_t leader_of(const struct run *run, size_t i, enum likeness likeness)
{
	const struct case_result *result = &run->results[i];
	bool unexpected = result_unexpected(result);

	for (size_t j = 0; j < i; j++) {
		if (in_pass(&run->results[j], unexpected) &&
		    alike(&run->results[j], result, likeness))
			return j;
	}
	return i;
}

static size_t count_paragraphs(const struct run *run, enum likeness likeness)
{
	size_t count = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (result_bad(&run->results[i]) && !run->results[i].control &&
		    leader_of(run, i, likeness) == i)
			count++;
	}
	return count;
}

/* True when a paragraph above has told the rule of results[i]. */
static bool rule_told(const struct run *run, size_t i, enum likeness likeness)
{
	const struct case_result *result = &run->results[i];
	bool unexpected = result_unexpected(result);

	for (size_t j = 0; j < i; j++) {
		if (in_pass(&run->results[j], unexpected) && run->results[j].rule == result->rule &&
		    leader_of(run, j, likeness) == j)
			return true;
	}
	return false;
}

static void print_rest(FILE *stream, const struct run *run, size_t leader, enum likeness likeness,
		       const struct style *style)
{
	const struct case_result *result = &run->results[leader];
	bool unexpected = result_unexpected(result);
	char name[CASE_NAME_SIZE];
	struct wrap wrap;
	size_t names = 0;

	for (size_t i = leader + 1; i < run->count; i++) {
		if (!in_pass(&run->results[i], unexpected) ||
		    !alike(result, &run->results[i], likeness))
			continue;
		if (names++ >= NAMES_MAX)
			continue;
		if (names == 1) {
			wrap_begin(&wrap, stream, style, 2, 4);
			wrap_text(&wrap, "The same: ");
		} else {
			wrap_text(&wrap, ", ");
		}
		wrap_text(&wrap, case_name(&run->results[i].id, name));
	}
	if (names > NAMES_MAX)
		wrap_printf(&wrap, " and %zu more (--list shows all)", names - NAMES_MAX);
	if (names)
		wrap_end(&wrap);
}

void output_losses(FILE *stream, const struct run *run, const struct style *style)
{
	enum likeness likeness = ALIKE_NEVER;

	while (likeness < ALIKE_RULE && count_paragraphs(run, likeness) > PARAGRAPHS_MAX)
		likeness++;

	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < run->count; i++) {
			if (!in_pass(&run->results[i], pass == 0) ||
			    leader_of(run, i, likeness) != i)
				continue;
			loss_paragraph(stream, run, &run->results[i], !rule_told(run, i, likeness),
				       style);
			print_rest(stream, run, i, likeness, style);
			fputc('\n', stream);
		}
	}
}

void output_explained(FILE *stream, const struct run *run, const struct style *style)
{
	struct run_summary summary;
	bool lost = false;

	for (size_t i = 0; i < run->count; i++) {
		if (run->results[i].control || !result_lost(&run->results[i]))
			continue;
		loss_paragraph(stream, run, &run->results[i], true, style);
		fputc('\n', stream);
		lost = true;
	}
	run_summarize(run, &summary);
	if (!lost)
		fprintf(stream, "Nothing was lost in %u case%s.\n\n", summary.cases,
			summary.cases == 1 ? "" : "s");
	output_notes(stream, run, style);
	output_summary(stream, run, &summary, style);
}
