// SPDX-License-Identifier: GPL-2.0-or-later
/* The lines of a report in HTML; see report_lines.c. */
#include <string.h>

#include "output/html_parts.h"

#define MAIN 3 /* depth within <html><body><main> */

void html_end_facts(struct html *html)
{
	if (html->depth && !strcmp(html->open[html->depth - 1], "tbody")) {
		html_close(html);
		html_close(html);
	}
}

void html_head(struct html *html, const char *text)
{
	html_close_to(html, MAIN);
	html_newline(html);
	html_element(html, "h2", NULL, text);
}

void html_fact(struct html *html, const char *label, const char *text)
{
	/* Bytes are set apart by blanks in a mail. */
	bool bytes = *label == ' ';

	if (!*label) {
		html_end_facts(html);
		html_element(html, "p", NULL, text);
		return;
	}
	if (strcmp(html->open[html->depth - 1], "tbody")) {
		html_newline(html);
		html_open(html, "table");
		html_attribute(html, "class", "facts");
		html_open(html, "tbody");
	}
	html_newline(html);
	html_open(html, "tr");
	if (bytes)
		html_attribute(html, "class", "bytes");
	html_open(html, "th");
	html_attribute(html, "scope", "row");
	html_text(html, label + strspn(label, " "));
	html_close(html);
	html_element(html, "td", NULL, text);
	html_close(html);
}
