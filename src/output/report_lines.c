// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of a report: headlines of parts, facts with a label, settings. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "output/html_parts.h"
#include "output/report_parts.h"

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

	if (!text)
		text = no_memory;
	if (!report->lines || strlen(text) <= (size_t)room)
		report_line(report, label, "%s", text);
	else
		report_line(report, label, "%.*s%s",
			    (int)text_cut(text, (size_t)room - strlen(more)), text, more);
}
