/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_INSPECT_H
#define THPIN_OUTPUT_INSPECT_H

#include "inspect/inspection.h"
#include "output/output.h"

/* The tables of "thpin inspect". */
enum inspect_table { INSPECT_HOLDERS, INSPECT_VMAS, INSPECT_TABLES };

/* How an inspection is shown. */
struct inspect_view {
	struct table_options table;
	enum inspect_table which;
	bool full;  /* addresses as they are, not counted from the start of their VMA */
	bool bytes; /* sizes in bytes, not in the largest unit that is exact */
};

/* Columns of a table, the one without a name last. */
const struct column *inspect_columns(enum inspect_table which);

/* Check view->table.columns before the look. Returns 0 or -EINVAL with a reason. */
int output_inspect_check(const struct inspect_view *view, struct reason *why);

/* Inspections that are shown together; one, or those of --all. */
struct inspect_list {
	const struct inspection *const *inspections;
	size_t count;
};

/*
 * For a person: what process, what it has pinned, which of that is out of sync,
 * and what to do. Returns 0 or -errno with a reason.
 */
int output_inspect(FILE *stream, const struct inspection *inspection,
		   const struct inspect_view *view, const struct style *style, struct reason *why);

/* The same without the tables. */
void output_inspect_words(FILE *stream, const struct inspection *inspection,
			  const struct inspect_view *view, const struct style *style);

/* One table alone, of all processes of the list. Returns 0 or -errno with a reason. */
int output_inspect_table(FILE *stream, const struct inspect_list *list,
			 const struct inspect_view *view, const struct style *style,
			 struct reason *why);

/* That of so many processes none was found to have anything pinned, for a person. */
void output_inspect_nothing(FILE *stream, size_t processes, const struct probe *probe);

/* The lines of @now that are not in @before with "+", those that are gone with "-". */
void output_inspect_changes(FILE *stream, const char *before, const char *now);

/* The heat map of the inspection. */
void output_inspect_map(FILE *stream, const struct inspection *inspection,
			const struct inspect_view *view, const struct style *style);

/* One object with everything, the schema of thpin-inspect(1). Returns 0 or -errno. */
int output_inspect_json(FILE *stream, const struct inspection *inspection, bool full);

/* An array of such objects, a process each. */
int output_inspect_json_all(FILE *stream, const struct inspect_list *list, bool full);

/* A row of the tables: the index of a holder or a VMA. */
struct inspect_row {
	const struct inspection *inspection;
	const struct inspect_view *view;
	size_t index;
};

const char *holder_cell(const void *row, unsigned column, char *text);
const char *vma_cell(const void *row, unsigned column, char *text);

/*
 * "[heap]#4+1000", or the address with @full; returns @text, of @size bytes, at least
 * 64, into which a long name of a file is cut.
 */
char *address_text(const struct inspection *inspection, uint64_t address, bool full, char *text,
		   size_t size);

#endif
