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
	return is_byte_verdict(result->outcome.verdict) ||
	       (result->control && result->outcome.verdict == VERDICT_NO_EFFECT);
}

/*
 * A pin's detector has failed when its by-design cases were compared and not
 * one of them lost anything. One is enough to trust the others.
 */
static void check_detector(const struct run *run, struct run_summary *summary)
{
	for (size_t p = 0; p < pin_list_count; p++) {
		unsigned controls = 0, lost = 0;

		for (size_t i = 0; i < run->count; i++) {
			const struct case_result *result = &run->results[i];

			if (result->id.pin != pin_list[p] || !result->ran ||
			    result_expectation(result) != EXPECT_BY_DESIGN ||
			    !counts_as_control(result))
				continue;
			controls++;
			lost += !!result->trials_lost;
		}
		if (controls && !lost) {
			summary->detector_failed = true;
			if (!summary->blind_pin)
				summary->blind_pin = pin_list[p]->name;
		}
	}
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
