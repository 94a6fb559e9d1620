// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin explain: what is known of cases and rules, in words. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case/select.h"
#include "commands/commands.h"
#include "host/host.h"
#include "input/results.h"
#include "output/explain.h"
#include "util/names.h"

enum { OPTION_COLOR = 256 };

static const struct command_option options[] = {
	{ OPTION_ARGUMENT("color", OPTION_COLOR), "WHEN", "auto, always or never",
	  "auto always never" },
	OPTIONS_END,
};

struct explain {
	const struct command *command;
	enum color_when color;
	struct host host;
	struct style style;
	size_t shown;
};

static int take_option(void *context, int option, char *argument)
{
	struct explain *explain = context;

	(void)option; /* there is but one */
	if (color_when_parse(argument, &explain->color))
		return command_usage(explain->command,
				     "--color %s: auto, always or never is needed", argument);
	return 0;
}

/* Between two explanations. */
static void separate(struct explain *explain)
{
	if (explain->shown++)
		fputs("\n\n", stdout);
}

static int explain_cases(struct explain *explain, const char *name)
{
	const char *const names[] = { name, NULL };
	const struct selection selection = { .names = names };
	struct case_result *results;
	struct reason why;
	size_t count;

	if (select_cases(&selection, &explain->host, &results, &count, &why))
		return command_usage(explain->command, "%s", why.text);
	for (size_t i = 0; i < count; i++) {
		separate(explain);
		explain_case(stdout, &results[i].id, &explain->host, &explain->style);
	}
	free(results);
	return 0;
}

static const char *rule_id_at(const void *list, size_t i)
{
	(void)list;
	return rule_at(i)->id;
}

/* What happened in a run that was recorded. */
static int explain_file(struct explain *explain, const char *path)
{
	struct reason why;
	struct results *results = results_read(path, &why);

	if (!results)
		return command_usage(explain->command, "%s", why.text);
	separate(explain);
	output_explained(stdout, &results->run, &explain->style);
	results_free(results);
	return 0;
}

static bool is_file(const char *name)
{
	size_t length = strlen(name);

	return !access(name, F_OK) || (length > 5 && !strcmp(name + length - 5, ".json"));
}

static int explain_one(struct explain *explain, const char *name)
{
	const struct rule *rule = rule_named(name);
	const char *nearest;
	size_t count = 0;

	if (!rule && is_file(name))
		return explain_file(explain, name);
	if (strchr(name, '/'))
		return explain_cases(explain, name);
	if (rule) {
		separate(explain);
		explain_rule(stdout, rule, &explain->host, &explain->style);
		return 0;
	}
	while (rule_at(count))
		count++;
	nearest = nearest_name(name, count, rule_id_at, NULL);
	return nearest ?
		       command_usage(explain->command, "no rule is called '%s'; did you mean '%s'?",
				     name, nearest) :
		       command_usage(explain->command,
				     "'%s' is neither PIN/MEMORY/RACE nor a rule (thpin list rules)",
				     name);
}

static int explain_run(const struct command *command, int argc, char **argv)
{
	struct explain explain = { .command = command };
	struct reason why;
	int code;

	if (command_parse(command, argc, argv, take_option, &explain, &code))
		return code;
	if (optind == argc)
		return command_usage(command, "a case, a rule or a file is needed");
	if (host_probe(&explain.host, &why))
		return command_failed(&why, EXIT_FAILED);
	style_init(&explain.style, stdout, explain.color);
	for (int i = optind; i < argc; i++) {
		code = explain_one(&explain, argv[i]);
		if (code)
			return code;
	}
	return command_finish();
}

const struct command command_explain = {
	.name = "explain",
	.synopsis = "[OPTION...] PIN/MEMORY/RACE|RULE|FILE...",
	.help = "Say what happens in a case, on which kernels, why, and what to do",
	.options = options,
	.operands = "explained",
	.run = explain_run,
};
