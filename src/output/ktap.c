// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "host/host.h"
#include "output/output.h"
#include "output/words.h"

/*
 * A line of diagnostics, or the end of one: what would end the line, or begin a
 * directive, comes out harmless.
 */
static void print_plain(FILE *stream, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		fputc(c < ' ' || c == 0x7f || c == '#' ? ' ' : c, stream);
	}
}

static void print_events(FILE *stream, const struct outcome *outcome)
{
	for (uint32_t i = 0; i < outcome->events_used && i < EVENTS; i++) {
		fprintf(stream, "# %2" PRIu32 " %s ", i + 1, actor_name(outcome->events[i].actor));
		print_plain(stream, outcome->events[i].text);
		fputc('\n', stream);
	}
}

static void print_losses(FILE *stream, const struct outcome *outcome)
{
	for (unsigned kind = 0; kind < LOSS_COUNT; kind++) {
		const struct loss_record *loss = &outcome->loss[kind];
		char ranges[256];

		if (!loss->pages)
			continue;
		fprintf(stream, "# %s: %" PRIu32 " of %" PRIu32 " pages (%s)",
			loss_name((enum loss)kind), loss->pages, outcome->pages,
			ranges_text(loss, ranges, sizeof(ranges)));
		fprintf(stream, ", first at offset %#" PRIx64 ", the %s sees: %s\n",
			loss->first_offset, kind == LOSS_LEAK ? actor_name(loss->seen_by) : "CPU",
			sees_name(loss->cpu_sees));
	}
}

static void print_loss(FILE *stream, const struct run *run, const struct case_result *result)
{
	print_events(stream, &result->outcome);
	print_losses(stream, &result->outcome);
	fprintf(stream, "# expectation: %s", expectation_name(result_expectation(result)));
	if (result->rule)
		fprintf(stream, ", rule %s", result->rule->id);
	fprintf(stream, "%s\n", result_unexpected(result) ? ", UNEXPECTED" : "");
	if (result->trials > 1 || result_statistical(result))
		fprintf(stream, "# lost in %u of %u trials\n", result->trials_lost, result->trials);
	fputs("# again: ", stream);
	print_again(stream, run, result, run->host->file.path);
	fputc('\n', stream);
}

static void print_diagnostics(FILE *stream, const struct run *run, const struct case_result *result)
{
	const struct outcome *outcome = &result->outcome;
	char rate[48];

	if (result_bad(result)) {
		print_loss(stream, run, result);
	} else if (result_lost(result)) {
		fprintf(stream, "# by-design: out of sync as it must be, rule %s\n",
			result->rule->id);
		print_losses(stream, outcome);
	} else if (outcome->verdict == VERDICT_REFUSED || outcome->verdict == VERDICT_ERROR) {
		fprintf(stream, "# %s: ", verdict_name(outcome->verdict));
		print_plain(stream, outcome->reason.text);
		fputc('\n', stream);
	}
	if (result_cut_short(result) &&
	    (result_lost(result) || outcome->verdict == VERDICT_IN_SYNC)) {
		fprintf(stream, "# ");
		print_plain(stream, outcome->reason.text);
		fputc('\n', stream);
	}
	if (result_statistical(result) && result_rate_below(result) > 0)
		fprintf(stream, "# no loss in %u trials: the rate is below %s\n", result->trials,
			rate_text(result_rate_below(result), rate, sizeof(rate)));
	if (outcome->kernel_warnings > 0) {
		fprintf(stream,
			"# kernel warnings: %" PRId32 ", first: ", outcome->kernel_warnings);
		print_plain(stream, outcome->kernel_warning);
		fputc('\n', stream);
	}
}

static void print_point(FILE *stream, const struct run *run, const struct case_result *result,
			unsigned number)
{
	const struct outcome *outcome = &result->outcome;
	bool failed = result_bad(result) || outcome->verdict == VERDICT_ERROR;
	char name[CASE_NAME_SIZE];

	print_diagnostics(stream, run, result);
	fprintf(stream, "%sok %u %s", failed ? "not " : "", number, case_name(&result->id, name));
	if (outcome->verdict == VERDICT_SKIPPED || outcome->verdict == VERDICT_NO_EFFECT) {
		fprintf(stream, " # SKIP %s",
			outcome->verdict == VERDICT_NO_EFFECT ? "no effect: " : "");
		print_plain(stream, outcome->reason.text);
	}
	fputc('\n', stream);
}

/* Controls that thpin added and that ended in an error, each with its reason. */
static bool print_failed_controls(FILE *stream, const struct run *run)
{
	bool failed = false;

	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];
		char name[CASE_NAME_SIZE];

		if (!result->control || !result->ran || result->outcome.verdict != VERDICT_ERROR)
			continue;
		fprintf(stream, "# error: %s: ", case_name(&result->id, name));
		print_plain(stream, result->outcome.reason.text);
		fputc('\n', stream);
		failed = true;
	}
	return failed;
}

/* Cases that thpin added are one point together: is the detector to be trusted? */
static void print_detector(FILE *stream, const struct run *run, const struct run_summary *summary,
			   unsigned number)
{
	bool failed = print_failed_controls(stream, run);

	if (summary->detector_failed)
		fprintf(stream, "# no control was lost for pin %s\n", summary->blind_pin);
	fprintf(stream, "%sok %u detector\n", failed || summary->detector_failed ? "not " : "",
		number);
}

void output_ktap(FILE *stream, const struct run *run)
{
	unsigned points = 0, number = 0, ran = 0;
	struct run_summary summary;
	bool detector;

	run_summarize(run, &summary);
	for (size_t i = 0; i < run->count; i++)
		points += !run->results[i].control;
	detector = points < run->count || summary.detector_failed;

	fprintf(stream, "KTAP version 1\n1..%u\n", points + detector);
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];

		ran += !result->control && result->ran;
		if (!result->control && result->ran)
			print_point(stream, run, result, ++number);
	}
	/* Points that are missing from the plan must not pass for skipped. */
	if (run->interrupted)
		fprintf(stream, "Bail out! interrupted: %u of %u cases ran\n", ran, points);
	else if (detector)
		print_detector(stream, run, &summary, ++number);
}
