/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_HOLD_PART_H
#define THPIN_CASE_HOLD_PART_H

#include "case/hold.h"

/* 0 when what is to be parted can be here, else -errno with a reason. */
int hold_part_probe(const struct hold_plan *plan, const struct host *host, struct reason *why);

/*
 * Part the pages of hold->region, spread evenly over it, that the plan wants parted
 * from their pin, and note what became of them in hold->state. Returns 0 or -errno
 * with a reason.
 */
int hold_part(struct hold *hold, struct reason *why);

#endif
