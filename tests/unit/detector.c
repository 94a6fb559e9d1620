// SPDX-License-Identifier: GPL-2.0-or-later
/* Whether the detector of a pin is to be trusted, by what became of its controls. */
#include "case/run.h"
#include "pins/pins.h"
#include "races/races.h"
#include "tap.h"

static const struct race_ops race = { .name = "race" };
static const struct rule by_design = { .id = "rule", .expectation = EXPECT_BY_DESIGN };

/* One case of a run of @pin, which ended so; controls are by design. */
static struct case_result ended(size_t pin, bool control, enum verdict verdict)
{
	return (struct case_result){
		.id = { .pin = pin_list[pin], .race = &race },
		.rule = control ? &by_design : NULL,
		.control = control,
		.ran = true,
		.trials_lost = verdict == VERDICT_OUT_OF_SYNC,
		.outcome.verdict = verdict,
	};
}

/* Of a case that was asked for and the control beside it. */
static void judged(enum verdict verdict, enum verdict control, bool failed, int code)
{
	struct case_result results[] = { ended(0, false, verdict), ended(0, true, control) };
	struct run run = { .results = results, .count = 2 };
	struct run_summary summary;

	run_summarize(&run, &summary);
	ok(summary.detector_failed == failed, "%s, and the control %s: the detector is %strusted",
	   verdict_name(verdict), verdict_name(control), failed ? "not " : "");
	is_str(summary.blind_pin, failed ? pin_list[0]->name : NULL, "its pin");
	is_int(run_exit_code(&run, &summary, FAIL_ON_LOSS), code, "the status of thpin repro");
}

/* A control of the same pin is enough, in whatever memory. */
static void another(void)
{
	struct case_result results[] = {
		ended(0, false, VERDICT_IN_SYNC),
		ended(0, true, VERDICT_SKIPPED),
		ended(0, true, VERDICT_OUT_OF_SYNC),
	};
	struct run run = { .results = results, .count = 3 };
	struct run_summary summary;

	run_summarize(&run, &summary);
	ok(!summary.detector_failed, "one of two controls was lost");
	results[2].id.pin = pin_list[1];
	run_summarize(&run, &summary);
	ok(summary.detector_failed, "that of another pin");
	is_str(summary.blind_pin, pin_list[0]->name, "... says nothing of this one");
}

int main(void)
{
	judged(VERDICT_IN_SYNC, VERDICT_OUT_OF_SYNC, false, 0);
	judged(VERDICT_IN_SYNC, VERDICT_IN_SYNC, true, 125);
	judged(VERDICT_IN_SYNC, VERDICT_NO_EFFECT, true, 125);
	judged(VERDICT_IN_SYNC, VERDICT_SKIPPED, true, 125);
	judged(VERDICT_IN_SYNC, VERDICT_REFUSED, true, 125);
	judged(VERDICT_IN_SYNC, VERDICT_ERROR, false, 128);
	judged(VERDICT_OUT_OF_SYNC, VERDICT_SKIPPED, false, 1);
	judged(VERDICT_REFUSED, VERDICT_SKIPPED, false, 0);
	judged(VERDICT_SKIPPED, VERDICT_SKIPPED, false, 125);
	another();
	return done_testing();
}
