// SPDX-License-Identifier: GPL-2.0-or-later
#include "races/forks.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/io.h"

int forks_open(struct forks *forks, struct reason *why)
{
	atomic_init(&forks->begun, 0);
	atomic_init(&forks->ended, 0);
	atomic_init(&forks->ns, 0);
	if (pipe2(forks->pipe, O_CLOEXEC))
		return fail_errno(why, errno, "pipe");
	return 0;
}

/* Only what is safe after a fork() of a process with threads. */
static _Noreturn void wait_for_end(const struct forks *forks)
{
	char end;

	/* The end of the parent closes the other end of the pipe. */
	close(forks->pipe[1]);
	if (read(forks->pipe[0], &end, 1) < 0)
		_exit(1);
	_exit(0);
}

int forks_once(struct forks *forks, void (*meanwhile)(void *context), void *context,
	       struct reason *why)
{
	uint64_t began = clock_ns();
	pid_t child;
	int err;

	atomic_fetch_add(&forks->begun, 1);
	child = fork();
	if (!child)
		wait_for_end(forks);
	atomic_fetch_add(&forks->ended, 1);
	atomic_store(&forks->ns, clock_ns() - began);
	if (child < 0)
		return fail_errno(why, errno, "fork");
	if (meanwhile)
		meanwhile(context);
	err = write_all(forks->pipe[1], "", 1);
	if (!err && waitpid(child, NULL, 0) < 0)
		err = -errno;
	return err ? fail_errno(why, -err, "the child of the race") : 0;
}

uint64_t forks_mark(const struct forks *forks)
{
	return atomic_load(&forks->ended);
}

bool forks_ran(const struct forks *forks, uint64_t mark)
{
	return atomic_load(&forks->begun) > mark;
}
