// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A file of results that anybody may have written: it is refused with a reason,
 * or what was read of it can be shown in every format.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/results.h"
#include "output/output.h"
#include "output/explain.h"
#include "output/report.h"
#include "fuzz/parser.h"

/* Whatever the file has, no text of it becomes markup. */
static int report_html(FILE *stream, const struct run *run)
{
	return output_report(stream, run, REPORT_HTML, true);
}

/* Tags of the elements that a report has, as many ends as beginnings, and no other "<". */
static void check_markup(const char *text)
{
	static const char names[] = " html head meta title style body svg defs pattern path circle "
				    "main h1 h2 h3 p b small a br div table caption thead tbody tr "
				    "th td ul li section figure figcaption span pre ";
	size_t begun = 0, ended = 0;

	require(!strncmp(text, "<!DOCTYPE html>", 15));
	for (const char *at = strchr(text + 1, '<'); at; at = strchr(at + 1, '<')) {
		size_t length = strcspn(at + 1 + (at[1] == '/'), " />");
		char name[16] = " ";

		require(length && length < sizeof(name) - 2);
		memcpy(name + 1, at + 1 + (at[1] == '/'), length);
		name[length + 1] = ' ';
		require(strstr(names, name) != NULL);
		begun += at[1] != '/';
		ended += at[1] == '/' || at[strcspn(at, ">") - 1] == '/';
	}
	require(begun == ended);
}

/* No control character gets out, whatever the file has. */
static void show(const struct run *run, int (*output)(FILE *, const struct run *))
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);

	require(stream != NULL);
	output(stream, run);
	fclose(stream);
	for (size_t i = 0; i < length; i++)
		require(text[i] == '\n' || (unsigned char)text[i] >= 0x20);
	if (output == report_html)
		check_markup(text);
	free(text);
}

static int report_text(FILE *stream, const struct run *run)
{
	return output_report(stream, run, REPORT_TEXT, false);
}

static int report_markdown(FILE *stream, const struct run *run)
{
	return output_report(stream, run, REPORT_MARKDOWN, true);
}

static int explained(FILE *stream, const struct run *run)
{
	const struct style style = { .width = 80 };

	output_explained(stream, run, &style);
	return 0;
}

static int matrix(FILE *stream, const struct run *run)
{
	const struct style style = { .width = 80 };

	return output_matrix(stream, run, &style);
}

static void fuzz_results(const uint8_t *data, size_t size)
{
	struct reason why = { "" };
	struct results *results = results_parse((const char *)data, size, &why);

	if (!results) {
		require(why.text[0] != '\0');
		return;
	}
	show(&results->run, output_json);
	show(&results->run, matrix);
	show(&results->run, report_text);
	show(&results->run, report_markdown);
	show(&results->run, report_html);
	show(&results->run, explained);
	results_free(results);
}

static const struct fuzz_parser parsers[] = {
	{ "results", "cli/data/*.json", fuzz_results },
};

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	fuzz_parsers(parsers, sizeof(parsers) / sizeof(parsers[0]), input, size);
	return 0;
}
