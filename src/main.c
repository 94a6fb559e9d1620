// SPDX-License-Identifier: GPL-2.0-or-later
/* The table of subcommands, and nothing else. */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "boot/boot.h"
#include "commands/commands.h"
#include "commands/toplevel.h"
#include "util/names.h"

static const char *command_at(const void *list, size_t i)
{
	(void)list;
	return command_list[i]->name;
}

/*
 * A closed standard descriptor would be given to the next file that is opened.
 * Writing to one that is made here still fails, as it should.
 */
static void open_standard(void)
{
	for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY)) {
		if (fd <= STDERR_FILENO)
			continue;
		close(fd);
		break;
	}
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "--help", *nearest;

	/* The kernel of a guest of "thpin boot" starts nothing else. */
	if (getpid() == 1 && !access(GUEST_ARGUMENTS, F_OK))
		guest_main();
	open_standard();
	/* Of the locale the characters only: a number is the same in each report, and to a script. */
	setlocale(LC_CTYPE, "");
	/* A closed pipe is an error that output_finish() reports. */
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < command_list_count; i++)
		if (!strcmp(name, command_list[i]->name))
			return command_list[i]->run(command_list[i], argc - 1, argv + 1);
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help"))
		return toplevel_help();
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		return toplevel_version();
	nearest = nearest_name(name, command_list_count, command_at, NULL);
	return nearest ? command_usage(NULL, "unknown subcommand '%s'; did you mean '%s'?", name,
				       nearest) :
			 command_usage(NULL, "unknown subcommand '%s'", name);
}
