// SPDX-License-Identifier: GPL-2.0-or-later
/* Facts of what came of a case, which more than one format needs. */
#include "case/case.h"
#include "races/races.h"

enum expectation result_expectation(const struct case_result *result)
{
	return result->rule ? result->rule->expectation : EXPECT_UNKNOWN;
}

bool result_unexpected(const struct case_result *result)
{
	return result->trials_lost && (!result->rule || !rule_expects_loss(result->rule));
}

bool result_lost(const struct case_result *result)
{
	return result->ran && result->outcome.verdict == VERDICT_OUT_OF_SYNC;
}

bool result_bad(const struct case_result *result)
{
	return result_lost(result) && result_expectation(result) != EXPECT_BY_DESIGN;
}

bool result_statistical(const struct case_result *result)
{
	return result->ran && result->id.race->statistical && outcome_compared(&result->outcome);
}

double result_rate_below(const struct case_result *result)
{
	bool in_sync = result->ran && result->outcome.verdict == VERDICT_IN_SYNC;

	return in_sync && result->trials > 3 ? 3.0 / result->trials : 0;
}

bool result_latent(const struct case_result *result)
{
	const struct outcome *outcome = &result->outcome;

	return result->ran && outcome->verdict == VERDICT_IN_SYNC && outcome->pfns_moved > 0 &&
	       outcome->pin_class != PIN_CLASS_ODP &&
	       outcome->tested & (1u << LOSS_WRITE | 1u << LOSS_STALE);
}

/* How many trials there were before one could not run any more, and why. */
static void add_skip(struct case_result *result, const struct reason *why)
{
	struct reason before = result->outcome.reason;

	fail(&result->outcome.reason, ECANCELED, "%s%sskipped after %u trial%s: %s", before.text,
	     *before.text ? "; " : "", result->trials, result->trials == 1 ? "" : "s", why->text);
}

void result_add(struct case_result *result, const struct outcome *outcome)
{
	static const unsigned char gravity[VERDICT_COUNT] = {
		[VERDICT_OUT_OF_SYNC] = 5, [VERDICT_ERROR] = 4,     [VERDICT_IN_SYNC] = 3,
		[VERDICT_REFUSED] = 2,     [VERDICT_NO_EFFECT] = 1, [VERDICT_SKIPPED] = 0,
	};

	if (result->ran && outcome->verdict == VERDICT_SKIPPED &&
	    result->outcome.verdict != VERDICT_SKIPPED)
		add_skip(result, &outcome->reason);
	if (!result->ran || gravity[outcome->verdict] > gravity[result->outcome.verdict])
		result->outcome = *outcome;
	result->ran = true;
	result->verdicts[outcome->verdict]++;
	/* One that could not run tells nothing of those that did. */
	if (outcome->verdict != VERDICT_SKIPPED)
		result->trials += outcome->trials ? outcome->trials : 1;
	result->trials_lost += outcome->trials ? outcome->trials_lost :
						 outcome->verdict == VERDICT_OUT_OF_SYNC;
	result->ns += outcome->ns;
}

bool result_mixed(const struct case_result *result)
{
	unsigned kinds = 0;

	for (unsigned verdict = 0; verdict < VERDICT_COUNT; verdict++)
		kinds += verdict != VERDICT_SKIPPED && result->verdicts[verdict];
	return kinds > 1;
}

bool result_cut_short(const struct case_result *result)
{
	return result->ran && result->verdicts[VERDICT_SKIPPED] &&
	       result->outcome.verdict != VERDICT_SKIPPED;
}

bool result_is_control(const struct case_result *result)
{
	return result->control && result->ran && result->outcome.verdict != VERDICT_SKIPPED;
}

bool result_flaky(const struct case_result *result)
{
	bool part = result->trials_lost && result->trials_lost < result->trials;

	return !result->id.race->statistical && (result_mixed(result) || part);
}
