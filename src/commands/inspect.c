// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin inspect: what of a live process is pinned, by whom, and is it still the same? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "host/host.h"
#include "inspect/inspection.h"
#include "output/inspect.h"
#include "output/output.h"

enum {
	OPTION_VMAS = 256,
	OPTION_MAP,
	OPTION_PROBE,
	OPTION_FULL,
	OPTION_COLOR,
	OPTION_LIST_COLUMNS
};

static const struct command_option options[] = {
	{ OPTION_PLAIN("vmas", OPTION_VMAS), NULL, "a row a VMA instead of a row a holder", NULL },
	{ OPTION_MAYBE("map", OPTION_MAP), "[=WHERE]",
	  "a map: a cell a THP; of VMA #N or START-END (hexadecimal) a cell a page", NULL },
	{ OPTION_ARGUMENT("output", 'o'), "LIST", "columns; +LIST adds to the default", NULL },
	{ OPTION_PLAIN("list-columns", OPTION_LIST_COLUMNS), NULL, "the columns there are", NULL },
	{ OPTION_PLAIN("json", 'J'), NULL, "one JSON object with everything", NULL },
	{ OPTION_PLAIN("raw", 'r'), NULL, "the table alone, without alignment", NULL },
	{ OPTION_PLAIN("noheadings", 'n'), NULL, "the table alone, without a headline", NULL },
	{ OPTION_PLAIN("bytes", 'b'), NULL, "sizes in bytes", NULL },
	{ OPTION_PLAIN("full", OPTION_FULL), NULL,
	  "addresses as they are, not counted from their VMA", NULL },
	{ OPTION_ARGUMENT("probe", OPTION_PROBE), "LEVEL",
	  "how the kernel is read: auto (default), bpf, kcore, proc", "auto bpf kcore proc" },
	{ OPTION_ARGUMENT("color", OPTION_COLOR), "WHEN", "auto, always or never",
	  "auto always never" },
	OPTIONS_END,
};

struct inspect_command {
	const struct command *command;
	struct inspect_view view;
	enum probe_level level;
	struct inspect_request request;
	enum color_when color;
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

static int take_option(void *context, int option, char *argument)
{
	struct inspect_command *inspect = context;
	struct inspect_view *view = &inspect->view;

	switch (option) {
	case OPTION_VMAS:
		view->which = INSPECT_VMAS;
		return 0;
	case OPTION_MAP:
		return take_map(inspect, argument);
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
	case 'n':
		view->table.noheadings = inspect->table_only = true;
		return 0;
	case 'b':
		view->bytes = true;
		return 0;
	case OPTION_FULL:
		view->full = true;
		return 0;
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

static void show_progress(void *context, size_t done, size_t total)
{
	progress_show(context, done, total, "VMAs");
}

static int print(const struct inspect_command *inspect, const struct inspection *inspection)
{
	struct style style;
	struct reason why;
	int err;

	style_init(&style, stdout, inspect->color);
	if (inspect->json)
		err = output_inspect_json(stdout, inspection, inspect->view.full);
	else if (inspect->table_only)
		err = output_inspect_table(stdout, inspection, &inspect->view, &style, &why);
	else
		err = output_inspect(stdout, inspection, &inspect->view, &style, &why);
	if (err == -ENOMEM) {
		fail_errno(&why, ENOMEM, "output");
		return command_failed(&why, EXIT_FAILED);
	}
	return command_finish();
}

/* 0 nothing odd, 1 something found. */
static int judge(const struct inspection *inspection)
{
	return inspection->hazards_count ? EXIT_LOSS : EXIT_IN_SYNC;
}

static int inspect_process(struct inspect_command *command, pid_t pid)
{
	struct inspect_request *request = &command->request;
	struct inspection inspection;
	struct reason why, level_why;
	struct progress progress;
	struct probe probe;
	struct host host;
	int code;

	if (host_probe(&host, &why))
		return command_failed(&why, EXIT_FAILED);
	if (probe_open(&probe, command->level, &level_why)) {
		probe_close(&probe);
		return command_failed(&level_why, EXIT_UNTESTED);
	}
	request->pid = pid;
	request->host = &host;
	request->probe = &probe;
	request->map_cell = request->map_cell || !host.thp_size ? host.page_size : host.thp_size;
	request->progress = show_progress;
	request->context = &progress;
	progress_begin(&progress);
	code = inspect(&inspection, request, &why);
	progress_end(&progress);
	if (code) {
		code = command_failed(&why, EXIT_UNTESTED);
	} else {
		inspection.level_why = level_why;
		code = print(command, &inspection);
		if (!code)
			code = judge(&inspection);
		inspection_free(&inspection);
	}
	probe_close(&probe);
	return code;
}

static int list_columns(enum inspect_table which)
{
	for (const struct column *column = inspect_columns(which); column->name; column++)
		printf("%-12s %s\n", column->name, column->help);
	return command_finish();
}

static int inspect_run(const struct command *command, int argc, char **argv)
{
	struct inspect_command inspect = { .command = command };
	struct reason why;
	uint64_t pid;
	int code;

	if (command_parse(command, argc, argv, take_option, &inspect, &code))
		return code;
	if (inspect.list_columns)
		return list_columns(inspect.view.which);
	if (output_inspect_check(&inspect.view, &why))
		return command_usage(command, "--output: %s", why.text);
	if (optind + 1 != argc)
		return command_usage(command, "one process is needed: thpin inspect PID");
	code = command_number(command, "PID", argv[optind], 1, 1 << 22, &pid);
	return code ? code : inspect_process(&inspect, (pid_t)pid);
}

const struct command command_inspect = {
	.name = "inspect",
	.synopsis = "[OPTION...] PID",
	.help = "What of a live process is pinned, by whom, and is it still the same page",
	.details = "Exit status: 0 nothing odd, 1 something found, 125 could not look, 128 thpin failed,\n"
		   "129 usage.\n",
	.options = options,
	.run = inspect_run,
};
