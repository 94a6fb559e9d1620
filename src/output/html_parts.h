/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the HTML report share. */
#ifndef THPIN_OUTPUT_HTML_PARTS_H
#define THPIN_OUTPUT_HTML_PARTS_H

#include "output/html.h"
#include "output/report_parts.h"

/* A headline, and a line of a table of facts; what report_head() and report_line() are. */
void html_head(struct html *html, const char *text);
void html_fact(struct html *html, const char *label, const char *text);

/* Facts are rows of a table: it ends with whatever is no fact. */
void html_end_facts(struct html *html);

/* The style sheet, and the patterns that the pictures are filled with. */
extern const char html_style[];
extern const char html_patterns[];

/*
 * The pages of a case with a loss, when pinned and after the race, as two pictures
 * that say the same in words; see the legend.
 */
void html_pages(struct html *html, const struct outcome *outcome, bool by_design);

/* What the pictures of such cases are filled with: adds bits to @seen. */
void html_pages_seen(const struct outcome *outcome, bool by_design, unsigned *seen);

/* The same in words. */
void html_legend(struct html *html, unsigned seen);

/* The events as lanes: a column for each that acts, the frame of the page last. */
void html_lanes(const struct report *report, const struct outcome *outcome);

/*
 * Which section tells of each result: those whose pictures would be the same share
 * one. leader[i] is the first of them, SIZE_MAX: nothing was lost.
 */
struct html_losses {
	size_t *leader;
};

/* The verdicts as tables; a loss is a link to its section. Returns 0 or -ENOMEM. */
int html_matrix(const struct report *report, const struct html_losses *losses);

#endif
