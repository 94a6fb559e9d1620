// SPDX-License-Identifier: GPL-2.0-or-later
#include "pins/held_io.h"

#include <signal.h>
#include <unistd.h>

static void *run(void *argument)
{
	struct held_io *io = argument;

	io->done = io->write ? pwrite(io->fd, io->data, io->size, io->offset) :
			       pread(io->fd, io->data, io->size, io->offset);
	if (io->done < 0)
		io->done = -errno;
	return NULL;
}

int held_io_start(struct held_io *io, struct reason *why)
{
	int err = pthread_create(&io->thread, NULL, run, io);

	if (err)
		return fail_errno(why, err, "cannot start an I/O thread");
	io->running = true;
	return 0;
}

int held_io_finish(struct held_io *io, struct reason *why)
{
	if (!io->running)
		return 0;
	pthread_join(io->thread, NULL);
	io->running = false;
	if (io->done < 0)
		return fail_errno(why, (int)-io->done, "the held %s", io->write ? "write" : "read");
	if ((size_t)io->done != io->size)
		return fail(why, EIO, "the held %s ended after %zd of %zu bytes",
			    io->write ? "write" : "read", io->done, io->size);
	return 0;
}
