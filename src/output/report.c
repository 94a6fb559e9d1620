// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * thpin report: Documentation/admin-guide/reporting-issues.rst says what has to
 * be in it, submitting-patches.rst how wide a mail is.
 *
 * In Markdown everything but the headlines, which are thpin's own words, is a
 * code block by indentation: no text can get out of that, whatever it has in it.
 */
#include "output/report.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "config.h"
#include "host/host.h"
#include "output/html_parts.h"
#include "output/words.h"
#include "races/races.h"

#define LABEL 13 /* columns of a label and its blank */

void report_head(const struct report *report, const char *text)
{
	if (report->html)
		html_head(report->html, text);
	else if (report->format == REPORT_MARKDOWN)
		fprintf(report->stream, "\n#### %s\n\n", text);
	else
		fprintf(report->stream, "\n%s\n", text);
}

void report_line(const struct report *report, const char *label, const char *format, ...)
{
	char text[2048], lead[32];
	struct wrap wrap;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (report->html) {
		html_fact(report->html, label, text);
		return;
	}
	wrap_begin(&wrap, report->stream, &report->style, report->indent,
		   report->indent + (*label ? LABEL : 0));
	if (*label) {
		snprintf(lead, sizeof(lead), "%-*s ", LABEL - 1, label);
		wrap_word(&wrap, lead);
	}
	wrap_text(&wrap, text);
	wrap_end(&wrap);
}

/* "ffff888100000000" and the like: where the kernel is in memory. */
static size_t address_length(const char *text)
{
	size_t length = 0;

	while (isxdigit((unsigned char)text[length]))
		length++;
	return length == 16 && !strncmp(text, "ffff", 4) ? length : 0;
}

const char *report_hide(const struct report *report, const char *from, char *to, size_t size)
{
	static const char home[] = "/home/";
	size_t used = 0, length;

	if (report->full) {
		snprintf(to, size, "%s", from);
		return to;
	}
	while (*from && used + 16 < size) {
		if (!strncmp(from, home, sizeof(home) - 1)) {
			used += (size_t)snprintf(to + used, size - used, "%s...", home);
			from += sizeof(home) - 1;
			from += strcspn(from, "/ ");
		} else if ((length = address_length(from))) {
			used += (size_t)snprintf(to + used, size - used, "(address)");
			from += length;
		} else {
			to[used++] = *from++;
		}
	}
	to[used] = '\0';
	return to;
}

static unsigned bad_results(const struct run *run, const struct case_result **first)
{
	unsigned count = 0;

	*first = NULL;
	for (size_t i = 0; i < run->count; i++) {
		if (run->results[i].control || !result_bad(&run->results[i]))
			continue;
		if (!count++)
			*first = &run->results[i];
	}
	return count;
}

unsigned report_headline(const struct report *report, char *text, size_t size)
{
	const struct run *run = report->run;
	const char *release = run->host->uts.release;
	const struct case_result *first;
	struct run_summary summary;
	char name[CASE_NAME_SIZE];
	unsigned bad = bad_results(run, &first);

	run_summarize(run, &summary);
	if (bad == 1)
		snprintf(text, size, "Linux %s: %s of pinned memory in %s (%s).", release,
			 loss_words(&first->outcome), case_name(&first->id, name),
			 result_unexpected(first) ? "UNEXPECTED: a bug of this kernel" :
						    "a known hazard of this kernel");
	else if (bad)
		snprintf(text, size,
			 "Linux %s: device and CPU see different memory in %u of %u cases, "
			 "%u of them UNEXPECTED.",
			 release, bad, summary.cases, summary.unexpected);
	else
		snprintf(text, size, "Linux %s: no loss in %u cases, of which %u were compared.",
			 release, summary.cases,
			 summary.verdicts[VERDICT_IN_SYNC] + summary.by_design);
	return bad;
}

static void print_headline(const struct report *report)
{
	unsigned indent = report->format == REPORT_MARKDOWN ? report->indent : 0;
	char text[400];
	unsigned bad = report_headline(report, text, sizeof(text));
	struct wrap wrap;

	if (report->format == REPORT_MARKDOWN)
		fprintf(report->stream, "### Device and CPU see %s memory\n\n",
			bad ? "different" : "the same");
	wrap_begin(&wrap, report->stream, &report->style, indent, indent);
	wrap_text(&wrap, text);
	wrap_end(&wrap);
}

void report_run(const struct report *report)
{
	const struct run *run = report->run;
	struct run_summary summary;
	char command[1200], counts[200] = "";
	size_t used = 0;

	run_summarize(run, &summary);
	report_head(report, "What was run");
	report_line(report, "command", "thpin %s",
		    report_hide(report, run->command ? run->command : "", command,
				sizeof(command)));
	report_line(report, "version", "thpin %s, seed %llu, %u run%s a case",
		    run->version ? run->version : THPIN_VERSION,
		    (unsigned long long)run->options.seed, run->repeat,
		    run->repeat == 1 ? "" : "s");
	for (unsigned i = 0; i < VERDICT_COUNT && used < sizeof(counts); i++)
		if (summary.verdicts[i])
			used += (size_t)snprintf(counts + used, sizeof(counts) - used, ", %u %s",
						 summary.verdicts[i],
						 verdict_words((enum verdict)i));
	report_line(report, "result", "%u case%s%s; %u by design%s", summary.cases,
		    summary.cases == 1 ? "" : "s", counts, summary.by_design,
		    run->interrupted ? "; INTERRUPTED" : "");
	if (summary.detector_failed)
		report_line(report, "detector",
			    "FAILED: no control of %s lost anything; do not trust these results",
			    summary.blind_pin);
}

int output_report(FILE *stream, const struct run *run, enum report_format format, bool full)
{
	struct report report = {
		.stream = stream,
		.run = run,
		.format = format,
		.full = full,
		.indent = format == REPORT_MARKDOWN ? 4 : 2,
		.style = { .width = REPORT_WIDTH },
	};

	if (format == REPORT_HTML)
		return report_html(&report);
	print_headline(&report);
	for (size_t i = 0; i < run->count; i++)
		if (!run->results[i].control && result_bad(&run->results[i]))
			report_loss(&report, &run->results[i]);
	report_run(&report);
	report_untested(&report);
	report_environment(&report);
	report_recipients(&report);
	return 0;
}

void output_explained(FILE *stream, const struct run *run, const struct style *style)
{
	unsigned shown = 0;

	for (size_t i = 0; i < run->count; i++) {
		if (!result_lost(&run->results[i]))
			continue;
		if (shown++)
			fputc('\n', stream);
		output_loss(stream, run, &run->results[i], style);
	}
	if (!shown)
		fprintf(stream, "Nothing was lost in %zu case%s.\n", run->count,
			run->count == 1 ? "" : "s");
}
