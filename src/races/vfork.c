// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starting another program without fork(): posix_spawn(3) of glibc uses
 * CLONE_VM | CLONE_VFORK, so no page table is copied and no page becomes shared
 * (vfork(2)). The program is thpin itself, as nothing else is sure to be there.
 */
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "races/races.h"
#include "util/io.h"

/* What "thpin --version" begins with. */
#define FIRST_WORD "thpin "

static int spawn(int out, pid_t *pid, struct reason *why)
{
	static char name[] = "thpin", option[] = "--version";
	char *argv[] = { name, option, NULL }, *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int err;

	err = posix_spawn_file_actions_init(&actions);
	if (err)
		return fail_errno(why, err, "posix_spawn_file_actions_init");
	err = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	if (!err)
		err = posix_spawn(pid, "/proc/self/exe", &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	return err ? fail_errno(why, err, "posix_spawn of /proc/self/exe") : 0;
}

/* The proof that it ran: what it says, and that it ends well. */
static int has_run(int in, pid_t pid, struct reason *why)
{
	char text[sizeof(FIRST_WORD) - 1] = "", rest[256];
	int status, err = read_all(in, text, sizeof(text));

	/* Whoever closes a pipe early ends the writer by SIGPIPE. */
	while (!err && read(in, rest, sizeof(rest)) > 0)
		;
	if (waitpid(pid, &status, 0) < 0)
		return fail_errno(why, errno, "waitpid");
	if (!err && !memcmp(text, FIRST_WORD, sizeof(text)) && WIFEXITED(status) &&
	    !WEXITSTATUS(status))
		return RACE_DONE;
	fail(why, ECHILD, "the program that was spawned did not run (wait status 0x%x)", status);
	return RACE_NO_EFFECT;
}

static int vfork_exec(struct race *race, struct reason *why)
{
	int pipe[2], effect;
	pid_t pid;

	if (pipe2(pipe, O_CLOEXEC))
		return fail_errno(why, errno, "pipe");
	effect = spawn(pipe[1], &pid, why);
	close(pipe[1]);
	if (!effect)
		effect = has_run(pipe[0], pid, why);
	close(pipe[0]);
	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "runs another program by posix_spawn() (vfork and exec)");
	race_write_page(race, race->page);
	return RACE_DONE;
}

const struct race_ops race_vfork_exec = {
	.name = "vfork-exec",
	.family = "fork",
	.help = "posix_spawn (vfork and exec) a program, then the parent writes",
	.level = LEVEL_SELECTED,
	.run = vfork_exec,
};
