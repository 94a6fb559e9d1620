// SPDX-License-Identifier: GPL-2.0-or-later
/* A live process within a report: the words and tables of "thpin inspect". */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "output/html_parts.h"
#include "output/inspect.h"
#include "output/table.h"

/* What fits into a mail; hazards are told below the table. */
#define COLUMNS "HOLDER,FD,START,SIZE,CLASS,IN-SYNC,OUT-OF-SYNC"

enum report_answer report_inspected(const struct report *report, char *text, size_t size)
{
	const struct inspection *inspection = report->run->inspection;
	uint64_t pages[SYNC_COUNT] = { 0 }, parted;
	unsigned codes = 0;
	int hazards;

	for (size_t i = 0; i < inspection->hazards_count; i++)
		codes |= 1u << inspection->hazards[i].code;
	hazards = __builtin_popcount(codes); /* as they are told: once each */
	for (size_t i = 0; i < inspection->holders_count; i++)
		for (unsigned sync = 0; sync < SYNC_COUNT; sync++)
			pages[sync] += inspection->holders[i].pages[sync];
	parted = pages[SYNC_OUT] + pages[SYNC_UNMAPPED];
	if (parted)
		snprintf(text, size,
			 "Linux %s: %" PRIu64 " pinned pages of process %d (%s) are no longer "
			 "those that it has mapped.",
			 inspection->host->uts.release, parted, (int)inspection->target.pid,
			 inspection->target.comm);
	else
		snprintf(text, size,
			 "Linux %s: no pinned page of process %d (%s) was %s; %d hazard%s.",
			 inspection->host->uts.release, (int)inspection->target.pid,
			 inspection->target.comm, pages[SYNC_IN] ? "found out of sync" : "compared",
			 hazards, hazards == 1 ? "" : "s");
	return parted ? ANSWER_PARTED : pages[SYNC_IN] ? ANSWER_SAME : ANSWER_OPEN;
}

/* Each line of @text behind the blanks of the report. */
static void print_indented(const struct report *report, const char *text)
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		if (length)
			fprintf(report->stream, "%*s%.*s", (int)report->indent, "", (int)length,
				text);
		fputc('\n', report->stream);
		text += length + (text[length] == '\n');
	}
}

static void print_table(const struct report *report, const struct inspect_view *view)
{
	const struct inspection *inspection = report->run->inspection;
	const struct column *columns = inspect_columns(INSPECT_HOLDERS);
	struct inspect_row row = { inspection, view, 0 };
	struct html *html = report->html;

	html_newline(html);
	html_open(html, "div");
	html_attribute(html, "class", "scroll");
	html_attribute(html, "tabindex", "0");
	html_attribute(html, "role", "region");
	html_attribute(html, "aria-label", "what holds memory of the process");
	html_open(html, "table");
	html_attribute(html, "class", "grid");
	html_element(html, "caption", NULL, "What holds memory of the process");
	html_open(html, "thead");
	html_open(html, "tr");
	for (unsigned i = 0; columns[i].name; i++) {
		if (!(columns[i].flags & COLUMN_PRESET))
			continue;
		html_open(html, "th");
		html_attribute(html, "scope", "col");
		html_text(html, columns[i].name);
		html_close(html);
	}
	html_close(html);
	html_close(html);
	html_open(html, "tbody");
	for (; row.index < inspection->holders_count; row.index++) {
		html_newline(html);
		html_open(html, "tr");
		for (unsigned i = 0; columns[i].name; i++) {
			char text[TABLE_TEXT];
			const char *cell = holder_cell(&row, i, text);

			if (columns[i].flags & COLUMN_PRESET)
				html_element(html, "td", NULL, cell ? cell : "");
		}
		html_close(html);
	}
	html_close(html);
	html_close(html);
	html_close(html);
}

int report_inspection(const struct report *report)
{
	const struct inspection *inspection = report->run->inspection;
	struct inspect_view view = { .table = { .columns = COLUMNS }, .full = report->full };
	struct style style = report->style;
	char *text = NULL, head[64];
	struct reason why;
	FILE *stream;
	size_t size;
	int err = 0;

	stream = open_memstream(&text, &size);
	if (!stream)
		return -ENOMEM;
	style.width -= report->indent;
	if (report->html)
		output_inspect_words(stream, inspection, &view, &style);
	else
		err = output_inspect(stream, inspection, &view, &style, &why);
	if (fclose(stream))
		err = -ENOMEM;
	snprintf(head, sizeof(head), "Process %d", (int)inspection->target.pid);
	report_head(report, head);
	if (!err && !report->html) {
		print_indented(report, text);
	} else if (!err) {
		if (inspection->holders_count)
			print_table(report, &view);
		html_newline(report->html);
		html_element(report->html, "pre", NULL, text);
	}
	free(text);
	return err;
}
