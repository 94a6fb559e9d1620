// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * thpin report: Documentation/admin-guide/reporting-issues.rst says what has to
 * be in it, submitting-patches.rst how wide a mail is.
 *
 * In Markdown everything but the headlines, which are thpin's own words, is a
 * code block by indentation: no text can get out of that, whatever it has in it.
 */
#include "output/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "host/host.h"
#include "output/html_parts.h"
#include "output/parts.h"
#include "output/words.h"

#define LABEL 13 /* columns of a label and its blank */

/* Of a case with long names it does not fit into a line either. */
static void print_head(const struct report *report, const char *text)
{
	struct wrap wrap;

	fputc('\n', report->stream);
	wrap_begin(&wrap, report->stream, &report->style, 0, 4);
	wrap_text(&wrap, text);
	wrap_end(&wrap);
}

void report_head(const struct report *report, const char *text)
{
	if (report->html)
		html_head(report->html, text);
	else if (report->format == REPORT_MARKDOWN)
		fprintf(report->stream, "\n#### %s\n\n", text);
	else
		print_head(report, text);
}

/* A line that is missing would be taken for what there is none of. */
static const char no_memory[] = "(no memory for it)";

void report_line(const struct report *report, const char *label, const char *format, ...)
{
	char *text = NULL, lead[32];
	struct wrap wrap;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (report->html) {
		html_fact(report->html, label, text ? text : no_memory);
		free(text);
		return;
	}
	wrap_begin(&wrap, report->stream, &report->style, report->indent,
		   report->indent + (*label ? LABEL : 0));
	if (*label) {
		snprintf(lead, sizeof(lead), "%-*s ", LABEL - 1, label);
		wrap_word(&wrap, lead);
	}
	wrap_text(&wrap, text ? text : no_memory);
	wrap_end(&wrap);
	free(text);
}

void report_setting(const struct report *report, const char *label, const char *text)
{
	static const char more[] = " ... (--full)";
	int width = REPORT_WIDTH - LABEL - 2;
	/* Words are not broken: all lines but the last are not used to their ends. */
	int room = width * (int)report->lines - 9 * ((int)report->lines - 1);

	if (!report->lines || strlen(text) <= (size_t)room)
		report_line(report, label, "%s", text);
	else
		report_line(report, label, "%.*s%s",
			    (int)text_cut(text, (size_t)room - strlen(more)), text, more);
}

static void print_headline(const struct report *report)
{
	unsigned indent = report->format == REPORT_MARKDOWN ? report->indent : 0;
	struct wrap wrap;

	if (report->format == REPORT_MARKDOWN)
		fprintf(report->stream, "### %s\n\n", report_title(report->answer));
	wrap_begin(&wrap, report->stream, &report->style, indent, indent);
	wrap_text(&wrap, report->headline);
	wrap_end(&wrap);
}

/* Of many cases it is long, which the text of one loss has no room for. */
static void print_command(const struct report *report)
{
	const char *command = report->run->command;
	char *shown = report_hide_command(report, command ? command : ""), *line = NULL;

	if (!shown || asprintf(&line, "thpin %s", shown) < 0)
		line = NULL;
	report_setting(report, "command", line ? line : no_memory);
	free(line);
	free(shown);
}

void report_run(const struct report *report)
{
	const struct run *run = report->run;
	struct run_summary summary;
	unsigned *verdicts = summary.verdicts;
	char counts[200] = "";
	size_t used = 0;

	run_summarize(run, &summary);
	/* As thpin repro counts: those by design are told apart. */
	verdicts[VERDICT_OUT_OF_SYNC] -= summary.by_design;
	report_head(report, "What was run");
	print_command(report);
	report_line(report, "version", "thpin %s, seed %llu, %u run%s a case",
		    run->version ? run->version : THPIN_VERSION,
		    (unsigned long long)run->options.seed, run->repeat,
		    run->repeat == 1 ? "" : "s");
	if (!run->count && run->inspection)
		return;
	for (unsigned i = 0; i < VERDICT_COUNT && used < sizeof(counts); i++)
		if (verdicts[i])
			used += (size_t)snprintf(counts + used, sizeof(counts) - used, ", %u %s",
						 verdicts[i], verdict_words((enum verdict)i));
	report_line(report, "result", "%u case%s%s, %u by design%s", summary.cases,
		    summary.cases == 1 ? "" : "s", counts, summary.by_design,
		    run->interrupted ? "; INTERRUPTED" : "");
	if (summary.detector_failed)
		report_line(report, "detector",
			    "FAILED: no control of %s lost anything; do not trust these results",
			    summary.blind_pin);
}

static int print_all(const struct report *report)
{
	const struct run *run = report->run;
	int err = 0;

	print_headline(report);
	for (size_t i = 0; i < run->count; i++)
		if (!run->results[i].control && result_bad(&run->results[i]))
			report_loss(report, &run->results[i]);
	if (run->inspection)
		err = report_inspection(report);
	report_run(report);
	report_untested(report);
	report_environment(report);
	report_recipients(report);
	return err;
}

#define LINES_MAX 60 /* of a mail about one loss */

/* Machines with long settings: as many lines of each as leave room for the rest. */
static int print_short(struct report *report, FILE *stream)
{
	static const unsigned limits[] = { 0, 4, 3, 2, 1 };
	const size_t last = sizeof(limits) / sizeof(limits[0]) - 1;

	for (size_t i = 0; i <= last; i++) {
		char *text = NULL;
		size_t size, lines = 0;
		int err;

		report->stream = open_memstream(&text, &size);
		if (!report->stream)
			return -ENOMEM;
		report->lines = limits[i];
		err = print_all(report);
		if (fclose(report->stream) || err) {
			free(text);
			return err ? err : -ENOMEM;
		}
		for (const char *c = text; *c; c++)
			lines += *c == '\n';
		if (lines <= LINES_MAX || i == last)
			fputs(text, stream);
		free(text);
		if (lines <= LINES_MAX)
			break;
	}
	return 0;
}

int output_report(FILE *stream, const struct run *run, enum report_format format, bool full)
{
	struct report report = {
		.stream = stream,
		.run = run,
		.format = format,
		.full = full,
		.indent = format == REPORT_MARKDOWN ? 4 : 2,
		.style = { .width = REPORT_WIDTH, .hard = true },
	};
	const struct case_result *first;

	report.answer = report_headline(&report, report.headline, sizeof(report.headline));
	if (format == REPORT_HTML)
		return report_html(&report);
	if (format == REPORT_TEXT && !full && report_losses(run, &first) <= 1)
		return print_short(&report, stream);
	return print_all(&report);
}

void output_explained(FILE *stream, const struct run *run, const struct style *style)
{
	struct run_summary summary;
	bool lost = false;

	for (size_t i = 0; i < run->count; i++) {
		if (run->results[i].control || !result_lost(&run->results[i]))
			continue;
		output_loss(stream, run, &run->results[i], style);
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
