// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands/toplevel.h"

#include <stdio.h>

#include "commands/commands.h"
#include "host/libraries.h"
#include "output/output.h"

#include "config.h"

int toplevel_help(void)
{
	printf("Usage: thpin SUBCOMMAND [OPTION...] [ARGUMENT...]\n"
	       "\n"
	       "Do the device and the CPU still see the same page? Pins memory as drivers do,\n"
	       "runs fork(), split, reclaim and discard races against it, and compares the bytes\n"
	       "of the DMA view and the CPU view.\n"
	       "\n"
	       "Subcommands:\n");
	for (size_t i = 0; i < command_list_count; i++)
		printf("  %-12s %s\n", command_list[i]->name, command_list[i]->help);
	printf("\n"
	       "  -h, --help     this text; 'thpin SUBCOMMAND --help' for more\n"
	       "  -V, --version  version, and the libraries thpin was built with\n"
	       "\n"
	       "Start with: thpin repro\n"
	       "More in thpin(1); pins, races and hazards explained in thpin(7).\n");
	return command_finish();
}

int toplevel_version(void)
{
	printf("thpin %s\n", THPIN_VERSION);
	for (size_t i = 0; i < library_list_count; i++) {
		const struct library *library = &library_list[i];

		if (library->missing)
			printf("  without %s: %s\n", library->name, library->missing);
		else
			printf("  %s %s\n", library->name,
			       library->version[0] ? library->version : "(version not known)");
	}
	return command_finish();
}
