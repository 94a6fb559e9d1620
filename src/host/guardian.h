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
	unsigned token;      /* of the last message, so that stale answers are told apart */
	unsigned char *owns; /* 1 once it may own something; shared with what this forks */
};

/* Start it. Returns 0 or -errno. */
int guardian_start(struct guardian *guardian, struct reason *why);

/* What can outlive a worker, and how it is undone. */
enum owned_kind {
	OWNED_SWAP,      /* swapoff(path) */
	OWNED_SETTING,   /* what path (sysfs, sysctl, procfs) held is written back */
	OWNED_DIRECTORY, /* rmdir(path), after all processes of a cgroup have left it */
	OWNED_RDMA_LINK, /* rdma_link_remove(path): the name of the device */
	OWNED_KIND_COUNT,
};

#define OWNED_PATH 128

/*
 * Have @path (absolute, shorter than OWNED_PATH) undone later, the last first.
 * Call before the thing is done. Returns 0 when the guardian knows, or -errno.
 *
 * A setting is read when it becomes owned, and locked (flock(2)) until it is
 * undone, so that two runs of thpin at a time do not write back what the other
 * one has set; -EUSERS, which nothing else here returns, when the other one does
 * not let go: what needed the setting cannot run now, and thpin has not failed.
 */
int guardian_owns(struct guardian *guardian, enum owned_kind kind, const char *path,
		  struct reason *why);

/*
 * Write @value to the setting @path; what it held before is written back later.
 * A setting of the form "always [madvise] never" gets its choice back. Returns 0
 * or -errno.
 */
int guardian_set(struct guardian *guardian, const char *path, const char *value,
		 struct reason *why);

/* Add @by to the number in the setting @path, likewise. */
int guardian_raise(struct guardian *guardian, const char *path, long by, struct reason *why);

/*
 * Undo all that is known, the last first; it is only asked where it was told of
 * something since, or is gone. Returns 0 or -errno; what could not be undone is said
 * once, and tried once more in the end.
 */
int guardian_undo(struct guardian *guardian, struct reason *why);

/* Undo all and end the process. */
void guardian_stop(struct guardian *guardian);

#endif
