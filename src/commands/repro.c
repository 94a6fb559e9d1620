// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin repro: run cases and report. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/engine.h"
#include "case/select.h"
#include "commands/commands.h"
#include "host/cgroup.h"
#include "host/counters.h"
#include "host/environment.h"
#include "host/host.h"
#include "host/node.h"
#include "output/output.h"
#include "pins/pins.h"
#include "util/names.h"
#include "util/shell.h"

enum {
	OPTION_ALL = 256,
	OPTION_PIN,
	OPTION_MEMORY,
	OPTION_RACE,
	OPTION_LIST,
	OPTION_KTAP,
	OPTION_COLOR,
	OPTION_REPEAT,
	OPTION_SEED,
	OPTION_SIZE,
	OPTION_TIMEOUT,
	OPTION_NODE,
	OPTION_FILE,
	OPTION_TRIALS,
	OPTION_SECONDS,
	OPTION_THREADS,
	OPTION_COUNTERS,
	OPTION_NO_CONTROL,
	OPTION_FAIL_ON,
	OPTION_EXIT,
	OPTION_LIST_COLUMNS,
};

static const struct command_option options[] = {
	{ OPTION_PLAIN("all", OPTION_ALL), NULL, "every case that can run, not the quick ones only",
	  NULL },
	{ OPTION_ARGUMENT("pin", OPTION_PIN), "LIST", "only these pins (comma-separated globs)",
	  "pins" },
	{ OPTION_ARGUMENT("memory", OPTION_MEMORY), "LIST", "only these kinds of memory",
	  "memory" },
	{ OPTION_ARGUMENT("race", OPTION_RACE), "LIST", "only these races", "races" },
	{ OPTION_PLAIN("list", OPTION_LIST), NULL, "one row a case instead of the matrix", NULL },
	{ OPTION_ARGUMENT("output", 'o'), "LIST", "columns of the rows; +LIST adds to the default",
	  "columns" },
	{ OPTION_PLAIN("list-columns", OPTION_LIST_COLUMNS), NULL, "the columns there are", NULL },
	{ OPTION_PLAIN("json", 'J'), NULL, "one JSON object", NULL },
	{ OPTION_ARGUMENT("save", 'O'), "FILE", "write that JSON object there, as well", "files" },
	{ OPTION_PLAIN("ktap", OPTION_KTAP), NULL, "KTAP, a test point a case", NULL },
	{ OPTION_PLAIN("raw", 'r'), NULL, "rows without alignment", NULL },
	{ OPTION_PLAIN("noheadings", 'n'), NULL, "rows without a headline", NULL },
	{ OPTION_ARGUMENT("color", OPTION_COLOR), "WHEN", "auto, always or never",
	  "auto always never" },
	{ OPTION_ARGUMENT("repeat", OPTION_REPEAT), "N", "run each case N times, with N seeds",
	  NULL },
	{ OPTION_ARGUMENT("seed", OPTION_SEED), "N",
	  "choose written page and tags by N (default 1)", NULL },
	{ OPTION_ARGUMENT("size", OPTION_SIZE), "SIZE", "size of the region (default: one THP)",
	  NULL },
	{ OPTION_ARGUMENT("timeout", OPTION_TIMEOUT), "SECONDS", "time of one case (default 10)",
	  NULL },
	{ OPTION_ARGUMENT("node", OPTION_NODE), "LIST", "memory and CPUs of these NUMA nodes",
	  NULL },
	{ OPTION_ARGUMENT("file", OPTION_FILE), "PATH",
	  "file or block device that odirect-file reads", "files" },
	{ OPTION_ARGUMENT("trials", OPTION_TRIALS), "N",
	  "end a statistical race after N trials without a loss", NULL },
	{ OPTION_ARGUMENT("seconds", OPTION_SECONDS), "N", "or after N seconds (default 2)", NULL },
	{ OPTION_ARGUMENT("threads", OPTION_THREADS), "N",
	  "threads that do I/O in fork-threads (default 8)", NULL },
	{ OPTION_MAYBE("counters", OPTION_COUNTERS), "[=LIST]",
	  "count events per case (libpfm4 names); as rows", NULL },
	{ OPTION_PLAIN("no-control", OPTION_NO_CONTROL), NULL, "do not add control cases", NULL },
	{ OPTION_ARGUMENT("fail-on", OPTION_FAIL_ON), "WHAT",
	  "loss (default), unexpected or any-skip", "loss unexpected any-skip" },
	{ OPTION_ARGUMENT("exit", OPTION_EXIT), "CODES", "bisect (default) or ktap: 0, 1, 4",
	  "bisect ktap" },
	OPTIONS_END,
};

enum format { FORMAT_MATRIX, FORMAT_ROWS, FORMAT_JSON, FORMAT_KTAP };

struct repro {
	const struct command *command;
	struct selection selection;
	struct case_options cases;
	const char *file;
	const char *counter_names[COUNTERS_MAX + 1];
	unsigned repeat;
	enum format format;
	const char *save; /* NULL: nowhere */
	struct table_options table;
	enum color_when color;
	enum fail_on fail_on;
	bool ktap_exit;
	bool list_columns;
};

static int parse_counters(struct repro *repro, char *list)
{
	size_t count = 0;

	repro->cases.counters = counters_default;
	if (!list)
		return 0;
	for (char *name; (name = strsep(&list, ","));) {
		if (count == COUNTERS_MAX)
			return command_usage(repro->command, "--counters: at most %d events",
					     COUNTERS_MAX);
		repro->counter_names[count++] = name;
	}
	repro->counter_names[count] = NULL; /* of an earlier list */
	repro->cases.counters = repro->counter_names;
	return 0;
}

static int parse_fail_on(struct repro *repro, const char *text)
{
	static const char *const names[] = { "loss", "unexpected", "any-skip" };

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(text, names[i]))
			continue;
		repro->fail_on = (enum fail_on)i;
		return 0;
	}
	return command_usage(repro->command, "--fail-on %s: loss, unexpected or any-skip is needed",
			     text);
}

static int number(const struct repro *repro, const char *option, const char *text, uint64_t max,
		  unsigned *value)
{
	uint64_t parsed;
	int code = command_number(repro->command, option, text, 1, max, &parsed);

	*value = code ? 0 : (unsigned)parsed;
	return code;
}

/* An option that selects cases; others are left alone. */
static int take_selection(void *context, int option, char *argument)
{
	struct selection *selection = context;

	switch (option) {
	case OPTION_ALL:
		selection->all = true;
		break;
	case OPTION_PIN:
		selection->pins = argument;
		break;
	case OPTION_MEMORY:
		selection->memory = argument;
		break;
	case OPTION_RACE:
		selection->races = argument;
		break;
	}
	return 0;
}

int repro_selection(char *const *arguments, struct selection *selection)
{
	char **names;
	int err;

	*selection = (struct selection){ .names = NULL };
	if (strcmp(arguments[0], command_repro.name))
		return -EINVAL;
	err = command_scan(&command_repro, arguments, take_selection, selection, &names);
	if (!err && *names)
		selection->names = (const char *const *)names;
	else if (!err)
		free(names);
	return err;
}

static int take_option(void *context, int option, char *argument)
{
	struct repro *repro = context;
	uint64_t value;
	int code = 0;

	switch (option) {
	case OPTION_ALL:
	case OPTION_PIN:
	case OPTION_MEMORY:
	case OPTION_RACE:
		return take_selection(&repro->selection, option, argument);
	case OPTION_LIST:
		repro->format = FORMAT_ROWS;
		return 0;
	case 'o':
		repro->format = FORMAT_ROWS;
		repro->table.columns = argument;
		return 0;
	case OPTION_LIST_COLUMNS:
		repro->list_columns = true;
		return 0;
	case 'J':
		repro->format = FORMAT_JSON;
		return 0;
	case 'O':
		repro->save = argument;
		return 0;
	case OPTION_KTAP:
		repro->format = FORMAT_KTAP;
		return 0;
	case 'r':
		repro->format = FORMAT_ROWS;
		repro->table.raw = true;
		return 0;
	case 'n':
		repro->format = FORMAT_ROWS;
		repro->table.noheadings = true;
		return 0;
	case OPTION_COLOR:
		if (color_when_parse(argument, &repro->color))
			return command_usage(repro->command,
					     "--color %s: auto, always or never is needed",
					     argument);
		return 0;
	case OPTION_REPEAT:
		return number(repro, "repeat", argument, 1000000, &repro->repeat);
	case OPTION_SEED:
		return command_number(repro->command, "seed", argument, 0, UINT32_MAX,
				      &repro->cases.seed);
	case OPTION_SIZE:
		if (parse_size(argument, &repro->cases.size) || !repro->cases.size)
			return command_usage(repro->command,
					     "--size %s: a size such as 4096, 64K or 2M is needed",
					     argument);
		return 0;
	case OPTION_TIMEOUT:
		code = command_number(repro->command, "timeout", argument, 1, 86400, &value);
		repro->cases.timeout_ms = (unsigned)value * 1000;
		return code;
	case OPTION_NODE:
		repro->cases.nodes = argument;
		return 0;
	case OPTION_FILE:
		repro->file = argument;
		return 0;
	case OPTION_TRIALS:
		return number(repro, "trials", argument, 1000000000, &repro->cases.trials);
	case OPTION_SECONDS:
		return number(repro, "seconds", argument, 86400, &repro->cases.seconds);
	case OPTION_THREADS:
		return number(repro, "threads", argument, CASE_THREADS_MAX, &repro->cases.threads);
	case OPTION_COUNTERS:
		return parse_counters(repro, argument);
	case OPTION_NO_CONTROL:
		repro->selection.controls = false;
		return 0;
	case OPTION_FAIL_ON:
		return parse_fail_on(repro, argument);
	default: /* --exit */
		repro->ktap_exit = !strcmp(argument, "ktap");
		if (!repro->ktap_exit && strcmp(argument, "bisect"))
			return command_usage(repro->command, "--exit %s: bisect or ktap is needed",
					     argument);
		return 0;
	}
}

/* What needs the host to be checked; a typing error must not cost a run. */
static int check(struct repro *repro, struct host *host)
{
	size_t unit = host->page_size;
	struct counters counters;
	struct reason why;

	if (repro->cases.counters && repro->format == FORMAT_MATRIX) {
		/* The matrix has no place for them. */
		repro->format = FORMAT_ROWS;
		repro->table.columns = "+COUNTERS";
	}
	if (!repro->cases.size)
		repro->cases.size = host_region_size(host);
	if (repro->cases.size % unit)
		return command_usage(repro->command, "--size: a multiple of %zu bytes is needed",
				     unit);
	if (repro->cases.size / 1024 > host->memory_kb / 8)
		return command_usage(repro->command, "--size: more than an eighth of the memory");
	/* What is shared with the cases counts for thpin itself, which would be killed. */
	if (repro->cases.size / 1024 > cgroup_limit_kb() / 8)
		return command_usage(repro->command,
				     "--size: more than an eighth of the memory of the cgroup");
	if (repro->cases.nodes && nodes_check(repro->cases.nodes, &why))
		return command_usage(repro->command, "--node: %s", why.text);
	if (repro->file && file_look(repro->file, &host->file, &why))
		return command_usage(repro->command, "--file: %s", why.text);
	if (output_rows_check(&repro->table, &why))
		return command_usage(repro->command, "--output: %s", why.text);
	if (repro->cases.counters) {
		int err = counters_open(&counters, repro->cases.counters, &why);

		if (err == -EINVAL)
			return command_usage(repro->command, "--counters: %s", why.text);
		if (!err)
			counters_close(&counters);
	}
	return 0;
}

/* The file of --save, opened before the run: a typing error must not cost it. */
static int open_save(const struct repro *repro, FILE **stream, struct reason *why)
{
	*stream = repro->save ? fopen(repro->save, "we") : NULL;
	if (repro->save && !*stream)
		return fail_errno(why, errno, "--save %s", repro->save);
	return 0;
}

static int save(const struct repro *repro, FILE *stream, const struct run *run, struct reason *why)
{
	int err = output_json(stream, run);

	if (fclose(stream) && !err)
		err = -errno;
	return err ? fail_errno(why, -err, "--save %s", repro->save) : 0;
}

static int print(const struct repro *repro, const struct run *run)
{
	struct style style;
	struct reason why;
	int err = 0;

	style_init(&style, stdout, repro->color);
	switch (repro->format) {
	case FORMAT_ROWS:
		err = output_rows(stdout, run, &repro->table, &style, &why);
		break;
	case FORMAT_JSON:
		err = output_json(stdout, run);
		break;
	case FORMAT_KTAP:
		output_ktap(stdout, run);
		break;
	default:
		err = output_matrix(stdout, run, &style);
	}
	return command_printed(err);
}

static void show_progress(void *context, size_t done, size_t total, const char *name)
{
	progress_show(context, done, total, name);
}

/* The command line again, for reports: everything after "thpin", as a shell takes it. */
static char *command_line(int argc, char **argv)
{
	char *line = NULL;
	size_t size;
	FILE *stream = open_memstream(&line, &size);

	for (int i = 0; stream && i < argc; i++) {
		if (i)
			fputc(' ', stream);
		shell_put_word(stream, argv[i]);
	}
	if (stream)
		fclose(stream);
	return line;
}

static int list_columns(void)
{
	for (size_t i = 0; i < row_columns_count; i++)
		printf("%-14s %s\n", row_columns[i].name, row_columns[i].help);
	return command_finish();
}

/* A file that nothing reads was meant to be read. */
static bool reads_file(const struct run *run)
{
	for (size_t i = 0; i < run->count; i++)
		if (run->results[i].id.pin->reads_file)
			return true;
	return false;
}

static int run_cases(struct repro *repro, const struct host *host, const char *line)
{
	struct run run = { .host = host, .repeat = repro->repeat, .command = line };
	struct progress progress;
	struct environment environment;
	struct run_summary summary;
	struct reason why;
	FILE *saved;
	int code;

	code = select_cases(&repro->selection, host, &run.results, &run.count, &why);
	if (code == -ENOMEM)
		return command_failed(&why, EXIT_FAILED);
	if (code)
		return command_usage(repro->command, "%s", why.text);
	if (repro->file && !reads_file(&run)) {
		free(run.results);
		return command_usage(repro->command,
				     "--file: no case of odirect-file is among those asked for; try odirect-file/base/fork-threads");
	}
	if (open_save(repro, &saved, &why)) {
		free(run.results);
		return command_failed(&why, EXIT_FAILED);
	}
	run.options = repro->cases;
	run.controls = repro->selection.controls;
	if (saved || repro->format == FORMAT_JSON) {
		environment_probe(&environment, host);
		run.environment = &environment;
	}
	progress_begin(&progress);
	code = engine_run(&run, show_progress, &progress, &why);
	progress_end(&progress);
	if (code) {
		code = command_failed(&why, EXIT_FAILED);
		if (saved)
			fclose(saved);
	} else {
		code = print(repro, &run);
		if (saved && save(repro, saved, &run, &why))
			code = command_failed(&why, EXIT_FAILED);
		run_summarize(&run, &summary);
		if (!code)
			code = run_exit_code(&run, &summary, repro->fail_on);
		if (repro->ktap_exit)
			code = code == EXIT_UNTESTED ? 4 : code > EXIT_LOSS ? EXIT_LOSS : code;
	}
	free(run.results);
	return code;
}

static int repro_run(const struct command *command, int argc, char **argv)
{
	struct repro repro = {
		.command = command,
		.selection.controls = true,
		.cases = { .seed = CASE_SEED_DEFAULT, .timeout_ms = TIMEOUT_MS_DEFAULT },
		.repeat = 1,
	};
	/* getopt_long() moves the arguments and --counters cuts its list. */
	char *line = command_line(argc, argv);
	struct reason why;
	struct host host;
	int code;

	if (command_parse(command, argc, argv, take_option, &repro, &code)) {
		free(line);
		return code;
	}
	if (optind < argc)
		repro.selection.names = (const char *const *)argv + optind;
	if (repro.list_columns)
		code = list_columns();
	else if (host_probe(&host, &why))
		code = command_failed(&why, EXIT_FAILED);
	else
		code = check(&repro, &host);
	if (!code && !repro.list_columns)
		code = run_cases(&repro, &host, line ? line : command->name);
	free(line);
	return code;
}

const struct command command_repro = {
	.name = "repro",
	.synopsis = "[OPTION...] [PIN/MEMORY/RACE...]",
	.help = "Run cases: does a race part the DMA view from the CPU view",
	.details =
		"Cases are names or globs: thpin repro 'uring-fixed/*/fork-*'. Without any, a set\n"
		"that takes a few seconds is run; --all is everything. Exit status: 0 in sync, 1 a loss, 125 nothing could be\n"
		"tested, 128 thpin failed, 129 usage, 130 interrupted.\n",
	.options = options,
	.operands = "cases",
	.run = repro_run,
};
