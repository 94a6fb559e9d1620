/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_HELD_IO_H
#define THPIN_PINS_HELD_IO_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/reason.h"

/*
 * I/O that blocks until it is released, each in a thread of its own. Threads
 * and not kernel AIO: the main thread of a killed worker must be able to exit
 * while its I/O is held, for its death is what ends the server (exit_aio()
 * would wait for the I/O first).
 */
struct held_io {
	pthread_t thread;
	pthread_barrier_t turns;
	bool running;
	bool own_files; /* the descriptor is to be the thread's alone */
	int fd;
	bool write;
	void *data;
	size_t size; /* bytes */
	off_t offset;
	ssize_t done; /* bytes, or -errno */
};

/*
 * Start one; fd, own_files, write, data, size and offset are set. With
 * own_files, fd is closed for the caller: its children do not inherit it, whose
 * exit would flush the file and, on Linux 5.10, wait for a held write to it.
 * Returns 0 or -errno.
 */
int held_io_start(struct held_io *io, struct reason *why);

/* Wait for its end and check that all was done. Returns 0 or -errno. */
int held_io_finish(struct held_io *io, struct reason *why);

#endif
