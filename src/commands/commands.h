/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_COMMANDS_COMMANDS_H
#define THPIN_COMMANDS_COMMANDS_H

#include <getopt.h>
#include <stddef.h>

#include "util/reason.h"

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

struct command {
	const char *name;
	const char *synopsis;                 /* what follows the name */
	const char *help;                     /* one line */
	const char *details;                  /* more lines of --help, or NULL */
	const struct command_option *options; /* up to a NULL name */
	const char *operands;                 /* for completion, like values; NULL: none */
	int (*run)(const struct command *command, int argc, char **argv);
};

extern const struct command *const command_list[];
extern const size_t command_list_count;

extern const struct command command_repro, command_list_command, command_boot, command_completion;

/* The long options of a command as getopt_long(3) wants them; freed by the caller. */
struct option *command_getopt(const struct command *command, char **short_options);

/* Print --help on stdout. Returns an exit code. */
int command_help(const struct command *command);

/* One line on stderr and a hint; returns EXIT_USAGE. */
int command_usage(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* After getopt_long() returned '?' or ':': say what is wrong, with the nearest name. */
int command_bad_option(const struct command *command, int argc, char **argv);

/* One line on stderr; returns @code. */
int command_failed(const struct reason *why, int code);

#endif
