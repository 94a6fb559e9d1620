/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_OUTPUT_H
#define THPIN_OUTPUT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "case/run.h"
#include "util/reason.h"

struct hold;

/* Without --timeout; left out of every "run it again". */
#define TIMEOUT_MS_DEFAULT 10000

/* How to draw, decided once from the terminal, the locale and the options. */
struct style {
	bool color;
	bool utf8;      /* the locale can show more than ASCII */
	unsigned width; /* columns, 0: no limit (not a terminal) */
	bool hard;      /* words longer than a line are broken: for mails */
};

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/*
 * NO_COLOR and TERM=dumb turn COLOR_AUTO off; the width comes from the terminal.
 * The locale must have been set by setlocale() before.
 */
void style_init(struct style *style, FILE *stream, enum color_when when);

/* "auto", "always" or "never"; 0 or -EINVAL. */
int color_when_parse(const char *text, enum color_when *when);

/*
 * The matrix: a head line about the host, a block a memory kind with the races
 * down and the pins across, a paragraph a loss, a summary line. Returns 0 or
 * -ENOMEM; the stream's own errors are found by output_finish().
 */
int output_matrix(FILE *stream, const struct run *run, const struct style *style);

/* One object, the schema of thpin-repro(1). Returns 0 or -errno. */
int output_json(FILE *stream, const struct run *run);

/* KTAP version 1, one test point a case (Documentation/dev-tools/ktap.rst). */
void output_ktap(FILE *stream, const struct run *run);

/* One line of JSON that says what "thpin hold" has made. Returns 0 or -errno. */
int output_hold(FILE *stream, const struct hold *hold);

/* Flags of every table. */
struct table_options {
	const char *columns; /* "NAME,NAME" or "+NAME", NULL: the default ones */
	bool noheadings;
	bool raw;
	bool pairs;   /* COLUMN="value" ... */
	bool json;    /* only the catalogues; a run has output_json() */
	bool several; /* rows of several processes: of which is among the default columns */
};

#define COLUMN_PRESET 1u   /* shown without --output */
#define COLUMN_NUMBER 2u   /* right-aligned, a number in JSON */
#define COLUMN_FLAG 4u     /* "yes" or "no", a boolean in JSON */
#define COLUMN_PROSE 8u    /* free text, wrapped on a terminal that is too narrow */
#define COLUMN_SEVERAL 16u /* shown without --output where options->several */

/* The columns of a table, for --help, completion and the man page. */
struct column {
	const char *name; /* upper case */
	const char *help;
	unsigned flags; /* COLUMN_... */
};

extern const struct column row_columns[];
extern const size_t row_columns_count;

/*
 * One row a case, without the controls that thpin added. Returns 0, -ENOMEM, or
 * -EINVAL with a reason that has the nearest name when options->columns names no
 * column.
 */
int output_rows(FILE *stream, const struct run *run, const struct table_options *options,
		const struct style *style, struct reason *why);

/* Check options->columns without printing, so that a typing error costs no run. */
int output_rows_check(const struct table_options *options, struct reason *why);

/* The tables of "thpin list". */
enum catalogue {
	LIST_PINS,
	LIST_MEMORY,
	LIST_RACES,
	LIST_CASES,
	LIST_RULES,
	LIST_PROBES,
	LIST_COUNT
};

const char *catalogue_name(enum catalogue which); /* "pins" */

/* Columns of a catalogue, NULL-named entry last. */
const struct column *catalogue_columns(enum catalogue which);

/* Like output_rows(), for the program's own tables as they stand on this host. */
int output_catalogue(FILE *stream, enum catalogue which, const struct host *host,
		     const struct table_options *options, const struct style *style,
		     struct reason *why);

/* Progress on a terminal's stderr, at most ten times a second; else silent. */
struct progress {
	bool active;
	unsigned width;
	uint64_t start_ns, last_ns; /* of clock_ns(); last: 0 nothing was shown */
};

void progress_begin(struct progress *progress);
void progress_show(struct progress *progress, size_t done, size_t total, const char *name);
void progress_end(struct progress *progress);

/*
 * "3 of 40  @name", and how long it takes still once it is known how long it took so far,
 * @ns nanoseconds: "3 of 40, about 2 min left  @name". Returns @line, cut at @size.
 */
char *progress_line(size_t done, size_t total, uint64_t ns, const char *name, char *line,
		    size_t size);

/*
 * The end of a guest's console, which may be NULL, for someone whose kernel did
 * not boot: without control characters, the last lines only.
 */
void output_console(FILE *stream, const char *console);

/*
 * Flush and check a stream to the end. Returns 0 or -errno: a full disk or a
 * closed pipe is an error.
 */
int output_finish(FILE *stream);

#endif
