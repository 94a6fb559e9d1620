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
	OPTIONS_END,
};

/* What a word of struct command.operands or command_option.values stands for. */
static const struct source {
	const char *command; /* only for this one; NULL: for all */
	const char *word;
	const char *shell; /* words, or a command that prints them; NULL: files */
	bool list;         /* of a comma-separated list, the last part is completed */
} sources[] = {
	{ NULL, "pins", "$(\"$thpin\" list pins -nr -o NAME 2>/dev/null)", true },
	{ NULL, "memory", "$(\"$thpin\" list memory -nr -o NAME 2>/dev/null)", true },
	{ NULL, "races", "$(\"$thpin\" list races -nr -o NAME 2>/dev/null)", true },
	{ NULL, "cases", "$(\"$thpin\" list cases -nr -o CASE 2>/dev/null)", false },
	{ NULL, "explained",
	  "$(\"$thpin\" list cases -nr -o CASE 2>/dev/null; "
	  "\"$thpin\" list rules -nr -o RULE 2>/dev/null; "
	  "compgen -f -X '!*.json' -- \"$current\")",
	  false },
	{ NULL, "lists", "pins memory races cases rules probes", false },
	{ NULL, "files", NULL, false },
	{ NULL, "files", "$(compgen -f -- \"$current\")", false },
	{ "list", "columns", "$(_thpin_list_columns)", true },
	{ "inspect", "columns",
	  "$({ \"$thpin\" inspect --list-columns; \"$thpin\" inspect --vmas --list-columns; } "
	  "2>/dev/null | cut -d' ' -f1)",
	  true },
	{ NULL, "columns", "$(\"$thpin\" repro --list-columns 2>/dev/null | cut -d' ' -f1)", true },
};

static void print_header(void)
{
	fputs("# bash completion for thpin; made by: thpin completion bash\n"
	      "# SPDX-License-Identifier: GPL-2.0-or-later\n"
	      "# shellcheck shell=bash\n"
	      "\n"
	      "# The columns of the list that is named, or of all. Names are asked of the\n"
	      "# thpin that stands on the command line.\n"
	      "_thpin_list_columns()\n"
	      "{\n"
	      "\tlocal word list='pins memory races cases rules probes'\n"
	      "\n"
	      "\tfor word in \"${line[@]:2}\"; do\n"
	      "\t\tcase $word in\n"
	      "\t\tpins|memory|races|cases|rules|probes) list=$word ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\tfor word in $list; do\n"
	      "\t\t\"$thpin\" list \"$word\" --list-columns 2>/dev/null\n"
	      "\tdone | cut -d' ' -f1\n"
	      "}\n"
	      "\n"
	      "_thpin()\n"
	      "{\n"
	      "\tlocal line=(\"${COMP_WORDS[@]}\") at=$COMP_CWORD i own=0\n"
	      "\tlocal thpin=${line[0]/#'~/'/$HOME/} current previous\n"
	      "\tlocal words='' before='' list='' files=''\n"
	      "\n"
	      "\t# \"boot ... -- SUBCOMMAND ...\": a command line of its own. Of hold several.\n"
	      "\tfor ((i = 2; i < COMP_CWORD; i++)); do\n"
	      "\t\t[[ ${line[i]} == -- ]] || continue\n"
	      "\t\t[[ ${line[1]} == hold || ${line[1]} == boot && $own == 0 ]] && own=$i\n"
	      "\tdone\n"
	      "\tif ((own)); then\n"
	      "\t\tline=(\"$thpin\" \"${line[@]:own+1}\")\n"
	      "\t\tat=$((at - own))\n"
	      "\tfi\n"
	      "\tcurrent=${line[at]} previous=${line[at-1]}\n"
	      "\t# \"--option=value\" is three words.\n"
	      "\tif [[ $current == = ]]; then\n"
	      "\t\tcurrent=\n"
	      "\telif [[ $previous == = ]]; then\n"
	      "\t\tprevious=${line[at-2]}\n"
	      "\tfi\n"
	      "\tif ((at == 1)); then\n",
	      stdout);
}

static void print_footer(void)
{
	fputs("\tif [[ $files ]]; then\n"
	      "\t\tcompopt -o filenames 2>/dev/null\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
	      "\t\treturn\n"
	      "\tfi\n"
	      "\t# The last part of a comma-separated list, or of \"+LIST\".\n"
	      "\tif [[ $list && $current == *,* ]]; then\n"
	      "\t\tbefore=${current%,*},\n"
	      "\telif [[ $list && $current == +* ]]; then\n"
	      "\t\tbefore=+\n"
	      "\tfi\n"
	      "\tmapfile -t COMPREPLY < <(\n"
	      "\t\tcompgen -P \"$before\" -W \"$words\" -- \"${current#\"$before\"}\")\n"
	      "} &&\n"
	      "complete -F _thpin thpin\n",
	      stdout);
}

static void print_words(const struct command *command, const char *indent, const char *values)
{
	const struct source *source = NULL;

	for (size_t i = 0; !source && i < sizeof(sources) / sizeof(sources[0]); i++)
		if (!strcmp(values, sources[i].word) &&
		    (!sources[i].command || !strcmp(command->name, sources[i].command)))
			source = &sources[i];
	if (source && !source->shell)
		printf("%sfiles=yes\n", indent);
	else
		printf("%swords=\"%s\"\n", indent, source ? source->shell : values);
	if (source && source->list)
		printf("%slist=yes\n", indent);
}

static void complete_command(const struct command *command)
{
	printf("\t\t%s)\n\t\t\tcase $previous in\n", command->name);
	for (size_t i = 0; command->options[i].getopt.name; i++) {
		const struct command_option *option = &command->options[i];

		if (option->getopt.has_arg != required_argument)
			continue;
		printf("\t\t\t--%s", option->getopt.name);
		if (option->getopt.val <= 255)
			printf("|-%c", option->getopt.val);
		printf(")\n");
		print_words(command, "\t\t\t\t", option->values ? option->values : "");
		printf("\t\t\t\t;;\n");
	}
	printf("\t\t\t*)\n\t\t\t\tif [[ $current == -* ]]; then\n\t\t\t\t\twords=\"");
	for (size_t i = 0; command->options[i].getopt.name; i++)
		printf("%s--%s", i ? " " : "", command->options[i].getopt.name);
	printf("\"\n");
	if (command->operands) {
		printf("\t\t\t\telse\n");
		print_words(command, "\t\t\t\t\t", command->operands);
	}
	printf("\t\t\t\tfi\n\t\t\t\t;;\n\t\t\tesac\n\t\t\t;;\n");
}

static void print_script(void)
{
	print_header();
	printf("\t\twords=\"--help --version");
	for (size_t i = 0; i < command_list_count; i++)
		printf(" %s", command_list[i]->name);
	printf("\"\n\telse\n\t\tcase ${line[1]} in\n");
	for (size_t i = 0; i < command_list_count; i++)
		complete_command(command_list[i]);
	printf("\t\tesac\n\tfi\n");
	print_footer();
}

/* It has no option of its own. */
static int take_option(void *context, int option, char *argument)
{
	(void)context;
	(void)option;
	(void)argument;
	return 0;
}

static int completion_run(const struct command *command, int argc, char **argv)
{
	static char buffer[16384];
	int code;

	if (command_parse(command, argc, argv, take_option, NULL, &code))
		return code;
	if (argc - optind != 1 || strcmp(argv[optind], "bash"))
		return command_usage(command, "the name of a shell is needed: bash");
	/* Written at once, so that what fails is the last call, which can say why. */
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	print_script();
	return command_finish();
}

const struct command command_completion = {
	.name = "completion",
	.synopsis = "bash",
	.help = "Print a completion script for a shell",
	.options = options,
	.operands = "bash",
	.run = completion_run,
};
