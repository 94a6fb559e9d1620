// SPDX-License-Identifier: GPL-2.0-or-later
/* The command that runs a case once more, as it was run. */
#include <inttypes.h>

#include "host/host.h"
#include "output/words.h"
#include "pins/pins.h"
#include "races/races.h"
#include "util/shell.h"

static void print_word(FILE *stream, const char *option, const char *text)
{
	fprintf(stream, " --%s=", option);
	shell_put_word(stream, text);
}

/* An option that is 0 when it was not given. */
static void print_given(FILE *stream, const char *option, unsigned value)
{
	if (value)
		fprintf(stream, " --%s=%u", option, value);
}

void print_again(FILE *stream, const struct run *run, const struct case_result *result,
		 const char *file)
{
	const struct case_options *options = &run->options;
	char name[CASE_NAME_SIZE];

	fputs("thpin repro", stream);
	if (options->size && options->size != host_region_size(run->host))
		fprintf(stream, " --size=%" PRIu64, options->size);
	if (options->seed != CASE_SEED_DEFAULT)
		fprintf(stream, " --seed=%" PRIu64, options->seed);
	/* Whole seconds, and not less than there were. */
	if (options->timeout_ms != TIMEOUT_MS_DEFAULT)
		print_given(stream, "timeout", (options->timeout_ms + 999) / 1000);
	if (options->nodes)
		print_word(stream, "node", options->nodes);
	if (result->id.pin->reads_file)
		print_word(stream, "file", file ? file : "FILE");
	if (result->id.race->statistical) {
		print_given(stream, "trials", options->trials);
		print_given(stream, "seconds", options->seconds);
		print_given(stream, "threads", options->threads);
	} else if (result_flaky(result)) {
		/* One trial would not be enough to see it again. */
		print_given(stream, "repeat", result->trials);
	}
	fprintf(stream, " %s", case_name(&result->id, name));
}
