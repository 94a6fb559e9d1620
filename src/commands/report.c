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
#include "inspect/inspection.h"
#include "output/output.h"
#include "output/report.h"
#include "util/shell.h"

enum { OPTION_FROM = 256, OPTION_PID, OPTION_SAVE, OPTION_FORMAT, OPTION_FULL, OPTION_SEED };

static const struct command_option options[] = {
	{ OPTION_ARGUMENT("from", OPTION_FROM), "FILE",
	  "read what \"repro --json\" has written instead of running cases", "files" },
	{ OPTION_ARGUMENT("pid", OPTION_PID), "PID",
	  "with what thpin inspect finds of this process; cases only if named, then", NULL },
	{ OPTION_ARGUMENT("save", OPTION_SAVE), "FILE",
	  "write the run down there, as repro --save does", "files" },
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
	const char *save; /* NULL: nowhere */
	uint64_t pid;     /* 0: no process to look at */
	unsigned format;  /* enum report_format, or FORMAT_JSON */
	bool full;
	uint64_t seed;
	bool seeded; /* --seed was given */
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
	case OPTION_SAVE:
		report->save = argument;
		return 0;
	case OPTION_PID:
		return command_number(report->command, "pid", argument, 1, 1 << 22, &report->pid);
	case OPTION_FULL:
		report->full = true;
		return 0;
	case OPTION_SEED:
		report->seeded = true;
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

/* The exit code is that of "thpin repro" for such a run, or else of "thpin inspect". */
static int print(const struct report_command *report, const struct run *run)
{
	struct run_summary summary;
	int code, err;

	if (report->format == FORMAT_JSON)
		err = output_report_json(stdout, run, report->full);
	else
		err = output_report(stdout, run, (enum report_format)report->format, report->full);
	code = command_printed(err);
	if (!code && run->inspection && run->inspection->hazards_count)
		return EXIT_LOSS;
	/* A process alone, without a hazard. */
	if (!code && run->inspection && !run->count)
		return EXIT_IN_SYNC;
	run_summarize(run, &summary);
	return code ? code : run_exit_code(run, &summary, FAIL_ON_LOSS);
}

static int from_file(const struct report_command *report)
{
	struct results *results;
	struct reason why;
	int code;

	if (report->save)
		return command_usage(report->command,
				     "--save: what --from reads is a file already");
	if (report->pid)
		return command_usage(report->command, "--pid is of this machine, --from is not");
	if (report->seeded)
		return command_usage(report->command,
				     "--seed: a file has the seed with which its cases were run");
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

/* As thpin would be called for the same. */
static char *repro_line(const struct report_command *report)
{
	char *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	if (!stream)
		return NULL;
	if (report->pid)
		fprintf(stream, "report --pid %llu", (unsigned long long)report->pid);
	else
		fputs("repro", stream);
	if (report->names || !report->pid)
		fprintf(stream, " --seed %llu", (unsigned long long)report->seed);
	for (size_t i = 0; report->names && report->names[i]; i++) {
		fputc(' ', stream);
		shell_put_word(stream, report->names[i]);
	}
	fclose(stream);
	return line;
}

/* The file of --save, opened before the run: a typing error must not cost it. */
static int open_save(const struct report_command *report, FILE **stream)
{
	struct reason why;

	*stream = report->save ? fopen(report->save, "we") : NULL;
	if (!report->save || *stream)
		return 0;
	fail_errno(&why, errno, "--save %s", report->save);
	return command_failed(&why, EXIT_FAILED);
}

/* Complete, whatever the report leaves out. Returns 0 or an exit code. */
static int save(const struct report_command *report, FILE *stream, const struct run *run)
{
	struct reason why;
	int err = stream ? output_json(stream, run) : 0;

	if (stream && fclose(stream) && !err)
		err = -errno;
	if (!err)
		return 0;
	fail_errno(&why, -err, "--save %s", report->save);
	return command_failed(&why, EXIT_FAILED);
}

static void show_vmas(void *context, size_t done, size_t total)
{
	progress_show(context, done, total, "VMAs");
}

/* Look at the process when the cases are over, and print all of it. */
static int print_inspected(const struct report_command *report, struct run *run)
{
	struct inspect_request request = {
		.pid = (pid_t)report->pid,
		.host = run->host,
		.map_vma = -1,
		.map_cell = run->host->page_size,
	};
	struct inspection inspection;
	struct progress progress;
	struct probe probe;
	struct reason why, level_why;
	int code, err;

	request.probe = &probe;
	request.progress = show_vmas;
	request.context = &progress;
	err = probe_open(&probe, PROBE_AUTO, &level_why);
	if (err) {
		code = command_failed(&level_why, EXIT_UNTESTED);
	} else {
		progress_begin(&progress);
		err = inspect(&inspection, &request, &why);
		progress_end(&progress);
		code = err ? command_failed(&why, EXIT_UNTESTED) : 0;
	}
	if (!err) {
		inspection.level_why = level_why;
		run->inspection = &inspection;
		code = print(report, run);
		run->inspection = NULL;
		inspection_free(&inspection);
	}
	probe_close(&probe);
	return code;
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
		.controls = selection.controls,
		.repeat = 1,
		.options = { .seed = report->seed, .timeout_ms = TIMEOUT_MS_DEFAULT },
	};
	FILE *saved;
	char *line;
	int code;

	if (host_probe(&host, &why))
		return command_failed(&why, EXIT_FAILED);
	run.options.size = host_region_size(&host);
	environment_probe(&environment, &host);
	/* With a process, all cases would be about something else. */
	code = report->names || !report->pid ?
		       select_cases(&selection, &host, &run.results, &run.count, &why) :
		       0;
	if (code == -ENOMEM)
		return command_failed(&why, EXIT_FAILED);
	if (code)
		return command_usage(report->command, "%s", why.text);
	code = open_save(report, &saved);
	if (code) {
		free(run.results);
		return code;
	}
	line = repro_line(report);
	run.command = line;
	progress_begin(&progress);
	code = run.count ? engine_run(&run, show_progress, &progress, &why) : 0;
	progress_end(&progress);
	if (code) {
		code = command_failed(&why, EXIT_FAILED);
		if (saved)
			fclose(saved);
	} else {
		/* First what is to be read: a full disk must not cost it. */
		code = report->pid ? print_inspected(report, &run) : print(report, &run);
		if (save(report, saved, &run))
			code = EXIT_FAILED;
	}
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
	if (report.from)
		return from_file(&report);
	/* The run, not the process, is what is written down. */
	if (report.save && report.pid && !report.names)
		return command_usage(command,
				     "--save: without cases there is no run; --format json has "
				     "what --pid finds");
	return run_cases(&report);
}

const struct command command_report = {
	.name = "report",
	.synopsis = "[OPTION...] [PIN/MEMORY/RACE...]",
	.help = "Write a bug report of cases, run now or recorded by repro --json",
	.details =
		"The exit status is that of thpin repro; with --pid also 1 for hazards of the process.\n",
	.options = options,
	.operands = "cases",
	.run = report_run,
};
