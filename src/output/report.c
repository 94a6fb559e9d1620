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
#include <stdlib.h>

#include "output/report_parts.h"

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
