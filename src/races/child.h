/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_RACES_CHILD_H
#define THPIN_RACES_CHILD_H

#include "races/races.h"

/*
 * A child of the worker that does one thing at a time when told: two pipes
 * order every step. It ends when the worker does.
 */

/* What the child finds at the watched page. */
enum child_sees {
	CHILD_SEES_OLD,   /* what was there when it was forked */
	CHILD_SEES_WRITE, /* what the parent has written since */
	CHILD_SEES_ZERO,
	CHILD_UNMAPPED,
	CHILD_SEES_OTHER,
};

/* Fork; the child waits. Sets race->child. Returns 0 or -errno. */
int child_fork(struct race *race, struct reason *why);

/*
 * Fork, with the proof that the child got the memory: it sees what the parent
 * had written. Returns RACE_DONE with an event, RACE_NO_EFFECT, or -errno.
 */
int child_fork_seeing_old(struct race *race, struct reason *why);

/*
 * What the child sees now, at the start of the watched page, where no race writes,
 * and where the parent writes to it; enum child_sees or -errno.
 */
int child_look(struct race *race, struct reason *why);
int child_look_at_write(struct race *race, struct reason *why);

/*
 * Copy what the child sees to race->view->data, region->size bytes, and behind them
 * a byte a page: 0 where nothing is mapped. Returns 0 or -errno.
 */
int child_view(struct race *race, struct reason *why);

/*
 * The child stores its own mark to the watched page, behind where the parent writes;
 * whether the child sees it there, and the parent: 0 or 1, or -errno.
 */
int child_write(struct race *race, struct reason *why);
int child_sees_own(struct race *race, struct reason *why);
bool parent_sees_childs(const struct race *race);

/* The child stores its mark to all pages that are mapped; it unmaps them all. */
int child_write_all(struct race *race, struct reason *why);
int child_unmap(struct race *race, struct reason *why);

/* As child_unmap(), in the worker; region->page[] stays as it was. */
int race_unmap(struct race *race, struct reason *why);

/*
 * The child takes the pin, and acts as its device, with pin->device, which is
 * shared. Return 0 or -errno with the reason of the pin.
 */
int child_pin(struct race *race, struct reason *why);
int child_device_read(struct race *race, struct reason *why);
int child_device_write(struct race *race, struct reason *why);

/* The child forks a child of its own, which takes its place, and exits. */
int child_hand_over(struct race *race, struct reason *why);

/* The child exits and is reaped; 0 when there is none. */
int child_exit(struct race *race, struct reason *why);

#endif
