/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_RACES_CONTROL_H
#define THPIN_RACES_CONTROL_H

#include "races/races.h"

/*
 * What the kernel does to memory behind a process's back, or reports success
 * for whatever it did, is proved by unpinned memory beside: race->control, of
 * the same kind and with the same data as the pinned region.
 */
int control_make(struct race *race, struct reason *why);

/*
 * More memory like the region, at @beside. Kinds that have been shared with a child
 * fork for it, which neither the region nor the control takes part in: each page of
 * them would be shared once more, and copied when it is pinned. Returns 0 or -errno.
 */
int make_beside(struct race *race, struct region *beside, struct reason *why);

/*
 * Whether a page can be stored to, told without a signal: 1 when a store of the
 * kernel fails there (read-only, write-protected, a guard), 0 when not, or
 * -errno. One that succeeds stores a zero byte.
 */
int refuses_stores(unsigned char *at, struct reason *why);

/*
 * How long to wait for the kernel to do something, in nanoseconds: a share of
 * the time of the case, which is longer on slow machines (--timeout).
 */
uint64_t race_patience(const struct race *race);

/*
 * Until the counter of scans in the file @path has gone up by @scans, but not
 * longer than until @deadline (clock_ns()). Whether it has: else what was to be
 * scanned may not have been looked at.
 */
bool wait_for_scans(const char *path, uint64_t scans, uint64_t deadline);

#endif
