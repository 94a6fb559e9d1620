/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_RACES_FORKS_H
#define THPIN_RACES_FORKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/reason.h"

/*
 * Forks of one thread, one after the other, while others work: who works can
 * tell whether a fork ran meanwhile.
 */
struct forks {
	_Atomic uint64_t begun, ended;
	_Atomic uint64_t ns; /* that the last one took */
	int pipe[2];         /* a byte a child, which lives until it has got it */
};

/* Returns 0 or -errno. */
int forks_open(struct forks *forks, struct reason *why);

/*
 * Fork, call @meanwhile (unless NULL) while parent and child share their memory,
 * end the child and reap it. Returns 0 or -errno.
 */
int forks_once(struct forks *forks, void (*meanwhile)(void *context), void *context,
	       struct reason *why);

/* Before the work: what forks_ran() wants after it. */
uint64_t forks_mark(const struct forks *forks);

/* True when a fork ran since then, or a part of one. */
bool forks_ran(const struct forks *forks, uint64_t mark);

#endif
