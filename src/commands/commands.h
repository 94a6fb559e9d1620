/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_COMMANDS_COMMANDS_H
#define THPIN_COMMANDS_COMMANDS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

struct selection;

/* What every subcommand may return; thpin(1), EXIT STATUS. */
enum exit_code {
	EXIT_IN_SYNC = 0,
	EXIT_LOSS = 1,
	EXIT_UNTESTED = 125,
	EXIT_FAILED = 128,
	EXIT_USAGE = 129,
	EXIT_INTERRUPTED = 130,
};

/* One option of a subcommand: the parser, --help and completion share it. */
struct command_option {
	struct option getopt; /* .val is the short option, or a number above 255 */
	const char *argument; /* "FILE", NULL: none */
	const char *help;
	const char *values; /* blank-separated, for completion; or "pins", ... */
};

/* One line of a table of options. */
#define OPTION_PLAIN(name, value)              \
	{                                      \
		name, no_argument, NULL, value \
	}
#define OPTION_ARGUMENT(name, value)                 \
	{                                            \
		name, required_argument, NULL, value \
	}
#define OPTION_MAYBE(name, value)                    \
	{                                            \
		name, optional_argument, NULL, value \
	}

/* The end of such a table, with the option that all have. */
#define OPTIONS_END                                             \
	{ OPTION_PLAIN("help", 'h'), NULL, "this text", NULL }, \
	{                                                       \
		OPTION_PLAIN(NULL, 0), NULL, NULL, NULL         \
	}

struct command {
	const char *name;
	const char *synopsis;                 /* what follows the name */
	const char *help;                     /* one line */
	const char *details;                  /* more lines of --help, or NULL */
	const struct command_option *options; /* up to a NULL name */
	bool options_first;                   /* operands have options of their own */
	const char *operands;                 /* for completion, like values; NULL: none */
	int (*run)(const struct command *command, int argc, char **argv);
};

extern const struct command *const command_list[];
extern const size_t command_list_count;

extern const struct command command_repro, command_hold, command_list_command, command_boot;
extern const struct command command_completion, command_inspect, command_explain, command_report;

/* Take one option; returns 0 or an exit code. */
typedef int command_take(void *context, int option, char *argument);

/*
 * Parse the options of a command: @take gets each but --help, which is printed.
 * optind is then the first operand. Returns 0, or -1 when there is nothing left
 * to do and *code is the exit code.
 */
int command_parse(const struct command *command, int argc, char **argv, command_take *take,
		  void *context, int *code);

/*
 * Parse @arguments of a command, NULL-terminated and the first its name, as
 * command_parse() does, but print nothing and leave them as they are. *operands is
 * NULL-terminated, to be freed by the caller; the strings are those of @arguments.
 * Returns 0, -ENOMEM, -EINVAL when --help or a bad option is among them, or what @take
 * does.
 */
int command_scan(const struct command *command, char *const *arguments, command_take *take,
		 void *context, char ***operands);

/*
 * The cases that @arguments, from the name of the subcommand on, select. Its names, if
 * any, are to be freed by the caller. Returns 0, -ENOMEM or -EINVAL: not of "thpin repro",
 * or bad.
 */
int repro_selection(char *const *arguments, struct selection *selection);

/* A count, or the usage error that says what is allowed. Returns 0 or an exit code. */
int command_number(const struct command *command, const char *option, const char *text,
		   uint64_t min, uint64_t max, uint64_t *value);

/* Print --help on stdout. Returns an exit code. */
int command_help(const struct command *command);

/* One line on stderr and a hint; returns EXIT_USAGE. */
int command_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The end of all output on stdout: 0, or EXIT_FAILED when it did not get out. */
int command_finish(void);

/*
 * The same after an output function that returned @err, 0 or -errno: it may have
 * failed before it wrote anything.
 */
int command_printed(int err);

/* One line on stderr; returns @code. */
int command_failed(const struct reason *why, int code);

#endif
