/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the live tests of the probes have in common: a factory, which is a process that
 * makes what is to be found, and levels that have to work, or may.
 */
#ifndef FACTORY_H
#define FACTORY_H

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inspect/probe/probe.h"
#include "tap.h"
#include "util/io.h"

struct factory {
	pid_t pid;
	int until; /* closed: it ends */
};

/* @make has to call factory_tell() with @size bytes in the end, which come to @made. */
static struct factory factory_begin(void (*make)(int out, int until), void *made, size_t size)
{
	struct factory factory;
	int out[2], until[2];

	if (pipe2(out, O_CLOEXEC) || pipe2(until, O_CLOEXEC))
		bail_out("pipe");
	factory = (struct factory){ fork(), until[1] };
	if (!factory.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(until[1]);
		make(out[1], until[0]);
		_exit(1);
	}
	close(out[1]);
	close(until[0]);
	if (read_all(out[0], made, size))
		bail_out("the factory could not make its pages");
	close(out[0]);
	return factory;
}

static _Noreturn void factory_tell(int out, int until, const void *made, size_t size)
{
	char c;

	if (!write_all(out, made, size))
		(void)!read(until, &c, 1);
	_exit(0);
}

static void factory_end(const struct factory *factory)
{
	close(factory->until);
	waitpid(factory->pid, NULL, 0);
}

/* Where it does not work, that is a failure with @all, else a skip. */
static bool level_opens(struct probe *probe, const struct probe_ops *ops, bool all)
{
	struct reason why;

	if (!probe_open(probe, ops->level, &why)) {
		ok(probe->ops == ops, "%s works here", ops->name);
		return true;
	}
	probe_close(probe);
	if (all)
		ok(false, "%s works here: %s", ops->name, why.text);
	else
		skip(why.text, "%s works here", ops->name);
	return false;
}

#endif
