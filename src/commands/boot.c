// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin boot: run a subcommand on another kernel, in QEMU. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/boot.h"
#include "commands/commands.h"
#include "output/output.h"
#include "util/names.h"

enum {
	OPTION_KERNEL = 256,
	OPTION_MODULES,
	OPTION_MEMORY,
	OPTION_CPUS,
	OPTION_NODES,
	OPTION_APPEND,
	OPTION_DEVICE,
	OPTION_SWAP,
	OPTION_DISK,
	OPTION_ACCEL,
	OPTION_TIMEOUT,
	OPTION_QEMU,
	OPTION_KEEP_LOG,
	OPTION_VERBOSE,
};

static const struct command_option options[] = {
	{ OPTION_ARGUMENT("kernel", OPTION_KERNEL), "FILE", "bzImage to boot; needed", "files" },
	{ OPTION_ARGUMENT("modules", OPTION_MODULES), "DIR", "where its modules are (any depth)",
	  "files" },
	{ OPTION_ARGUMENT("memory", OPTION_MEMORY), "SIZE", "memory of the guest (default 2G)",
	  NULL },
	{ OPTION_ARGUMENT("cpus", OPTION_CPUS), "N", "CPUs of the guest (default 2)", NULL },
	{ OPTION_ARGUMENT("nodes", OPTION_NODES), "N", "NUMA nodes of the guest (default 1)",
	  NULL },
	{ OPTION_ARGUMENT("append", OPTION_APPEND), "TEXT", "more of the kernel command line",
	  NULL },
	{ OPTION_ARGUMENT("device", OPTION_DEVICE), "NAME", "edu: a DMA engine behind an IOMMU",
	  "edu" },
	{ OPTION_PLAIN("swap", OPTION_SWAP), NULL, "swap is on in the guest", NULL },
	{ OPTION_ARGUMENT("disk", OPTION_DISK), "FILE",
	  "image of a file system, at /disk in the guest; not changed", "files" },
	{ OPTION_ARGUMENT("accel", OPTION_ACCEL), "HOW", "tcg (default), kvm, or auto",
	  "tcg kvm auto" },
	{ OPTION_ARGUMENT("timeout", OPTION_TIMEOUT), "SECONDS", "for all of it (default 300)",
	  NULL },
	{ OPTION_ARGUMENT("qemu", OPTION_QEMU), "BINARY", "default qemu-system-x86_64", "files" },
	{ OPTION_ARGUMENT("keep-log", OPTION_KEEP_LOG), "FILE", "write the console there",
	  "files" },
	{ OPTION_PLAIN("verbose", OPTION_VERBOSE), NULL, "show the console on stderr", NULL },
	OPTIONS_END,
};

struct boot {
	const struct command *command;
	struct boot_plan plan;
};

static int number(const struct command *command, const char *option, const char *text, uint64_t max,
		  unsigned *value)
{
	uint64_t parsed;
	int code = command_number(command, option, text, 1, max, &parsed);

	*value = code ? 0 : (unsigned)parsed;
	return code;
}

static int take_option(void *context, int option, char *argument)
{
	struct boot *boot = context;
	const struct command *command = boot->command;
	struct boot_plan *plan = &boot->plan;
	uint64_t bytes;

	switch (option) {
	case OPTION_KERNEL:
		plan->kernel = argument;
		return 0;
	case OPTION_MODULES:
		plan->modules = argument;
		return 0;
	case OPTION_MEMORY:
		if (parse_size(argument, &bytes) || bytes < UINT64_C(128) << 20 ||
		    bytes > UINT64_C(1) << 40)
			return command_usage(command, "--memory %s: a size from 128M on is needed",
					     argument);
		plan->memory_mb = (unsigned)(bytes >> 20);
		return 0;
	case OPTION_CPUS:
		return number(command, "cpus", argument, 64, &plan->cpus);
	case OPTION_NODES:
		return number(command, "nodes", argument, 8, &plan->nodes);
	case OPTION_APPEND:
		plan->append = argument;
		return 0;
	case OPTION_DEVICE:
		plan->edu = !strcmp(argument, "edu");
		return plan->edu ?
			       0 :
			       command_usage(command, "--device %s: only edu is known", argument);
	case OPTION_SWAP:
		plan->swap = true;
		return 0;
	case OPTION_DISK:
		plan->disk = argument;
		if (access(argument, R_OK))
			return command_usage(command, "--disk %s: %s", argument, strerror(errno));
		return 0;
	case OPTION_ACCEL:
		plan->accel = !strcmp(argument, "kvm")  ? ACCEL_KVM :
			      !strcmp(argument, "auto") ? ACCEL_AUTO :
							  ACCEL_TCG;
		if (plan->accel == ACCEL_TCG && strcmp(argument, "tcg"))
			return command_usage(command, "--accel %s: tcg, kvm or auto is needed",
					     argument);
		return 0;
	case OPTION_TIMEOUT:
		return number(command, "timeout", argument, 86400, &plan->timeout_s);
	case OPTION_QEMU:
		plan->qemu = argument;
		return 0;
	case OPTION_KEEP_LOG:
		plan->keep_log = argument;
		return 0;
	default:
		plan->verbose = true;
		return 0;
	}
}

static const char *command_at(const void *list, size_t i)
{
	(void)list;
	return command_list[i]->name;
}

/* The subcommand must be one; its own arguments are judged in the guest. */
static int check(const struct boot_plan *plan, const struct command *command)
{
	const char *nearest;

	if (!plan->kernel)
		return command_usage(command, "--kernel FILE is needed");
	if (!plan->argv[0])
		return command_usage(command, "a subcommand is needed: -- repro ...");
	for (size_t i = 0; i < command_list_count; i++)
		if (!strcmp(plan->argv[0], command_list[i]->name) && command_list[i] != command)
			return 0;
	if (plan->argv[0][0] == '-')
		return 0; /* --version, --help */
	if (!strcmp(plan->argv[0], command->name))
		return command_usage(command, "a guest has no kernel that boot could boot");
	nearest = nearest_name(plan->argv[0], command_list_count, command_at, NULL);
	return nearest ? command_usage(command, "unknown subcommand '%s'; did you mean '%s'?",
				       plan->argv[0], nearest) :
			 command_usage(command, "unknown subcommand '%s'", plan->argv[0]);
}

static int boot_command(const struct command *command, int argc, char **argv)
{
	struct boot boot = {
		.command = command,
		.plan = {
			.qemu = "qemu-system-x86_64",
			.memory_mb = 2048,
			.cpus = 2,
			.nodes = 1,
			.timeout_s = 300,
		},
	};
	struct selection selection;
	struct reason why;
	char *console;
	int code;

	if (command_parse(command, argc, argv, take_option, &boot, &code))
		return code;
	boot.plan.argv = argv + optind;
	code = check(&boot.plan, command);
	if (code)
		return code;
	boot.plan.cases = repro_selection(boot.plan.argv, &selection) ? NULL : &selection;
	code = boot_run(&boot.plan, STDOUT_FILENO, STDERR_FILENO, &console, &why);
	free((void *)selection.names);
	output_console(stderr, console);
	free(console);
	return why.text[0] ? command_failed(&why, code) : code;
}

const struct command command_boot = {
	.name = "boot",
	.synopsis = "--kernel FILE [OPTION...] -- SUBCOMMAND [ARGUMENT...]",
	.help = "Run a subcommand on another kernel, in QEMU, and return its outputs and exit code",
	.details = "Example: git bisect run sh -c 'make -j8 bzImage || exit 125; exec\n"
		   "  thpin boot --kernel arch/x86/boot/bzImage -- repro odirect-read/thp/fork-parent-write'\n"
		   "Exit status: that of the subcommand; 125 the kernel did not boot, panicked or\n"
		   "hung; 128 there is no QEMU.\n",
	.options = options,
	.options_first = true,
	.operands = "files",
	.run = boot_command,
};
