// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * measure COMMAND...: runs it without output and prints wall ms, CPU ms, KiB of its
 * resident memory at most, exit status. Of a process that an interpreter starts the
 * kernel counts the memory of the interpreter, too, as it was before execve(2).
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/io.h"

static double ms(struct timeval time)
{
	return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	uint64_t start;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	start = clock_ns();
	if (posix_spawnp(&pid, argv[1], &actions, NULL, argv + 1, environ) ||
	    wait4(pid, &status, 0, &usage) != pid)
		return 1;
	printf("%.3f %.3f %ld %d\n", (double)(clock_ns() - start) / 1e6,
	       ms(usage.ru_utime) + ms(usage.ru_stime), usage.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}
