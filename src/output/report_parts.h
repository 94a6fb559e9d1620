/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of "thpin report" share. */
#ifndef THPIN_OUTPUT_REPORT_PARTS_H
#define THPIN_OUTPUT_REPORT_PARTS_H

#include "output/report.h"
#include "output/text.h"

#define REPORT_WIDTH 75 /* columns: what a mail program does not wrap */

struct html;

/* Do device and CPU see the same memory? */
enum report_answer {
	ANSWER_SAME,
	ANSWER_PARTED,
	ANSWER_OPEN, /* nothing was compared, or what was proves nothing */
};

struct report {
	FILE *stream;
	const struct run *run;
	enum report_format format;
	bool full;
	unsigned lines; /* of a setting, roughly; 0: all there are */
	unsigned indent;
	struct style style;
	struct html *html; /* of REPORT_HTML, else NULL */
	enum report_answer answer;
	char headline[400]; /* of report_headline() */
};

/* One sentence that says it all, and what it answers. */
enum report_answer report_headline(const struct report *report, char *text, size_t size);

/* How many losses there are that nobody asked for; *first is the first, NULL: none. */
unsigned report_losses(const struct run *run, const struct case_result **first);

/* The answer alone. */
const char *report_title(enum report_answer answer);

/* A headline of a part. */
void report_head(const struct report *report, const char *text);

/* "label       text", wrapped below the text. */
__attribute__((format(printf, 3, 4))) void report_line(const struct report *report,
						       const char *label, const char *format, ...);

/* The same for a setting of the machine, cut at report->lines; NULL: no memory for it. */
void report_setting(const struct report *report, const char *label, const char *text);

/*
 * A text without what may tell about a machine: the file of --file, the names of
 * home directories, and addresses of the kernel; with report->full as it is.
 * Returns @to.
 */
const char *report_hide(const struct report *report, const char *from, char *to, size_t size);

/*
 * The same of a command line: also without the paths of other files. To be freed by
 * the caller; NULL: no memory.
 */
char *report_hide_command(const struct report *report, const char *from);

/* One case with a loss: events, bytes, evidence, rule. */
void report_loss(const struct report *report, const struct case_result *result);

/* All of that but the events. */
void report_evidence(const struct report *report, const struct case_result *result);

/* Command, versions, counts. */
void report_run(const struct report *report);

/* The whole as one HTML file. Returns 0 or -ENOMEM. */
int report_html(struct report *report);

/*
 * Of run->inspection: one sentence and what it answers. And all of it: holders,
 * verdict, hazards; returns 0 or -errno.
 */
enum report_answer report_inspected(const struct report *report, char *text, size_t size);
int report_inspection(const struct report *report);

/* Machine, kernel and settings. */
void report_environment(const struct report *report);

/* What was not tested, and why. */
void report_untested(const struct report *report);

/* To whom such a report goes. */
void report_recipients(const struct report *report);

#endif
