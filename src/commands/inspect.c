// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin inspect: what of a live process is pinned, by whom, and is it still the same? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/inspect_looks.h"
#include "host/host.h"
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
	{ OPTION_ARGUMENT("output", 'o'), "LIST", "columns; +LIST adds to the default", "columns" },
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

struct inspect_command {
	const struct command *command;
	struct inspect_view view;
	struct inspect_targets targets;
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

static struct inspect_list list_of(const struct inspect_looks *looks)
{
	return (struct inspect_list){ (const struct inspection *const *)looks->list, looks->count };
}

static int print(const struct inspect_command *command, const struct inspect_looks *looks)
{
	struct inspect_list list = list_of(looks);
	bool several = command->view.table.several || looks->count != 1;
	struct style style;
	struct reason why;
	int err = 0;

	style_init(&style, stdout, command->color);
	if (command->json)
		err = several ? output_inspect_json_all(stdout, &list, command->view.full) :
				output_inspect_json(stdout, looks->list[0], command->view.full);
	else if (command->all && !command->table_only && !list.count)
		output_inspect_nothing(stdout, command->targets.count, &command->probe);
	else if (command->table_only || several)
		err = output_inspect_table(stdout, &list, &command->view, &style, &why);
	else
		err = output_inspect(stdout, looks->list[0], &command->view, &style, &why);
	return output_failed(err, &why);
}

/* The table as text, to be compared with that of the next look; NULL: no memory. */
static char *table_text(const struct inspect_command *command, const struct inspect_looks *looks)
{
	struct inspect_view view = command->view;
	struct inspect_list list = list_of(looks);
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

/* Those that are left. Returns 0 or an exit code. */
static int look(struct inspect_command *command, struct inspect_looks *looks)
{
	struct reason why;

	*looks = (struct inspect_looks){ .list = NULL };
	if (command->all && inspect_targets_all(&command->targets, &why))
		return command_failed(&why, EXIT_FAILED);
	if (inspect_looks(looks, &command->targets, &command->request, command->fail_when))
		return output_failed(-ENOMEM, &why);
	return 0;
}

/* Until the last process has ended, or a signal. Frees @before. */
static int watch(struct inspect_command *command, char *before)
{
	int code = 0;

	while (!code) {
		struct inspect_looks looks;
		char *now;

		sleep((unsigned)command->watch_s);
		code = look(command, &looks);
		now = table_text(command, &looks);
		inspect_looks_free(&looks);
		if (!code && now && before)
			output_inspect_changes(stdout, before, now);
		if (!code)
			code = fflush(stdout)                           ? command_finish() :
			       !command->all && !command->targets.count ? EXIT_UNTESTED :
									  0;
		free(before);
		before = now;
	}
	free(before);
	return code;
}

static int look_and_watch(struct inspect_command *command, const struct reason *level_why)
{
	struct inspect_looks looks;
	int code = look(command, &looks);
	char *text = NULL;

	if (!code && !command->all && !looks.count) {
		inspect_looks_free(&looks);
		return EXIT_UNTESTED;
	}
	if (!code && looks.count == 1 && !command->view.table.several)
		looks.list[0]->level_why = *level_why;
	if (!code)
		code = print(command, &looks);
	if (!code && command->watch_s)
		text = table_text(command, &looks);
	else if (!code)
		code = looks.code ? looks.code : looks.failed ? EXIT_UNTESTED : 0;
	inspect_looks_free(&looks);
	return text ? watch(command, text) : code;
}

static int run_with_probe(struct inspect_command *command)
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
	request->host = host;
	request->probe = &command->probe;
	request->map_cell = request->map_cell || !host->thp_size ? host->page_size : host->thp_size;
	code = look_and_watch(command, &level_why);
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
	if (inspect->watch_s && inspect->json)
		return command_usage(inspect->command, "--watch shows rows, not JSON");
	if (inspect->view.table.several && inspect->request.map)
		return command_usage(inspect->command, "--map is of one process");
	if (inspect->all && operands)
		return command_usage(inspect->command, "--all goes without a process");
	if (!inspect->all && !operands)
		return command_usage(inspect->command, "a process is needed: thpin inspect PID");
	return 0;
}

/* Each process once. Returns 0 or an exit code. */
static int take_pids(struct inspect_command *inspect, char **operands)
{
	struct inspect_targets *targets = &inspect->targets;
	struct reason why;
	int code = 0;

	for (size_t count = 0; operands[count]; count++)
		targets->count = count + 1;
	targets->named = !inspect->all;
	targets->pids = calloc(targets->count + 1, sizeof(*targets->pids));
	if (!targets->pids)
		return output_failed(-ENOMEM, &why);
	targets->count = 0;
	for (; !code && *operands; operands++) {
		uint64_t pid;
		size_t i = 0;

		code = command_number(inspect->command, "PID", *operands, 1, 1 << 22, &pid);
		while (!code && i < targets->count && targets->pids[i] != (pid_t)pid)
			i++;
		if (!code && i == targets->count)
			targets->pids[targets->count++] = (pid_t)pid;
	}
	inspect->view.table.several = inspect->all || targets->count > 1;
	return code;
}

static int inspect_run(const struct command *command, int argc, char **argv)
{
	struct inspect_command inspect = { .command = command };
	struct table_options *table = &inspect.view.table;
	char *with_target = NULL;
	int code;

	if (command_parse(command, argc, argv, take_option, &inspect, &code))
		return code;
	if (inspect.list_columns)
		return list_columns(inspect.view.which);
	code = take_pids(&inspect, argv + optind);
	if (!code)
		code = check(&inspect, argc - optind);
	/* A row that has come or gone has to say of which process it is. */
	if (!code && inspect.watch_s && table->several && table->columns &&
	    *table->columns != '+' && asprintf(&with_target, "TARGET,%s", table->columns) >= 0)
		table->columns = with_target;
	if (!code)
		code = run_with_probe(&inspect);
	free(inspect.targets.pids);
	free(with_target);
	return code;
}

const struct command command_inspect = {
	.name = "inspect",
	.synopsis = "[OPTION...] PID... | --all",
	.help = "What of a live process is pinned, by whom, and is it still the same page",
	.details = "Exit status: 0 nothing odd, 1 something found, 125 could not look, 128 thpin failed,\n"
		   "129 usage.\n",
	.options = options,
	.run = inspect_run,
};
