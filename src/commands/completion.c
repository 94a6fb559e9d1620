// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * thpin completion bash: a completion script made from the same tables as the
 * parsers. Names of cases, columns and the like are asked of thpin itself when
 * they are wanted, so that the script never grows stale.
 */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "output/output.h"

static const struct command_option options[] = {
	{ { "help", no_argument, NULL, 'h' }, NULL, "this text", NULL },
	{ { NULL, 0, NULL, 0 }, NULL, NULL, NULL },
};

/* What a word of struct command.operands or command_option.values stands for. */
static const struct {
	const char *word;
	const char *shell; /* words, or a command that prints them */
} sources[] = {
	{ "pins", "$(thpin list pins -nr -o NAME 2>/dev/null)" },
	{ "memory", "$(thpin list memory -nr -o NAME 2>/dev/null)" },
	{ "races", "$(thpin list races -nr -o NAME 2>/dev/null)" },
	{ "cases", "$(thpin list cases -nr -o CASE 2>/dev/null)" },
	{ "lists", "pins memory races cases rules" },
	{ "columns", "$(thpin repro --list-columns 2>/dev/null | cut -d' ' -f1)" },
};

static const char *shell_words(const char *values)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!strcmp(values, sources[i].word))
			return sources[i].shell;
	return values;
}

static void complete_command(const struct command *command)
{
	printf("\t%s)\n\t\tcase $previous in\n", command->name);
	for (size_t i = 0; command->options[i].getopt.name; i++) {
		const struct command_option *option = &command->options[i];

		if (option->getopt.has_arg != required_argument)
			continue;
		printf("\t\t--%s%s%c)\n\t\t\twords=\"%s\"\n\t\t\t;;\n", option->getopt.name,
		       option->getopt.val <= 255 ? "|-" : "",
		       option->getopt.val <= 255 ? option->getopt.val : ' ',
		       option->values ? shell_words(option->values) : "");
	}
	printf("\t\t*)\n\t\t\twords=\"");
	for (size_t i = 0; command->options[i].getopt.name; i++)
		printf("%s--%s", i ? " " : "", command->options[i].getopt.name);
	printf("\"\n");
	if (command->operands)
		printf("\t\t\t[[ $current == -* ]] || words=\"%s\"\n",
		       shell_words(command->operands));
	printf("\t\t\t;;\n\t\tesac\n\t\t;;\n");
}

static int completion_run(const struct command *command, int argc, char **argv)
{
	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")))
		return command_help(command);
	if (argc != 2 || strcmp(argv[1], "bash"))
		return command_usage(command, "the name of a shell is needed: bash");
	printf("# bash completion for thpin; made by: thpin completion bash\n"
	       "# shellcheck shell=bash\n"
	       "# SPDX-License-Identifier: GPL-2.0-or-later\n"
	       "_thpin()\n"
	       "{\n"
	       "\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=\n"
	       "\n"
	       "\tif ((COMP_CWORD == 1)); then\n"
	       "\t\twords=\"--help --version");
	for (size_t i = 0; i < command_list_count; i++)
		printf(" %s", command_list[i]->name);
	printf("\"\n"
	       "\telse\n"
	       "\t\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; i < command_list_count; i++)
		complete_command(command_list[i]);
	printf("\t\tesac\n"
	       "\tfi\n"
	       "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
	       "} &&\n"
	       "complete -F _thpin thpin\n");
	return output_finish(stdout) ? EXIT_FAILED : 0;
}

const struct command command_completion = {
	.name = "completion",
	.synopsis = "bash",
	.help = "Print a completion script for a shell",
	.options = options,
	.operands = "bash",
	.run = completion_run,
};
