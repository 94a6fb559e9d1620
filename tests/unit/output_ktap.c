// SPDX-License-Identifier: GPL-2.0-or-later
#include <locale.h>

#include "fixture_run.h"
#include "golden.h"
#include "output/output.h"

static char *ktap_text(const struct run *run)
{
	struct golden golden;

	output_ktap(golden_begin(&golden), run);
	fclose(golden.stream);
	return golden.text;
}

/* The points that are there are those that were planned. */
static void test_plan(const struct run *run)
{
	char *text = ktap_text(run), *line = text;
	unsigned planned = 0, points = 0;

	is_int(sscanf(text, "KTAP version 1\n1..%u\n", &planned), 1, "version and plan");
	while ((line = strchr(line, '\n')) && *++line)
		points += !strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7);
	is_int(points, planned, "as many points as planned");
	free(text);
}

/* A plan that is not kept is a failure to every reader of TAP. */
static void test_interrupted(const struct run *run)
{
	static const char last[] = "\nBail out! interrupted: 74 of 75 cases ran\n";
	char *text = ktap_text(run), *end = strstr(text, last);

	ok(end && !end[strlen(last)], "an interrupted run bails out at its end");
	ok(!strstr(text, " detector\n"), "and its detector is not judged");
	free(text);
}

/* What a reason says must not become a line or a directive of its own. */
static void test_hostile(struct fixture *fixture)
{
	struct outcome *outcome = &fixture->results[0].outcome;
	char *text;

	outcome->verdict = VERDICT_SKIPPED;
	strcpy(outcome->reason.text, "a\nnot ok 1 b # TODO");
	fixture->run.count = 1;
	text = ktap_text(&fixture->run);
	ok(strstr(text, "\nok 1 odirect-read/thp/none # SKIP a not ok 1 b   TODO\n"),
	   "a line break or hash in a reason does no harm");
	free(text);
}

/* Fewer trials than were asked for: said of any verdict. */
static void test_cut_short(struct fixture *fixture)
{
	struct outcome skipped = { .verdict = VERDICT_SKIPPED, .reason = { "no swap is left" } };
	char *text;

	fixture->run.count = FIXTURE_PINS + 2;
	result_add(&fixture->results[0], &skipped);
	result_add(&fixture->results[FIXTURE_PINS + 1], &skipped);
	text = ktap_text(&fixture->run);
	ok(strstr(text, "\n# skipped after 1 trial: no swap is left\nok 1 odirect-read/thp/none\n"),
	   "skipped after a trial in sync");
	ok(strstr(text, "\n# skipped after 1 trial: no swap is left\nnot ok 7 "
			"odirect-write/thp/fork-parent-write\n"),
	   "skipped after a loss");
	free(text);
}

/* A control that thpin could not run proves nothing of the detector. */
static void test_failed_control(struct fixture *fixture)
{
	struct case_result *control = &fixture->results[fixture->run.count - 1];
	char *text;

	control->outcome.verdict = VERDICT_ERROR;
	strcpy(control->outcome.reason.text, "killed #9");
	text = ktap_text(&fixture->run);
	ok(strstr(text, "\n# error: odirect-write/base/dontneed-page: killed  9\nnot ok 76 "
			"detector\n"),
	   "a control that ended in an error");
	free(text);
}

int main(void)
{
	static struct fixture fixture;
	struct golden golden;

	setlocale(LC_ALL, "C");
	fixture_make(&fixture);
	test_interrupted(&fixture.run);
	fixture_finish(&fixture);
	output_ktap(golden_begin(&golden), &fixture.run);
	golden_end(&golden, "repro.ktap");
	test_plan(&fixture.run);
	test_failed_control(&fixture);
	test_hostile(&fixture);
	fixture_make(&fixture);
	test_cut_short(&fixture);
	return done_testing();
}
