/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_HAZARDS_H
#define THPIN_INSPECT_HAZARDS_H

#include "inspect/held.h"
#include "inspect/inspection.h"

/*
 * What puts the pinned memory of the target at risk: measured facts first, then
 * what the rules say of this kernel. @held is what the scan saw held. Fills
 * inspection->hazards and the bits of each holder. Returns 0 or -ENOMEM with a reason.
 */
int hazards_find(struct inspection *inspection, const struct held_list *held, struct reason *why);

/* What each means, and what to do about it; one sentence each, no full stop. */
const char *hazard_means(enum hazard_code code);
const char *hazard_remedy(enum hazard_code code);

#endif
