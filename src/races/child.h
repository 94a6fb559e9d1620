/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_RACES_CHILD_H
#define THPIN_RACES_CHILD_H

#include "races/races.h"

/*
 * A child of the worker that does one thing at a time when told: two pipes
 * order every step. It ends when the worker does.
 */

/* What the child finds at the watched page. */
enum child_sees { CHILD_SEES_OLD, CHILD_SEES_ZERO, CHILD_UNMAPPED, CHILD_SEES_OTHER };

/* Fork; the child waits. Sets race->child. Returns 0 or -errno. */
int child_fork(struct race *race, struct reason *why);

/* What the child sees now; enum child_sees or -errno. */
int child_look(struct race *race, struct reason *why);

/*
 * Copy what the child sees to race->view, region->size bytes, and behind them a
 * byte a page: 0 where nothing is mapped. Returns 0 or -errno.
 */
int child_view(struct race *race, struct reason *why);

/* The child stores its own mark to the watched page. */
int child_write(struct race *race, struct reason *why);

/* The child forks a child of its own, which takes its place, and exits. */
int child_hand_over(struct race *race, struct reason *why);

/* The child exits and is reaped; 0 when there is none. */
int child_exit(struct race *race, struct reason *why);

#endif
