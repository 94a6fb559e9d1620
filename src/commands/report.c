// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin report: a run, made now or read from a file, as a bug report. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/engine.h"
#include "case/select.h"
#include "commands/commands.h"
#include "host/environment.h"
#include "host/host.h"
#include "input/results.h"
#include "output/output.h"
#include "output/report.h"

enum { OPTION_FROM = 256, OPTION_FORMAT, OPTION_FULL, OPTION_SEED };

static const struct command_option options[] = {
	{ OPTION_ARGUMENT("from", OPTION_FROM), "FILE",
	  "read what \"repro --json\" has written instead of running cases", "files" },
	{ OPTION_ARGUMENT("format", OPTION_FORMAT), "FORMAT",
	  "text (default), markdown, html or json", "text markdown html json" },
	{ OPTION_PLAIN("full", OPTION_FULL), NULL,
	  "with absolute page frame numbers, paths and addresses", NULL },
	{ OPTION_ARGUMENT("seed", OPTION_SEED), "N",
	  "choose written page and tags by N (default 1)", NULL },
	OPTIONS_END,
};

/* The first ones are enum report_format. */
enum format { FORMAT_JSON = REPORT_HTML + 1, FORMAT_COUNT };

struct report_command {
	const struct command *command;
	const char *from;
	unsigned format; /* enum report_format, or FORMAT_JSON */
	bool full;
	uint64_t seed;
	const char *const *names;
};

static int take_option(void *context, int option, char *argument)
{
	static const char *const formats[FORMAT_COUNT] = { "text", "markdown", "html", "json" };
	struct report_command *report = context;

	switch (option) {
	case OPTION_FROM:
		report->from = argument;
		return 0;
	case OPTION_FULL:
		report->full = true;
		return 0;
	case OPTION_SEED:
		return command_number(report->command, "seed", argument, 0, UINT32_MAX,
				      &report->seed);
	default: /* --format */
		for (unsigned i = 0; i < FORMAT_COUNT; i++) {
			if (strcmp(argument, formats[i]))
				continue;
			report->format = i;
			return 0;
		}
		return command_usage(report->command,
				     "--format %s: text, markdown, html or json is needed",
				     argument);
	}
}

/* The exit code is that of "thpin repro" for such a run. */
static int print(const struct report_command *report, const struct run *run)
{
	struct run_summary summary;
	struct reason why;
	int code, err;

	if (report->format == FORMAT_JSON)
		err = output_report_json(stdout, run, report->full);
	else
		err = output_report(stdout, run, (enum report_format)report->format, report->full);
	if (err == -ENOMEM) {
		fail_errno(&why, ENOMEM, "report");
		return command_failed(&why, EXIT_FAILED);
	}
	code = command_finish();
	run_summarize(run, &summary);
	return code ? code : run_exit_code(run, &summary, FAIL_ON_LOSS);
}

static int from_file(const struct report_command *report)
{
	struct results *results;
	struct reason why;
	int code;

	if (report->names)
		return command_usage(report->command,
				     "either cases or --from: a file has those that were run");
	results = results_read(report->from, &why);
	if (!results)
		return command_usage(report->command, "--from %s", why.text);
	code = print(report, &results->run);
	results_free(results);
	return code;
}

static void show_progress(void *context, size_t done, size_t total, const char *name)
{
	progress_show(context, done, total, name);
}

/* As "thpin repro" would be called for the same. */
static char *repro_line(const struct report_command *report)
{
	char *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	if (!stream)
		return NULL;
	fprintf(stream, "repro --seed %llu", (unsigned long long)report->seed);
	for (size_t i = 0; report->names && report->names[i]; i++)
		fprintf(stream, " %s", report->names[i]);
	fclose(stream);
	return line;
}

static int run_cases(const struct report_command *report)
{
	const struct selection selection = { .names = report->names, .controls = true };
	struct environment environment;
	struct progress progress;
	struct reason why;
	struct host host;
	struct run run = {
		.host = &host,
		.environment = &environment,
		.repeat = 1,
		.options = { .seed = report->seed, .timeout_ms = 10000 },
	};
	char *line;
	int code;

	if (host_probe(&host, &why))
		return command_failed(&why, EXIT_FAILED);
	run.options.size = host.thp_size ? host.thp_size : 64 * host.page_size;
	environment_probe(&environment, &host);
	if (select_cases(&selection, &host, &run.results, &run.count, &why))
		return command_usage(report->command, "%s", why.text);
	line = repro_line(report);
	run.command = line;
	progress_begin(&progress);
	code = engine_run(&run, show_progress, &progress, &why);
	progress_end(&progress);
	code = code ? command_failed(&why, EXIT_FAILED) : print(report, &run);
	free(line);
	free(run.results);
	return code;
}

static int report_run(const struct command *command, int argc, char **argv)
{
	struct report_command report = { .command = command, .seed = CASE_SEED_DEFAULT };
	int code;

	if (command_parse(command, argc, argv, take_option, &report, &code))
		return code;
	if (optind < argc)
		report.names = (const char *const *)argv + optind;
	return report.from ? from_file(&report) : run_cases(&report);
}

const struct command command_report = {
	.name = "report",
	.synopsis = "[OPTION...] [PIN/MEMORY/RACE...]",
	.help = "Write a bug report of cases, run now or recorded by repro --json",
	.details = "The exit status is that of thpin repro.\n",
	.options = options,
	.operands = "cases",
	.run = report_run,
};
