/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_UNATTRIBUTED_H
#define THPIN_INSPECT_UNATTRIBUTED_H

#include "inspect/held.h"
#include "inspect/inspection.h"

/*
 * Add a holder of kind HOLDER_UNATTRIBUTED for what of @list, folio by folio, no holder
 * found has, and that is still held at a second look: references in passing are gone
 * by then. Returns 0 or -errno with a reason.
 */
int unattributed_find(struct inspection *inspection, struct scanner *scanner,
		      const struct held_list *list, struct reason *why);

#endif
