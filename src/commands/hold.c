// SPDX-License-Identifier: GPL-2.0-or-later
/* thpin hold: take a pin and sit on it, for inspect and for tests. */
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case/case.h"
#include "case/hold.h"
#include "commands/commands.h"
#include "host/host.h"
#include "host/node.h"
#include "output/output.h"
#include "util/names.h"

enum {
	OPTION_PIN = 256,
	OPTION_MEMORY,
	OPTION_SIZE,
	OPTION_DIVERGE,
	OPTION_DISCARD,
	OPTION_SWAP,
	OPTION_MERGE,
	OPTION_FORK,
	OPTION_NODE
};

static const struct command_option options[] = {
	{ OPTION_ARGUMENT("pin", OPTION_PIN), "LIST",
	  "how it is pinned (default uring-fixed); several: one after the other", "pins" },
	{ OPTION_ARGUMENT("memory", OPTION_MEMORY), "LIST",
	  "what is pinned (default thp); several: by each of the pins", "memory" },
	{ OPTION_ARGUMENT("size", OPTION_SIZE), "SIZE", "how much of it (default: one THP)", NULL },
	{ OPTION_ARGUMENT("diverge", OPTION_DIVERGE), "N",
	  "discard and write N pages: they are no longer those of the device", NULL },
	{ OPTION_ARGUMENT("discard", OPTION_DISCARD), "N",
	  "discard N pages: only the device still has them", NULL },
	{ OPTION_ARGUMENT("swap", OPTION_SWAP), "N", "discard and write N pages, and swap them out",
	  NULL },
	{ OPTION_ARGUMENT("merge", OPTION_MERGE), "N",
	  "discard and write N pages, and have KSM merge them", NULL },
	{ OPTION_ARGUMENT("node", OPTION_NODE), "LIST", "memory and CPUs of these NUMA nodes",
	  NULL },
	{ OPTION_PLAIN("fork", OPTION_FORK), NULL, "fork a child that shares the memory", NULL },
	OPTIONS_END,
};

/* Of the subcommand that is run on what is held. */
#define ARGUMENTS_MAX 64

/* No list is longer: a name twice in it is no use. */
#define LIST_MAX 64

struct hold_command {
	const struct command *command;
	char **subcommands; /* with arguments, "--" between, NULL at the end; none: wait */
	struct hold_plan plan;
	const struct pin_ops *pins[LIST_MAX];
	const struct memory_ops *memories[LIST_MAX];
	unsigned pins_count, memories_count;
	unsigned needs; /* MEMORY_...: for what is done to it */
};

static int unknown(const struct command *command, const char *what, const char *name,
		   const char *nearest)
{
	return nearest ?
		       command_usage(command, "no %s is called '%s'; did you mean '%s'?", what,
				     name, nearest) :
		       command_usage(command, "no %s is called '%s' (see: thpin list)", what, name);
}

static int choose_pin(struct hold_command *hold, const char *name)
{
	for (size_t i = 0; i < pin_list_count; i++) {
		if (strcmp(name, pin_list[i]->name))
			continue;
		hold->pins[hold->pins_count++] = pin_list[i];
		return 0;
	}
	return unknown(hold->command, "pin", name,
		       nearest_name(name, pin_list_count, pin_name_at, NULL));
}

static int choose_memory(struct hold_command *hold, const char *name)
{
	for (size_t i = 0; i < memory_list_count; i++) {
		if (strcmp(name, memory_list[i]->name))
			continue;
		hold->memories[hold->memories_count++] = memory_list[i];
		return 0;
	}
	return unknown(hold->command, "memory", name,
		       nearest_name(name, memory_list_count, memory_name_at, NULL));
}

/* What @choose makes of each name of a comma-separated list, in place of what was chosen. */
static int choose_list(struct hold_command *hold, char *list, unsigned *count,
		       int (*choose)(struct hold_command *hold, const char *name))
{
	char *name;
	int code = 0;

	*count = 0;
	while (!code && (name = strsep(&list, ",")))
		code = *count < LIST_MAX ?
			       choose(hold, name) :
			       command_usage(hold->command, "more than %d names", LIST_MAX);
	return code;
}

static int take_parted(struct hold_command *hold, const char *option, const char *argument,
		       enum held_state state)
{
	uint64_t value;
	int code = command_number(hold->command, option, argument, 0, 1 << 24, &value);

	if (!code)
		hold->plan.parted[state] = (unsigned)value;
	return code;
}

static int take_option(void *context, int option, char *argument)
{
	struct hold_command *hold = context;

	switch (option) {
	case OPTION_PIN:
		return choose_list(hold, argument, &hold->pins_count, choose_pin);
	case OPTION_MEMORY:
		return choose_list(hold, argument, &hold->memories_count, choose_memory);
	case OPTION_SIZE:
		if (parse_size(argument, &hold->plan.size) || !hold->plan.size)
			return command_usage(hold->command,
					     "--size %s: a size such as 4096, 64K or 2M is needed",
					     argument);
		return 0;
	case OPTION_DIVERGE:
		return take_parted(hold, "diverge", argument, HELD_DIVERGED);
	case OPTION_DISCARD:
		return take_parted(hold, "discard", argument, HELD_DISCARDED);
	case OPTION_SWAP:
		return take_parted(hold, "swap", argument, HELD_SWAPPED);
	case OPTION_MERGE:
		return take_parted(hold, "merge", argument, HELD_MERGED);
	case OPTION_NODE:
		hold->plan.nodes = argument;
		return 0;
	default: /* --fork */
		hold->plan.fork = true;
		return 0;
	}
}

static int check(struct hold_command *hold, const struct host *host)
{
	struct hold_plan *plan = &hold->plan;
	unsigned possible = 0;
	const char *lacks = NULL;
	struct reason why;

	/* A page of a huge one would be written, not discarded. */
	hold->needs = 0;
	for (unsigned state = 0; state < HELD_STATES; state++)
		hold->needs |= plan->parted[state] ? MEMORY_DIVISIBLE : 0;
	if (plan->parted[HELD_SWAPPED] || plan->parted[HELD_MERGED])
		hold->needs |= MEMORY_PRIVATE;
	if (!plan->size)
		plan->size = host_region_size(host);
	if (plan->size % host->page_size || plan->size > host->memory_kb * 1024 / 2)
		return command_usage(hold->command,
				     "--size: a multiple of %zu bytes, at most half the memory, is needed",
				     host->page_size);
	for (unsigned i = 0; i < hold->pins_count; i++)
		for (unsigned j = 0; j < hold->memories_count; j++) {
			const char *here = memory_lacks(hold->memories[j],
							hold->pins[i]->needs | hold->needs);

			possible += !here;
			lacks = lacks ? lacks : here;
		}
	if (!possible)
		return command_usage(hold->command, "%s cannot pin %s: %s", hold->pins[0]->name,
				     hold->memories[0]->name, lacks);
	if (plan->nodes && nodes_check(plan->nodes, &why))
		return command_usage(hold->command, "--node: %s", why.text);
	if (hold->pins_count * hold->memories_count > 1 && !*hold->subcommands)
		return command_usage(hold->command,
				     "several pins or kinds of memory need a subcommand to end each");
	return 0;
}

/*
 * Run the subcommand at **@next on what is held, "{}" being its process, and move
 * *@next behind it. Returns what it exits with.
 */
static int run_subcommand(char ***next, const sigset_t *mask)
{
	char *arguments[ARGUMENTS_MAX + 2] = { "thpin" }, number[16], **argv = *next;
	posix_spawnattr_t attributes;
	struct reason why;
	unsigned count = 1;
	int status, err;
	pid_t pid;

	snprintf(number, sizeof(number), "%d", (int)getpid());
	for (; *argv && strcmp(*argv, "--") != 0 && count <= ARGUMENTS_MAX; argv++)
		arguments[count++] = strcmp(*argv, "{}") ? *argv : number;
	*next = *argv ? argv + 1 : argv;
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, mask);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	/* Not by fork(), which is what should not happen while something is held. */
	err = posix_spawn(&pid, "/proc/self/exe", NULL, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	if (!err && waitpid(pid, &status, 0) < 0)
		err = errno;
	if (err) {
		fail_errno(&why, err, "cannot run %s", arguments[1]);
		return command_failed(&why, EXIT_FAILED);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

/* Run each. Returns the highest of what they exit with. */
static int run_subcommands(char **next, const sigset_t *mask)
{
	int highest = 0;

	while (*next) {
		int code = run_subcommand(&next, mask);

		if (code > highest)
			highest = code;
	}
	return highest;
}

/* Until SIGINT, SIGTERM or SIGHUP; the pin ends in good order. */
static void wait_signal(const sigset_t *stop)
{
	int signal;

	while (sigwait(stop, &signal))
		;
}

static int hold_and_wait(struct hold_command *command, const struct host *host)
{
	/* Pins and memory keep what ends with their process: here that is this one. */
	static struct hold hold;
	struct reason why;
	sigset_t stop, mask;
	int code;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGHUP);
	sigprocmask(SIG_BLOCK, &stop, &mask);
	code = hold_begin(&hold, &command->plan, host, &why);
	if (code == -EINVAL) {
		code = command_usage(command->command, "%s", why.text);
	} else if (code) {
		code = command_failed(&why, EXIT_UNTESTED);
	} else {
		output_hold(stdout, &hold);
		code = command_finish();
		if (!code && *command->subcommands)
			code = run_subcommands(command->subcommands, &mask);
		else if (!code)
			wait_signal(&stop);
	}
	hold_end(&hold);
	return code;
}

/* Held by a process of its own, with which ends what a pin leaves behind. */
static int hold_apart(struct hold_command *command, const struct host *host)
{
	struct reason why;
	int status;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		_exit(hold_and_wait(command, host));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		fail_errno(&why, errno, "fork");
		return command_failed(&why, EXIT_FAILED);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILED;
}

/* Each pin of each memory that it can pin. Returns the highest status. */
static int hold_each(struct hold_command *command, const struct host *host)
{
	bool several = command->pins_count * command->memories_count > 1;
	int highest = 0;

	for (unsigned i = 0; i < command->pins_count; i++) {
		for (unsigned j = 0; j < command->memories_count; j++) {
			int code;

			command->plan.pin = command->pins[i];
			command->plan.memory = command->memories[j];
			if (memory_lacks(command->plan.memory,
					 command->plan.pin->needs | command->needs))
				continue;
			code = several ? hold_apart(command, host) : hold_and_wait(command, host);
			if (code > highest)
				highest = code;
		}
	}
	return highest;
}

static int hold_run(const struct command *command, int argc, char **argv)
{
	struct hold_command hold = { .command = command };
	struct reason why;
	struct host host;
	int code;

	if (choose_pin(&hold, "uring-fixed") || choose_memory(&hold, "thp"))
		return EXIT_FAILED;
	if (command_parse(command, argc, argv, take_option, &hold, &code))
		return code;
	hold.subcommands = argv + optind;
	if (argc - optind > ARGUMENTS_MAX)
		return command_usage(command, "at most %d arguments", ARGUMENTS_MAX);
	if (host_probe(&host, &why))
		return command_failed(&why, EXIT_FAILED);
	code = check(&hold, &host);
	return code ? code : hold_each(&hold, &host);
}

const struct command command_hold = {
	.name = "hold",
	.synopsis = "[OPTION...] [-- SUBCOMMAND ARG...]...",
	.help = "Take a pin and keep it until killed: something for inspect to find",
	.details =
		"Prints one line of JSON once everything is in place, then waits; or runs subcommands\n"
		"of thpin, in which {} is the process that holds: thpin hold -- inspect {}. Exit\n"
		"status: the highest of the subcommands; 0 when told to end, 125 when it cannot be\n"
		"pinned here, 129 usage.\n",
	.options = options,
	.options_first = true,
	.operands = "inspect",
	.run = hold_run,
};
