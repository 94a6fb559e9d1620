/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_COMPARE_H
#define THPIN_INSPECT_COMPARE_H

#include <stdint.h>

#include "inspect/inspection.h"

struct search;

/* Of a page of which a holder's own page frame is not known. */
#define PFN_NONE 0

/*
 * Compare what a holder has, @pfns (a page frame for each page of
 * [holder->start, holder->end); PFN_NONE: it has none there), with what the target has
 * mapped. Page tables are read twice; pages that moved in between are SYNC_UNKNOWN.
 * The contents of pages that differ are compared where they can be read. Fills
 * the counts and spans of @holder. Returns 0 or -errno with a reason.
 */
int compare_pages(struct search *search, struct holder *holder, const uint64_t *pfns,
		  struct reason *why);

/*
 * The same where it is known that the target has none of the @count pages, but not where
 * it had them; nor, without @known, whether.
 */
void compare_nowhere(struct holder *holder, const uint64_t *pfns, size_t count, bool known);

/*
 * Without the holder's page frames: a page that is mapped in a pinned range and
 * that nobody pins cannot be the one that was pinned. One-sided: a page that
 * somebody else has pinned passes. Of shared memory a page that is not mapped is
 * SYNC_UNKNOWN, as its file may have it still. The rest as compare_pages().
 */
int compare_absence(const struct inspection *inspection, struct holder *holder, struct reason *why);

#endif
