// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/run.h"

#include "pins/pins.h"
#include "races/races.h"

static bool is_byte_verdict(enum verdict verdict)
{
	return verdict == VERDICT_IN_SYNC || verdict == VERDICT_OUT_OF_SYNC;
}

/* One that thpin added and that had no effect has not proven anything either. */
static bool counts_as_control(const struct case_result *result)
{
	return result_expectation(result) == EXPECT_BY_DESIGN &&
	       (is_byte_verdict(result->outcome.verdict) ||
		(result->control && result->outcome.verdict == VERDICT_NO_EFFECT));
}

/* What the cases of one pin say of its detector. */
struct sight {
	unsigned controls; /* by-design cases that were compared */
	unsigned controls_lost;
	unsigned added;   /* controls that thpin added and that could not run */
	unsigned in_sync; /* cases asked for */
	unsigned lost;    /* any: who sees a loss is not blind */
};

static void look(struct sight *sight, const struct case_result *result)
{
	enum verdict verdict = result->outcome.verdict;
	bool control = counts_as_control(result);

	sight->controls += control;
	sight->controls_lost += control && result->trials_lost;
	sight->added += result->control && !control && verdict != VERDICT_ERROR;
	sight->in_sync += !result->control && verdict == VERDICT_IN_SYNC;
	sight->lost += !!result->trials_lost;
}

/*
 * A pin's detector has failed when its by-design cases were compared and not one of them
 * lost anything: one is enough to trust the others. Or when those that were to show that
 * it sees a loss could not run, and nothing else has shown it.
 */
static bool is_blind(const struct sight *sight)
{
	if (sight->controls)
		return !sight->controls_lost;
	return sight->added && sight->in_sync && !sight->lost;
}

static void check_detector(const struct run *run, struct run_summary *summary)
{
	for (size_t p = 0; p < pin_list_count && !summary->blind_pin; p++) {
		struct sight sight = { .controls = 0 };

		for (size_t i = 0; i < run->count; i++)
			if (run->results[i].id.pin == pin_list[p] && run->results[i].ran)
				look(&sight, &run->results[i]);
		if (is_blind(&sight))
			summary->blind_pin = pin_list[p]->name;
	}
	summary->detector_failed = summary->blind_pin;
}

void run_summarize(const struct run *run, struct run_summary *summary)
{
	*summary = (struct run_summary){ .cases = 0 };
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];

		if (!result->ran)
			continue;
		if (result->control) {
			/* One that failed proves nothing: the run has failed with it. */
			summary->verdicts[VERDICT_ERROR] += result->outcome.verdict ==
							    VERDICT_ERROR;
			continue;
		}
		summary->cases++;
		summary->verdicts[result->outcome.verdict]++;
		summary->unexpected += result_unexpected(result);
		if (result->trials_lost && result_expectation(result) == EXPECT_BY_DESIGN)
			summary->by_design++;
		summary->flaky += result_flaky(result);
		summary->cut_short += result_cut_short(result);
	}
	check_detector(run, summary);
}

int run_exit_code(const struct run *run, const struct run_summary *summary, enum fail_on fail_on)
{
	const unsigned *verdicts = summary->verdicts;
	unsigned losses = verdicts[VERDICT_OUT_OF_SYNC] - summary->by_design;

	if (run->interrupted)
		return 130;
	if (summary->detector_failed)
		return 125;
	if (fail_on == FAIL_ON_UNEXPECTED ? summary->unexpected : losses)
		return 1;
	if (verdicts[VERDICT_ERROR])
		return 128;
	if (fail_on == FAIL_ON_ANY_SKIP && verdicts[VERDICT_SKIPPED])
		return 125;
	if (!verdicts[VERDICT_IN_SYNC] && !verdicts[VERDICT_OUT_OF_SYNC] &&
	    !verdicts[VERDICT_REFUSED])
		return 125;
	return 0;
}
