/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_GUARDIAN_H
#define THPIN_HOST_GUARDIAN_H

#include <sys/types.h>

#include "util/reason.h"

/*
 * A process in a session of its own that undoes what would outlive a worker:
 * it learns of each thing before it is done, and undoes everything when told to
 * or when thpin and its worker are gone, also by SIGKILL.
 */
struct guardian {
	pid_t pid;
	int socket;
	unsigned token; /* of the last message, so that stale answers are told apart */
};

/* Start it. Returns 0 or -errno. */
int guardian_start(struct guardian *guardian, struct reason *why);

/*
 * Have swap on @path (an absolute path of at most 63 bytes) turned off later.
 * Call before swapon(2). Returns 0 when the guardian knows, or -errno.
 */
int guardian_owns_swap(struct guardian *guardian, const char *path, struct reason *why);

/* Undo all that is known, the last first. Returns 0 or -errno. */
int guardian_undo(struct guardian *guardian, struct reason *why);

/* Undo all and end the process. */
void guardian_stop(struct guardian *guardian);

#endif
