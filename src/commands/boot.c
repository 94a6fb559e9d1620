// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin boot: run a subcommand on another kernel, in QEMU. */
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
	OPTION_ACCEL,
	OPTION_TIMEOUT,
	OPTION_QEMU,
	OPTION_KEEP_LOG,
	OPTION_VERBOSE,
};

#define NO_ARGUMENT(name, value)               \
	{                                      \
		name, no_argument, NULL, value \
	}
#define ARGUMENT(name, value)                        \
	{                                            \
		name, required_argument, NULL, value \
	}

static const struct command_option options[] = {
	{ ARGUMENT("kernel", OPTION_KERNEL), "FILE", "bzImage to boot; needed", "files" },
	{ ARGUMENT("modules", OPTION_MODULES), "DIR", "where its modules are (any depth)",
	  "files" },
	{ ARGUMENT("memory", OPTION_MEMORY), "SIZE", "memory of the guest (default 2G)", NULL },
	{ ARGUMENT("cpus", OPTION_CPUS), "N", "CPUs of the guest (default 2)", NULL },
	{ ARGUMENT("nodes", OPTION_NODES), "N", "NUMA nodes of the guest (default 1)", NULL },
	{ ARGUMENT("append", OPTION_APPEND), "TEXT", "more of the kernel command line", NULL },
	{ ARGUMENT("device", OPTION_DEVICE), "NAME", "edu: a DMA engine behind an IOMMU", "edu" },
	{ NO_ARGUMENT("swap", OPTION_SWAP), NULL, "swap is on in the guest", NULL },
	{ ARGUMENT("accel", OPTION_ACCEL), "HOW", "tcg (default), kvm, or auto", "tcg kvm auto" },
	{ ARGUMENT("timeout", OPTION_TIMEOUT), "SECONDS", "for all of it (default 300)", NULL },
	{ ARGUMENT("qemu", OPTION_QEMU), "BINARY", "default qemu-system-x86_64", "files" },
	{ ARGUMENT("keep-log", OPTION_KEEP_LOG), "FILE", "write the console there", "files" },
	{ NO_ARGUMENT("verbose", OPTION_VERBOSE), NULL, "show the console on stderr", NULL },
	{ NO_ARGUMENT("help", 'h'), NULL, "this text", NULL },
	{ NO_ARGUMENT(NULL, 0), NULL, NULL, NULL },
};

static int number(const struct command *command, const char *name, const char *text, uint64_t min,
		  uint64_t max, unsigned *value)
{
	uint64_t parsed;

	if (parse_count(text, min, max, &parsed))
		return command_usage(command, "--%s %s: a number from %llu to %llu is needed", name,
				     text, (unsigned long long)min, (unsigned long long)max);
	*value = (unsigned)parsed;
	return 0;
}

static int parse_option(struct boot_plan *plan, const struct command *command, int option,
			char *argument)
{
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
		return number(command, "cpus", argument, 1, 64, &plan->cpus);
	case OPTION_NODES:
		return number(command, "nodes", argument, 1, 8, &plan->nodes);
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
	case OPTION_ACCEL:
		plan->accel = !strcmp(argument, "kvm")  ? ACCEL_KVM :
			      !strcmp(argument, "auto") ? ACCEL_AUTO :
							  ACCEL_TCG;
		if (plan->accel == ACCEL_TCG && strcmp(argument, "tcg"))
			return command_usage(command, "--accel %s: tcg, kvm or auto is needed",
					     argument);
		return 0;
	case OPTION_TIMEOUT:
		return number(command, "timeout", argument, 1, 86400, &plan->timeout_s);
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
	nearest = nearest_name(plan->argv[0], command_list_count, command_at, NULL);
	return nearest ? command_usage(command, "unknown subcommand '%s'; did you mean '%s'?",
				       plan->argv[0], nearest) :
			 command_usage(command, "unknown subcommand '%s'", plan->argv[0]);
}

static int boot_command(const struct command *command, int argc, char **argv)
{
	struct boot_plan plan = {
		.qemu = "qemu-system-x86_64",
		.memory_mb = 2048,
		.cpus = 2,
		.nodes = 1,
		.timeout_s = 300,
	};
	char *short_options = NULL, *console;
	struct option *long_options = command_getopt(command, &short_options);
	struct reason why;
	int option, code = 0;

	if (!long_options)
		return EXIT_FAILED;
	opterr = 0;
	/* What follows the subcommand is its own. */
	setenv("POSIXLY_CORRECT", "1", 1);
	while (!code &&
	       (option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (option == '?' || option == ':') {
			code = command_bad_option(command, argc, argv);
		} else if (option == 'h') {
			free(long_options);
			free(short_options);
			return command_help(command);
		} else {
			code = parse_option(&plan, command, option, optarg);
		}
	}
	unsetenv("POSIXLY_CORRECT");
	free(long_options);
	free(short_options);
	plan.argv = argv + optind;
	if (!code)
		code = check(&plan, command);
	if (code)
		return code;
	code = boot_run(&plan, STDOUT_FILENO, STDERR_FILENO, &console, &why);
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
	.operands = "files",
	.run = boot_command,
};
