// SPDX-License-Identifier: GPL-2.0-or-later
/* Which verdict stands for the runs of --repeat, and what is kept of the others. */
#include <errno.h>

#include "case/case.h"
#include "races/races.h"
#include "tap.h"

static const struct race_ops held = { .name = "held" };
static const struct race_ops raced = { .name = "raced", .statistical = BY_TAKE };

static void add(struct case_result *result, enum verdict verdict, const char *reason)
{
	struct outcome outcome;

	outcome_init(&outcome, PIN_CLASS_PIN);
	outcome.verdict = verdict;
	outcome.ns = 1000;
	if (*reason)
		fail(&outcome.reason, EBUSY, "%s", reason);
	result_add(result, &outcome);
}

static void alike(void)
{
	struct case_result result = { .id.race = &held };

	for (int i = 0; i < 20; i++)
		add(&result, VERDICT_REFUSED, "busy");
	ok(result.ran && result.outcome.verdict == VERDICT_REFUSED, "refused twenty times");
	is_int(result.verdicts[VERDICT_REFUSED], 20, "all are counted");
	is_int(result.trials, 20, "trials");
	is_int((int64_t)result.ns, 20000, "their time");
	ok(!result_mixed(&result) && !result_flaky(&result), "not flaky");
}

/* Each is graver than the one before. */
static void order(void)
{
	static const enum verdict verdicts[] = { VERDICT_SKIPPED, VERDICT_NO_EFFECT,
						 VERDICT_REFUSED, VERDICT_IN_SYNC,
						 VERDICT_ERROR,   VERDICT_OUT_OF_SYNC };
	unsigned count = sizeof(verdicts) / sizeof(verdicts[0]);

	for (unsigned i = 0; i + 1 < count; i++) {
		struct case_result up = { .id.race = &held }, down = { .id.race = &held };

		add(&up, verdicts[i], "");
		add(&up, verdicts[i + 1], "");
		add(&down, verdicts[i + 1], "");
		add(&down, verdicts[i], "");
		is_str(verdict_name(up.outcome.verdict), verdict_name(verdicts[i + 1]),
		       "%s stands over %s", verdict_name(verdicts[i + 1]),
		       verdict_name(verdicts[i]));
		is_str(verdict_name(down.outcome.verdict), verdict_name(verdicts[i + 1]),
		       "in any order");
		if (verdicts[i] == VERDICT_SKIPPED)
			ok(!result_mixed(&up) && !result_flaky(&down), "which is not flaky");
		else
			ok(result_mixed(&up) && result_flaky(&down), "and it is flaky");
	}
}

static void late_skip(void)
{
	struct case_result result = { .id.race = &held };

	add(&result, VERDICT_SKIPPED, "no swap is left");
	is_str(result.outcome.reason.text, "no swap is left", "skipped from the start");
	is_int(result.trials, 0, "which is no trial");
	ok(!result_cut_short(&result), "and nothing was cut short");

	result = (struct case_result){ .id.race = &held };
	add(&result, VERDICT_IN_SYNC, "");
	ok(!result_cut_short(&result), "not skipped");
	add(&result, VERDICT_SKIPPED, "no swap is left");
	is_str(result.outcome.reason.text, "skipped after 1 trial: no swap is left",
	       "skipped after another, which had no reason");
	ok(result.outcome.verdict == VERDICT_IN_SYNC, "whose verdict stands");
	is_int(result.verdicts[VERDICT_SKIPPED], 1, "the skip is counted");
	is_int(result.trials, 1, "but is no trial");
	is_int((int64_t)result.ns, 2000, "its time is");
	ok(result_cut_short(&result), "it was cut short");
	ok(!result_mixed(&result) && !result_flaky(&result), "that is not flaky");

	result = (struct case_result){ .id.race = &held };
	add(&result, VERDICT_REFUSED, "first");
	add(&result, VERDICT_REFUSED, "second");
	add(&result, VERDICT_SKIPPED, "no swap is left");
	is_str(result.outcome.reason.text, "first; skipped after 2 trials: no swap is left",
	       "a late skip wipes nothing");

	result = (struct case_result){ .id.race = &held };
	add(&result, VERDICT_OUT_OF_SYNC, "");
	add(&result, VERDICT_OUT_OF_SYNC, "");
	add(&result, VERDICT_SKIPPED, "no swap is left");
	ok(!result_flaky(&result), "lost in all that could run");
	add(&result, VERDICT_IN_SYNC, "");
	ok(result_flaky(&result) && result_mixed(&result), "but others still make it flaky");
}

static void losses(void)
{
	struct case_result result = { .id.race = &held };
	struct outcome statistical;

	add(&result, VERDICT_OUT_OF_SYNC, "");
	add(&result, VERDICT_OUT_OF_SYNC, "");
	ok(!result_flaky(&result), "lost in all");
	is_int(result.trials_lost, 2, "losses");
	add(&result, VERDICT_IN_SYNC, "");
	ok(result_flaky(&result), "lost in two of three");
	is_int(result.trials_lost, 2, "losses of three");

	outcome_init(&statistical, PIN_CLASS_GET);
	statistical.verdict = VERDICT_OUT_OF_SYNC;
	statistical.trials = 1000;
	statistical.trials_lost = 3;
	result = (struct case_result){ .id.race = &raced };
	result_add(&result, &statistical);
	is_int(result.trials_lost, 3, "a statistical race counts its own");
	ok(!result_flaky(&result), "and is not flaky: it is luck");
}

int main(void)
{
	alike();
	order();
	late_skip();
	losses();
	return done_testing();
}
