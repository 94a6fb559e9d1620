// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/parts.h"
#include "output/text.h"
#include "output/words.h"
#include "races/races.h"

static void add_count(struct wrap *wrap, unsigned count, const char *words)
{
	if (count)
		wrap_printf(wrap, ", %u %s", count, words);
}

static void print_counts(FILE *stream, const struct run *run, const struct run_summary *summary,
			 const struct style *style)
{
	const unsigned *verdicts = summary->verdicts;
	unsigned bad = verdicts[VERDICT_OUT_OF_SYNC] - summary->by_design;
	unsigned tested = summary->cases - verdicts[VERDICT_SKIPPED];
	enum tone tone = bad ? TONE_BAD : TONE_HEAD;
	struct wrap wrap;

	wrap_begin(&wrap, stream, style, 0, 4);
	wrap_tone(&wrap, tone);
	wrap_printf(&wrap, "%u case%s in %.1f s: %u in sync, %u OUT OF SYNC", tested,
		    tested == 1 ? "" : "s", (double)run->ns / 1e9, verdicts[VERDICT_IN_SYNC], bad);
	if (bad && !summary->unexpected)
		wrap_text(&wrap, " (all known hazards of this kernel)");
	else if (bad && summary->unexpected < bad)
		wrap_printf(&wrap, " (%u UNEXPECTED, %u known hazards of this kernel)",
			    summary->unexpected, bad - summary->unexpected);
	else if (bad)
		wrap_text(&wrap, " (all UNEXPECTED)");
	add_count(&wrap, summary->by_design, "by design");
	add_count(&wrap, verdicts[VERDICT_REFUSED], "refused");
	add_count(&wrap, verdicts[VERDICT_NO_EFFECT], "no effect");
	wrap_printf(&wrap, ", %u error%s", verdicts[VERDICT_ERROR],
		    verdicts[VERDICT_ERROR] == 1 ? "" : "s");
	if (verdicts[VERDICT_SKIPPED])
		wrap_printf(&wrap, "; %u skipped (reasons above)", verdicts[VERDICT_SKIPPED]);
	wrap_end(&wrap);
}

/* What the absence of a loss in repeated trials means: the rule of three. */
static void print_repeat(FILE *stream, const struct run *run, const struct run_summary *summary,
			 const struct style *style)
{
	struct wrap wrap;
	char rate[48];

	if (run->repeat <= 1)
		return;
	wrap_begin(&wrap, stream, style, 0, 4);
	wrap_printf(&wrap, "each case ran %u times", run->repeat);
	/* With fewer trials the bound would say nothing. */
	if (run->repeat > 3)
		wrap_printf(&wrap, ": with no loss in any, the rate is below %s",
			    rate_text(3.0 / run->repeat, rate, sizeof(rate)));
	if (summary->flaky)
		wrap_printf(&wrap, "; %u flaky (trials did not end alike)", summary->flaky);
	if (summary->cut_short)
		wrap_printf(&wrap, "; %u fewer times (skipped then: see above)",
			    summary->cut_short);
	wrap_end(&wrap);
}

static bool never_lost(const struct case_result *result)
{
	return result_statistical(result) && result->outcome.verdict == VERDICT_IN_SYNC;
}

/*
 * The cases of one race without a loss: how many, and the one with the fewest
 * trials; NULL unless @first is the first of them.
 */
static const struct case_result *weakest(const struct run *run, size_t first, size_t *count)
{
	const struct case_result *found = NULL;

	*count = 0;
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];

		if (result->id.race != run->results[first].id.race || !never_lost(result))
			continue;
		if (i < first)
			return NULL;
		++*count;
		if (!found || result->trials < found->trials)
			found = result;
	}
	return found;
}

/* A line a race that was repeated within its cases: the bound that holds for all. */
static void print_rates(FILE *stream, const struct run *run, const struct style *style)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result;
		char name[CASE_NAME_SIZE], rate[48];
		struct wrap wrap;
		size_t count;

		result = never_lost(&run->results[i]) ? weakest(run, i, &count) : NULL;
		if (!result)
			continue;
		wrap_begin(&wrap, stream, style, 0, 4);
		if (count == 1)
			wrap_text(&wrap, case_name(&result->id, name));
		else
			wrap_printf(&wrap, "%s (%zu cases)", result->id.race->name, count);
		wrap_printf(&wrap, ": no loss in %u trials%s", result->trials,
			    count == 1 ? "" : " or more of each");
		if (result_rate_below(result) > 0)
			wrap_printf(&wrap, ": the rate is below %s",
				    rate_text(result_rate_below(result), rate, sizeof(rate)));
		else
			wrap_text(&wrap, ", too few to say anything of the rate");
		wrap_end(&wrap);
	}
}

static void print_controls(FILE *stream, const struct run *run, const struct run_summary *summary,
			   const struct style *style)
{
	unsigned controls = 0, lost = 0;
	struct wrap wrap;

	for (size_t i = 0; i < run->count; i++) {
		if (!result_is_control(&run->results[i]))
			continue;
		controls++;
		lost += result_lost(&run->results[i]);
	}
	if (controls)
		fprintf(stream, "controls: %u of %u lost%s\n", lost, controls,
			lost == controls ? ", as they must" : "");
	if (!summary->detector_failed)
		return;
	wrap_begin(&wrap, stream, style, 0, 4);
	wrap_tone(&wrap, TONE_ALARM);
	wrap_printf(&wrap,
		    "DETECTOR FAILED: no control was lost for pin %s, so its in-sync verdicts "
		    "mean nothing",
		    summary->blind_pin ? summary->blind_pin : "(unknown)");
	wrap_end(&wrap);
}

static void print_interrupted(FILE *stream, const struct run *run, const struct style *style)
{
	size_t asked = 0, ran = 0;

	if (!run->interrupted)
		return;
	for (size_t i = 0; i < run->count; i++) {
		asked += !run->results[i].control;
		ran += !run->results[i].control && run->results[i].ran;
	}
	tone_on(stream, style, TONE_WARN);
	fprintf(stream, "interrupted: %zu of %zu cases ran", ran, asked);
	tone_off(stream, style, TONE_WARN);
	fputc('\n', stream);
}

void output_summary(FILE *stream, const struct run *run, const struct run_summary *summary,
		    const struct style *style)
{
	print_counts(stream, run, summary, style);
	print_repeat(stream, run, summary, style);
	print_rates(stream, run, style);
	print_controls(stream, run, summary, style);
	print_interrupted(stream, run, style);
}
