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
#include "output/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
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
	free(text);
}

static int report_text(FILE *stream, const struct run *run)
{
	output_report(stream, run, REPORT_TEXT, false);
	return 0;
}

static int report_markdown(FILE *stream, const struct run *run)
{
	output_report(stream, run, REPORT_MARKDOWN, true);
	return 0;
}

static int matrix(FILE *stream, const struct run *run)
{
	const struct style style = { .width = 80 };

	return output_matrix(stream, run, &style);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	struct reason why = { "" };
	struct results *results = results_parse((const char *)input, size, &why);

	if (!results) {
		require(why.text[0] != '\0');
		return 0;
	}
	show(&results->run, output_json);
	show(&results->run, matrix);
	show(&results->run, report_text);
	show(&results->run, report_markdown);
	results_free(results);
	return 0;
}
