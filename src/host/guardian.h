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

/* What can outlive a worker, and how it is undone. */
enum owned_kind {
	OWNED_SWAP,      /* swapoff(path) */
	OWNED_SETTING,   /* the value is written to path (sysfs, sysctl, procfs) */
	OWNED_DIRECTORY, /* rmdir(path), after all processes of a cgroup have left it */
	OWNED_KIND_COUNT,
};

#define OWNED_PATH 128
#define OWNED_VALUE 64

/*
 * Have @path (absolute, shorter than OWNED_PATH) undone later, the last first;
 * @value (shorter than OWNED_VALUE) is for OWNED_SETTING, else NULL. Call before
 * the thing is done. Returns 0 when the guardian knows, or -errno.
 */
int guardian_owns(struct guardian *guardian, enum owned_kind kind, const char *path,
		  const char *value, struct reason *why);

/*
 * Write @value to the setting @path; what it held before is written back later.
 * A setting of the form "always [madvise] never" gets its choice back. Returns 0
 * or -errno.
 */
int guardian_set(struct guardian *guardian, const char *path, const char *value,
		 struct reason *why);

/* Undo all that is known, the last first. Returns 0 or -errno. */
int guardian_undo(struct guardian *guardian, struct reason *why);

/* Undo all and end the process. */
void guardian_stop(struct guardian *guardian);

#endif
