// SPDX-License-Identifier: GPL-2.0-or-later
#include <locale.h>

#include "fixture_run.h"
#include "golden.h"
#include "output/output.h"
#include "output/parts.h"

/* No line of @text is wider than @width, but for commands that are to be copied. */
static bool all_fit(const char *text, size_t width)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length > width && strncmp(text, "  Again: ", 9))
			return false;
		text += length + (text[length] == '\n');
	}
	return true;
}

static char *matrix_text(const struct run *run, struct style style)
{
	struct golden golden;

	is_int(output_matrix(golden_begin(&golden), run, &style), 0, "matrix, %u wide",
	       style.width);
	fclose(golden.stream);
	return golden.text;
}

static void test_golden(const struct run *run)
{
	static const struct {
		const char *name;
		struct style style;
	} styles[] = {
		{ "matrix.txt", { .width = 0 } },
		{ "matrix-color.txt", { .color = true, .utf8 = true, .width = 100 } },
		{ "matrix-60.txt", { .width = 60 } },
	};

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		struct golden golden;

		output_matrix(golden_begin(&golden), run, &styles[i].style);
		golden_end(&golden, styles[i].name);
	}
}

static void test_width(const struct run *run)
{
	char *text = matrix_text(run, (struct style){ .width = 0 });

	/* The head line is the host's, and is not broken. */
	ok(all_fit(text, 100), "five pins fit 100 columns");
	free(text);
	text = matrix_text(run, (struct style){ .width = 60 });
	ok(all_fit(strchr(text, '\n'), 60), "a narrow terminal gets narrow lines");
	free(text);
}

static void test_clean(struct fixture *fixture)
{
	char *text;

	/* Without losses, controls and the like: nothing but the block and the count. */
	fixture->run.count = 2;
	fixture->run.interrupted = false;
	fixture->run.options.counters = NULL;
	text = matrix_text(&fixture->run, (struct style){ .width = 0 });
	ok(strstr(text, "\n= in sync\n\n2 cases in 0.9 s: 2 in sync, 0 OUT OF SYNC, 0 errors\n"),
	   "a clean run is short");
	ok(!strstr(text, "known hazard"), "and names no hazard");
	free(text);

	fixture->run.count = 0;
	text = matrix_text(&fixture->run, (struct style){ .width = 0 });
	ok(strstr(text, "\n0 cases in 0.9 s: 0 in sync, 0 OUT OF SYNC, 0 errors\n"),
	   "a run of nothing is no crash");
	free(text);
}

/* The counters are the machine's: one case that looks otherwise proves nothing. */
static void test_class(struct fixture *fixture)
{
	static const char note[] = "note: uring-fixed counts as class longterm on this kernel";
	bool first = true;
	char *text;

	for (size_t i = 0; i < fixture->run.count; i++) {
		struct case_result *result = &fixture->results[i];

		if (result->id.pin != &fixture_pins[3] ||
		    result->outcome.observed != PIN_OBSERVED_PIN)
			continue;
		if (!first)
			result->outcome.observed = PIN_OBSERVED_GET;
		first = false;
	}
	text = matrix_text(&fixture->run, (struct style){ .width = 0 });
	ok(!strstr(text, note), "a pin seen with its class at least once");
	free(text);
	fixture->results[3].outcome.observed = PIN_OBSERVED_GET;
	text = matrix_text(&fixture->run, (struct style){ .width = 0 });
	ok(strstr(text, note), "a pin never seen with its class is told");
	free(text);
}

static void test_blind(struct fixture *fixture)
{
	const struct run_summary summary = {
		.cases = 1,
		.verdicts = { [VERDICT_IN_SYNC] = 1 },
		.detector_failed = true,
		.blind_pin = "vmsplice",
	};
	const struct style style = { .width = 0 };
	struct golden golden;

	fixture->run.count = 0;
	fixture->run.repeat = 100;
	output_summary(golden_begin(&golden), &fixture->run, &summary, &style);
	fclose(golden.stream);
	ok(strstr(golden.text, "DETECTOR FAILED: no control was lost for pin vmsplice, so its "
			       "in-sync verdicts mean nothing\n"),
	   "a blind detector is told");
	ok(strstr(golden.text, "each case ran 100 times: with no loss in any, the rate is below "
			       "3 % (95 % confidence)\n"),
	   "what many trials without a loss mean");
	free(golden.text);
}

/* --repeat, and what could not run any more after a while: no flakiness, and no secret. */
static void test_cut_short(struct fixture *fixture)
{
	struct outcome skipped = { .verdict = VERDICT_SKIPPED, .reason = { "no swap is left" } };
	char *text;

	fixture->run.repeat = 20;
	text = matrix_text(&fixture->run, (struct style){ .width = 0 });
	ok(!strstr(text, "fewer times"), "no case with fewer trials than the others");
	free(text);
	result_add(&fixture->results[0], &skipped);
	text = matrix_text(&fixture->run, (struct style){ .width = 0 });
	ok(strstr(text, "note: odirect-read/thp/none: skipped after 1 trial: no swap is left\n"),
	   "a case that was skipped after other trials is told, and why");
	ok(strstr(text, "; 1 flaky\n    (trials did not end alike); 1 fewer times (skipped then: "
			"see above)\n"),
	   "it is counted, but not as flaky");
	free(text);
}

/* Too wide: columns that are the same are one; a part has no row without a cell. */
static void test_folded(struct fixture *fixture)
{
	struct case_result *thp = fixture->results;
	char *text;

	for (size_t row = 0; row < 8 * FIXTURE_PINS; row += FIXTURE_PINS) {
		thp[row + 4].outcome = thp[row + 1].outcome;
		thp[row + 4].rule = thp[row + 1].rule;
	}
	text = matrix_text(&fixture->run, (struct style){ .width = 0 });
	ok(!strstr(text, "the same as"), "columns that fit are all shown");
	free(text);
	text = matrix_text(&fixture->run, (struct style){ .width = 60 });
	ok(strstr(text, "  vmsplice: the same as odirect-write\n"),
	   "columns that do not fit and are the same are one");
	ok(!strstr(text, " \n"), "no line ends with a blank");
	free(text);
}

/* What the trials of one statistical case without a loss are worth. */
static void test_rate(struct fixture *fixture, unsigned trials, const char *wanted)
{
	const struct style style = { .width = 0 };
	const struct run_summary summary = { .cases = 1 };
	struct golden golden;

	for (size_t i = 0; i < FIXTURE_CASES; i++)
		if (fixture->results[i].id.race->statistical && fixture->results[i].trials == 3600)
			fixture->results[0] = fixture->results[i];
	fixture->results[0].trials = trials;
	fixture->run.count = 1;
	output_summary(golden_begin(&golden), &fixture->run, &summary, &style);
	fclose(golden.stream);
	ok(strstr(golden.text, wanted), "%u trials without a loss: %s", trials, wanted);
	free(golden.text);
}

static void test_loss(const struct run *run)
{
	const struct style style = { .width = 0 };
	struct golden golden;

	/* A single loss has its rule in full, whatever stood above. */
	loss_paragraph(golden_begin(&golden), run, &run->results[2 * FIXTURE_PINS], true, &style);
	golden_end(&golden, "loss.txt");
}

int main(void)
{
	static struct fixture fixture;

	setlocale(LC_ALL, "C");
	fixture_make(&fixture);
	test_golden(&fixture.run);
	test_loss(&fixture.run);
	test_width(&fixture.run);
	test_clean(&fixture);
	fixture_make(&fixture);
	test_class(&fixture);
	fixture_make(&fixture);
	test_blind(&fixture);
	fixture_make(&fixture);
	test_folded(&fixture);
	fixture_make(&fixture);
	test_cut_short(&fixture);
	fixture_make(&fixture);
	test_rate(&fixture, 3600,
		  "no loss in 3600 trials: the rate is below 0.083 % (95 % confidence)\n");
	fixture_make(&fixture);
	test_rate(&fixture, 4, "no loss in 4 trials: the rate is below 75 % (95 % confidence)\n");
	fixture_make(&fixture);
	test_rate(&fixture, 3, "no loss in 3 trials, too few to say anything of the rate\n");
	return done_testing();
}
