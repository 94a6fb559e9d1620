// SPDX-License-Identifier: GPL-2.0-or-later
/* What the subcommands share: getopt_long(3) tables, --help, usage errors. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "output/output.h"
#include "util/names.h"

static size_t count_options(const struct command *command)
{
	size_t count = 0;

	while (command->options[count].getopt.name)
		count++;
	return count;
}

/* The long options as getopt_long(3) wants them, and the short ones; to be freed. */
static struct option *make_getopt(const struct command *command, char **short_options)
{
	size_t count = count_options(command);
	struct option *list = calloc(count + 1, sizeof(*list));
	char *shorts = calloc(2 * count + 3, 1), *end = shorts;

	if (!list || !shorts) {
		free(list);
		free(shorts);
		return NULL;
	}
	if (command->options_first)
		*end++ = '+';
	*end++ = ':'; /* a missing argument is told from an unknown option */
	for (size_t i = 0; i < count; i++) {
		list[i] = command->options[i].getopt;
		if (list[i].val > 255)
			continue;
		*end++ = (char)list[i].val;
		if (list[i].has_arg == required_argument)
			*end++ = ':';
	}
	*short_options = shorts;
	return list;
}

static void show_option(const struct command_option *option)
{
	char text[48];
	int used = 0;

	if (option->getopt.val <= 255)
		used = snprintf(text, sizeof(text), "-%c, ", option->getopt.val);
	else
		used = snprintf(text, sizeof(text), "    ");
	snprintf(text + used, sizeof(text) - (size_t)used, "--%s%s%s", option->getopt.name,
		 option->getopt.has_arg == required_argument ? " " : "",
		 option->argument ? option->argument : "");
	printf("  %-26s %s\n", text, option->help);
}

int command_help(const struct command *command)
{
	printf("Usage: thpin %s%s%s\n\n%s.\n", command->name, command->synopsis[0] ? " " : "",
	       command->synopsis, command->help);
	if (command->options[0].getopt.name)
		printf("\nOptions:\n");
	for (size_t i = 0; command->options[i].getopt.name; i++)
		show_option(&command->options[i]);
	if (command->details)
		printf("\n%s", command->details);
	printf("\nMore in thpin-%s(1).\n", command->name);
	return command_finish();
}

int command_usage(const struct command *command, const char *format, ...)
{
	va_list args;

	fputs("thpin: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	if (command)
		fprintf(stderr, "\nTry 'thpin %s --help'.\n", command->name);
	else
		fputs("\nTry 'thpin --help'.\n", stderr);
	return EXIT_USAGE;
}

static const char *option_at(const void *list, size_t i)
{
	const struct command_option *options = list;

	return options[i].getopt.name;
}

/*
 * Whether it is @word, the last that getopt_long() is through with, that it complains
 * of: within a cluster of short ones it is not through, and optopt is one of them.
 */
static bool is_long(const struct command *command, const char *word)
{
	bool known = !optopt;

	for (size_t i = 0; !known && command->options[i].getopt.name; i++)
		known = command->options[i].getopt.val == optopt;
	return known && !strncmp(word, "--", 2);
}

/* After getopt_long() returned '?' or ':': say what is wrong, with the nearest name. */
static int bad_option(const struct command *command, int argc, char **argv)
{
	/* With a leading ':' optopt is set for short options and for missing arguments. */
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	size_t count = count_options(command), length;
	const char *nearest;
	char name[64];

	if (!is_long(command, word))
		return command_usage(command, "bad or incomplete option -%c", optopt);
	length = strcspn(word + 2, "=");
	snprintf(name, sizeof(name), "%.*s", (int)length, word + 2);
	for (size_t i = 0; i < count; i++) {
		const struct command_option *option = &command->options[i];

		if (strcmp(option->getopt.name, name))
			continue;
		return option->argument ?
			       command_usage(command, "--%s needs %s", name, option->argument) :
			       command_usage(command, "--%s takes no argument", name);
	}
	nearest = nearest_name(name, count, option_at, command->options);
	return nearest ? command_usage(command, "unknown option --%s; did you mean --%s?", name,
				       nearest) :
			 command_usage(command, "unknown option --%s", name);
}

int command_parse(const struct command *command, int argc, char **argv, command_take *take,
		  void *context, int *code)
{
	char *short_options = NULL;
	struct option *long_options = make_getopt(command, &short_options);
	bool help = false;
	int option;

	*code = long_options ? 0 : EXIT_FAILED;
	opterr = 0;
	while (!*code && !help &&
	       (option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (option == '?' || option == ':')
			*code = bad_option(command, argc, argv);
		else if (option == 'h')
			help = true;
		else
			*code = take(context, option, optarg);
	}
	free(long_options);
	free(short_options);
	if (help)
		*code = command_help(command);
	return help || *code ? -1 : 0;
}

int command_scan(const struct command *command, char *const *arguments, command_take *take,
		 void *context, char ***operands)
{
	char *short_options = NULL;
	struct option *long_options = make_getopt(command, &short_options);
	int argc = 0, option = 0, at = optind, err = 0;
	char **argv;

	while (arguments[argc])
		argc++;
	/* getopt_long(3) puts operands last, in what is not its own here. */
	argv = calloc((size_t)argc + 1, sizeof(*argv));
	if (!long_options || !argv)
		err = -ENOMEM;
	else
		memcpy(argv, arguments, (size_t)argc * sizeof(*argv));
	opterr = 0;
	optind = 0; /* from the start */
	while (!err && (option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1)
		err = option == '?' || option == ':' || option == 'h' ?
			      -EINVAL :
			      take(context, option, optarg);
	if (err) {
		free(argv);
	} else {
		memmove(argv, argv + optind, (size_t)(argc - optind + 1) * sizeof(*argv));
		*operands = argv;
	}
	optind = at;
	free(long_options);
	free(short_options);
	return err;
}

int command_number(const struct command *command, const char *option, const char *text,
		   uint64_t min, uint64_t max, uint64_t *value)
{
	if (!parse_count(text, min, max, value))
		return 0;
	return command_usage(command, "--%s %s: a number from %llu to %llu is needed", option, text,
			     (unsigned long long)min, (unsigned long long)max);
}

int command_finish(void)
{
	int err = output_finish(stdout);
	struct reason why;

	if (!err)
		return 0;
	fail_errno(&why, -err, "standard output");
	return command_failed(&why, EXIT_FAILED);
}

int command_printed(int err)
{
	/* A stream that fails knows better why. */
	int code = command_finish();
	struct reason why;

	if (code || !err)
		return code;
	fail_errno(&why, -err, "output");
	return command_failed(&why, EXIT_FAILED);
}

int command_failed(const struct reason *why, int code)
{
	fprintf(stderr, "thpin: %s\n", why->text);
	return code;
}
