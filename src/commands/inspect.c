// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin inspect: what of a live process is pinned, by whom, and is it still the same? */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "host/host.h"
#include "inspect/inspection.h"
#include "output/inspect.h"
#include "output/output.h"

enum {
	OPTION_ALL = 256,
	OPTION_VMAS,
	OPTION_MAP,
	OPTION_WATCH,
	OPTION_FAIL_ON,
	OPTION_PROBE,
	OPTION_FULL,
	OPTION_COLOR,
	OPTION_LIST_COLUMNS,
};

static const struct command_option options[] = {
	{ OPTION_PLAIN("all", OPTION_ALL), NULL, "every process that has something pinned", NULL },
	{ OPTION_PLAIN("vmas", OPTION_VMAS), NULL, "a row a VMA instead of a row a holder", NULL },
	{ OPTION_MAYBE("map", OPTION_MAP), "[=WHERE]",
	  "a map: a cell a THP; of VMA #N or START-END (hexadecimal) a cell a page", NULL },
	{ OPTION_ARGUMENT("watch", OPTION_WATCH), "SECONDS",
	  "look again and again, and show what has changed", NULL },
	{ OPTION_ARGUMENT("output", 'o'), "LIST", "columns; +LIST adds to the default", NULL },
	{ OPTION_PLAIN("list-columns", OPTION_LIST_COLUMNS), NULL, "the columns there are", NULL },
	{ OPTION_PLAIN("json", 'J'), NULL, "one JSON object with everything", NULL },
	{ OPTION_PLAIN("raw", 'r'), NULL, "the table alone, without alignment", NULL },
	{ OPTION_PLAIN("pairs", 'P'), NULL, "the table alone, as NAME=\"value\"", NULL },
	{ OPTION_PLAIN("noheadings", 'n'), NULL, "the table alone, without a headline", NULL },
	{ OPTION_PLAIN("bytes", 'b'), NULL, "sizes in bytes", NULL },
	{ OPTION_PLAIN("full", OPTION_FULL), NULL,
	  "addresses as they are, not counted from their VMA", NULL },
	{ OPTION_ARGUMENT("fail-on", OPTION_FAIL_ON), "WHAT",
	  "hazard (default), diverged or held: what gives exit status 1", "hazard diverged held" },
	{ OPTION_ARGUMENT("probe", OPTION_PROBE), "LEVEL",
	  "how the kernel is read: auto (default), bpf, kcore, proc", "auto bpf kcore proc" },
	{ OPTION_ARGUMENT("color", OPTION_COLOR), "WHEN", "auto, always or never",
	  "auto always never" },
	OPTIONS_END,
};

/* What gives exit status 1. */
enum fail_when { FAIL_HAZARD, FAIL_DIVERGED, FAIL_HELD };

struct inspect_command {
	const struct command *command;
	struct inspect_view view;
	struct inspect_request request; /* names host and probe */
	struct host host;
	struct probe probe;
	enum probe_level level;
	enum fail_when fail_when;
	enum color_when color;
	uint64_t watch_s; /* 0: once */
	bool all;
	bool json;
	bool table_only;
	bool list_columns;
};

/* Nothing, "#7", or "7f0000000000-7f0000200000". */
static int take_map(struct inspect_command *inspect, const char *text)
{
	struct inspect_request *request = &inspect->request;
	char *end;

	request->map = true;
	request->map_vma = -1;
	request->map_start = 0;
	request->map_end = UINT64_MAX;
	if (!text)
		return 0;
	request->map_cell = 1; /* a page, once its size is known */
	if (*text == '#') {
		request->map_vma = strtol(text + 1, &end, 10);
		if (end > text + 1 && !*end && request->map_vma >= 0)
			return 0;
	} else {
		request->map_start = strtoull(text, &end, 16);
		if (end > text && *end == '-') {
			text = end + 1;
			request->map_end = strtoull(text, &end, 16);
			if (end > text && !*end && request->map_start < request->map_end)
				return 0;
		}
	}
	return command_usage(inspect->command,
			     "--map: #N or START-END with hexadecimal addresses is needed");
}

static int take_fail_on(struct inspect_command *inspect, const char *text)
{
	static const char *const names[] = { "hazard", "diverged", "held" };

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(text, names[i]))
			continue;
		inspect->fail_when = (enum fail_when)i;
		return 0;
	}
	return command_usage(inspect->command, "--fail-on %s: hazard, diverged or held is needed",
			     text);
}

static int take_option(void *context, int option, char *argument)
{
	struct inspect_command *inspect = context;
	struct inspect_view *view = &inspect->view;

	switch (option) {
	case OPTION_ALL:
		inspect->all = true;
		return 0;
	case OPTION_VMAS:
		view->which = INSPECT_VMAS;
		return 0;
	case OPTION_MAP:
		return take_map(inspect, argument);
	case OPTION_WATCH:
		return command_number(inspect->command, "watch", argument, 1, 86400,
				      &inspect->watch_s);
	case 'o':
		view->table.columns = argument;
		return 0;
	case OPTION_LIST_COLUMNS:
		inspect->list_columns = true;
		return 0;
	case 'J':
		inspect->json = true;
		return 0;
	case 'r':
		view->table.raw = inspect->table_only = true;
		return 0;
	case 'P':
		view->table.pairs = inspect->table_only = true;
		return 0;
	case 'n':
		view->table.noheadings = inspect->table_only = true;
		return 0;
	case 'b':
		view->bytes = true;
		return 0;
	case OPTION_FULL:
		view->full = true;
		return 0;
	case OPTION_FAIL_ON:
		return take_fail_on(inspect, argument);
	case OPTION_PROBE:
		if (probe_level_parse(argument, &inspect->level))
			return command_usage(inspect->command,
					     "--probe %s: auto, bpf, kcore or proc is needed",
					     argument);
		return 0;
	default: /* --color */
		if (color_when_parse(argument, &inspect->color))
			return command_usage(inspect->command,
					     "--color %s: auto, always or never is needed",
					     argument);
		return 0;
	}
}

static int output_failed(int err, struct reason *why)
{
	if (err != -ENOMEM)
		return command_finish();
	fail_errno(why, ENOMEM, "output");
	return command_failed(why, EXIT_FAILED);
}

static int print(const struct inspect_command *inspect, const struct inspection *inspection)
{
	struct inspect_list list = { &inspection, 1 };
	struct style style;
	struct reason why;
	int err;

	style_init(&style, stdout, inspect->color);
	if (inspect->json)
		err = output_inspect_json(stdout, inspection, inspect->view.full);
	else if (inspect->table_only)
		err = output_inspect_table(stdout, &list, &inspect->view, &style, &why);
	else
		err = output_inspect(stdout, inspection, &inspect->view, &style, &why);
	return output_failed(err, &why);
}

/* 0 nothing odd, 1 something found. */
static int judge(const struct inspect_command *inspect, const struct inspection *inspection)
{
	bool diverged = false;

	for (size_t i = 0; i < inspection->hazards_count; i++)
		diverged |= inspection->hazards[i].code == HAZARD_DIVERGED;
	switch (inspect->fail_when) {
	case FAIL_DIVERGED:
		return diverged ? EXIT_LOSS : EXIT_IN_SYNC;
	case FAIL_HELD:
		return inspection->holders_count ? EXIT_LOSS : EXIT_IN_SYNC;
	default:
		return inspection->hazards_count ? EXIT_LOSS : EXIT_IN_SYNC;
	}
}

static void show_progress(void *context, size_t done, size_t total)
{
	progress_show(context, done, total, "VMAs");
}

/* inspect() with progress on a terminal. */
static int look(struct inspect_command *command, struct inspection *inspection, struct reason *why)
{
	struct progress progress;
	int err;

	command->request.progress = show_progress;
	command->request.context = &progress;
	progress_begin(&progress);
	err = inspect(inspection, &command->request, why);
	progress_end(&progress);
	return err;
}

/* The table as text, to be compared with that of the next look. */
static char *table_text(const struct inspect_command *command, const struct inspection *inspection)
{
	struct inspect_view view = command->view;
	struct inspect_list list = { &inspection, 1 };
	struct style style = { .width = 0 };
	struct reason why;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	view.table.raw = view.table.noheadings = true;
	output_inspect_table(stream, &list, &view, &style, &why);
	fclose(stream);
	return text;
}

/* Until the process ends, or a signal. */
static int watch(struct inspect_command *command, char *before)
{
	struct inspection inspection;
	struct reason why;
	int code = 0;

	while (!code) {
		char *now;

		sleep((unsigned)command->watch_s);
		if (look(command, &inspection, &why)) {
			code = command_failed(&why, EXIT_UNTESTED);
			break;
		}
		now = table_text(command, &inspection);
		inspection_free(&inspection);
		if (now && before)
			output_inspect_changes(stdout, before, now);
		code = fflush(stdout) ? command_finish() : 0;
		free(before);
		before = now;
	}
	free(before);
	return code;
}

static int inspect_one(struct inspect_command *command, const struct reason *level_why)
{
	struct inspection inspection;
	struct reason why;
	char *text = NULL;
	int code;

	if (look(command, &inspection, &why))
		return command_failed(&why, EXIT_UNTESTED);
	inspection.level_why = *level_why;
	code = print(command, &inspection);
	if (!code)
		code = judge(command, &inspection);
	if (command->watch_s)
		text = table_text(command, &inspection);
	inspection_free(&inspection);
	return command->watch_s ? watch(command, text) : code;
}

/* Those of --all that have something to show. */
struct found {
	struct inspection **inspections;
	size_t count;
	int code; /* the gravest */
};

static int look_at_process(struct inspect_command *command, pid_t pid, struct found *found)
{
	struct inspection *inspection = malloc(sizeof(*inspection)), **more;
	struct reason why;
	int code;

	command->request.pid = pid;
	/* Kernel threads, and what ended meanwhile. */
	if (!inspection || look(command, inspection, &why)) {
		free(inspection);
		return 0;
	}
	code = judge(command, inspection);
	if (code > found->code)
		found->code = code;
	more = reallocarray(found->inspections, found->count + 1, sizeof(struct inspection *));
	if (more)
		found->inspections = more;
	if (!more || !inspection->holders_count) {
		inspection_free(inspection);
		free(inspection);
		return more ? 0 : -ENOMEM;
	}
	found->inspections[found->count++] = inspection;
	return 0;
}

static int inspect_all(struct inspect_command *command)
{
	struct found found = { .code = EXIT_IN_SYNC };
	DIR *processes = opendir("/proc");
	struct inspect_list list;
	struct reason why;
	struct style style;
	int err = 0, code;

	if (!processes) {
		fail_errno(&why, errno, "/proc");
		return command_failed(&why, EXIT_FAILED);
	}
	for (struct dirent *entry; !err && (entry = readdir(processes));) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (!*end && pid > 0 && pid != getpid())
			err = look_at_process(command, (pid_t)pid, &found);
	}
	closedir(processes);
	list = (struct inspect_list){ (const struct inspection *const *)found.inspections,
				      found.count };
	style_init(&style, stdout, command->color);
	if (!command->view.table.columns)
		command->view.table.columns = "+TARGET,TARGET-COMM";
	if (!err)
		err = command->json ?
			      output_inspect_json_all(stdout, &list, command->view.full) :
			      output_inspect_table(stdout, &list, &command->view, &style, &why);
	code = output_failed(err, &why);
	for (size_t i = 0; i < found.count; i++) {
		inspection_free(found.inspections[i]);
		free(found.inspections[i]);
	}
	free(found.inspections);
	return code ? code : found.code;
}

static int run_with_probe(struct inspect_command *command, pid_t pid)
{
	struct inspect_request *request = &command->request;
	struct host *host = &command->host;
	struct reason why, level_why;
	int code;

	if (host_probe(host, &why))
		return command_failed(&why, EXIT_FAILED);
	if (probe_open(&command->probe, command->level, &level_why)) {
		probe_close(&command->probe);
		return command_failed(&level_why, EXIT_UNTESTED);
	}
	request->pid = pid;
	request->host = host;
	request->probe = &command->probe;
	request->map_cell = request->map_cell || !host->thp_size ? host->page_size : host->thp_size;
	code = command->all ? inspect_all(command) : inspect_one(command, &level_why);
	probe_close(&command->probe);
	return code;
}

static int list_columns(enum inspect_table which)
{
	for (const struct column *column = inspect_columns(which); column->name; column++)
		printf("%-12s %s\n", column->name, column->help);
	return command_finish();
}

static int check(const struct inspect_command *inspect, int operands)
{
	struct reason why;

	if (output_inspect_check(&inspect->view, &why))
		return command_usage(inspect->command, "--output: %s", why.text);
	if (inspect->all && (inspect->watch_s || inspect->request.map))
		return command_usage(inspect->command, "--all goes without --watch and --map");
	if (inspect->watch_s && inspect->json)
		return command_usage(inspect->command, "--watch shows rows, not JSON");
	if (operands != !inspect->all)
		return command_usage(inspect->command,
				     inspect->all ? "--all goes without a process" :
						    "one process is needed: thpin inspect PID");
	return 0;
}

static int inspect_run(const struct command *command, int argc, char **argv)
{
	struct inspect_command inspect = { .command = command };
	uint64_t pid = 0;
	int code;

	if (command_parse(command, argc, argv, take_option, &inspect, &code))
		return code;
	if (inspect.list_columns)
		return list_columns(inspect.view.which);
	code = check(&inspect, argc - optind);
	if (!code && !inspect.all)
		code = command_number(command, "PID", argv[optind], 1, 1 << 22, &pid);
	return code ? code : run_with_probe(&inspect, (pid_t)pid);
}

const struct command command_inspect = {
	.name = "inspect",
	.synopsis = "[OPTION...] PID | --all",
	.help = "What of a live process is pinned, by whom, and is it still the same page",
	.details = "Exit status: 0 nothing odd, 1 something found, 125 could not look, 128 thpin failed,\n"
		   "129 usage.\n",
	.options = options,
	.run = inspect_run,
};
