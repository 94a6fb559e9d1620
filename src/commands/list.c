// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin list: the tables of the program, and what of them can run here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "host/host.h"
#include "output/output.h"
#include "util/names.h"

enum { OPTION_COLOR = 256, OPTION_LIST_COLUMNS };

static const struct command_option options[] = {
	{ OPTION_ARGUMENT("output", 'o'), "LIST", "columns; +LIST adds to the default", "columns" },
	{ OPTION_PLAIN("list-columns", OPTION_LIST_COLUMNS), NULL, "the columns there are", NULL },
	{ OPTION_PLAIN("json", 'J'), NULL, "JSON", NULL },
	{ OPTION_PLAIN("raw", 'r'), NULL, "rows without alignment", NULL },
	{ OPTION_PLAIN("noheadings", 'n'), NULL, "rows without a headline", NULL },
	{ OPTION_ARGUMENT("color", OPTION_COLOR), "WHEN", "auto, always or never",
	  "auto always never" },
	OPTIONS_END,
};

struct list {
	const struct command *command;
	struct table_options table;
	enum color_when color;
	bool list_columns;
};

static const char *table_at(const void *table, size_t i)
{
	(void)table;
	return catalogue_name((enum catalogue)i);
}

static int take_option(void *context, int option, char *argument)
{
	struct list *list = context;

	switch (option) {
	case 'o':
		list->table.columns = argument;
		return 0;
	case OPTION_LIST_COLUMNS:
		list->list_columns = true;
		return 0;
	case 'J':
		list->table.json = true;
		return 0;
	case 'r':
		list->table.raw = true;
		return 0;
	case 'n':
		list->table.noheadings = true;
		return 0;
	default: /* --color */
		if (color_when_parse(argument, &list->color))
			return command_usage(list->command,
					     "--color %s: auto, always or never is needed",
					     argument);
		return 0;
	}
}

static int show_columns(enum catalogue which)
{
	for (const struct column *column = catalogue_columns(which); column->name; column++)
		printf("%-14s %s\n", column->name, column->help);
	return command_finish();
}

static int show(const struct list *list, enum catalogue which)
{
	struct style style;
	struct reason why;
	struct host host;
	int err;

	if (host_probe(&host, &why))
		return command_failed(&why, EXIT_FAILED);
	style_init(&style, stdout, list->color);
	err = output_catalogue(stdout, which, &host, &list->table, &style, &why);
	if (err == -EINVAL)
		return command_usage(list->command, "%s", why.text);
	return err ? command_failed(&why, EXIT_FAILED) : command_finish();
}

static int list_run(const struct command *command, int argc, char **argv)
{
	struct list list = { .command = command };
	const char *name, *nearest;
	int code;

	if (command_parse(command, argc, argv, take_option, &list, &code))
		return code;
	if (argc - optind != 1)
		return command_usage(command,
				     "one of pins, memory, races, cases, rules, probes is needed");
	name = argv[optind];
	for (unsigned i = 0; i < LIST_COUNT; i++) {
		if (strcmp(name, catalogue_name((enum catalogue)i)))
			continue;
		return list.list_columns ? show_columns((enum catalogue)i) :
					   show(&list, (enum catalogue)i);
	}
	nearest = nearest_name(name, LIST_COUNT, table_at, NULL);
	return nearest ? command_usage(command, "there is no list of '%s'; did you mean '%s'?",
				       name, nearest) :
			 command_usage(command, "there is no list of '%s'", name);
}

const struct command command_list_command = {
	.name = "list",
	.synopsis = "[OPTION...] pins|memory|races|cases|rules|probes",
	.help = "Show pins, memory kinds, races, cases, rules or probes, and why some cannot run here",
	.options = options,
	.operands = "lists",
	.run = list_run,
};
