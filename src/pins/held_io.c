// SPDX-License-Identifier: GPL-2.0-or-later
#include "pins/held_io.h"

#include <sched.h>
#include <unistd.h>

#include "util/io.h"

#define STACK_SIZE (256UL * 1024)

static void *run(void *argument)
{
	struct held_io *io = argument;
	int fd = io->fd;

	if (io->own_files) {
		io->done = unshare(CLONE_FILES) ? -errno : 0;
		pthread_barrier_wait(&io->turns); /* the caller closes its descriptor */
		pthread_barrier_wait(&io->turns);
		if (io->done < 0)
			return NULL;
	}
	io->done = io->write ? pwrite(fd, io->data, io->size, io->offset) :
			       pread(fd, io->data, io->size, io->offset);
	if (io->done < 0)
		io->done = -errno;
	return NULL;
}

int held_io_start(struct held_io *io, struct reason *why)
{
	pthread_attr_t attributes;
	int err;

	if (io->own_files)
		pthread_barrier_init(&io->turns, NULL, 2);
	/* The usual stack of 8 MiB would be given a THP, and that be cleared. */
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	err = pthread_create(&io->thread, &attributes, run, io);
	pthread_attr_destroy(&attributes);
	if (err)
		return fail_errno(why, err, "cannot start an I/O thread");
	io->running = true;
	if (io->own_files) {
		pthread_barrier_wait(&io->turns);
		close_fd(&io->fd);
		pthread_barrier_wait(&io->turns);
	}
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
