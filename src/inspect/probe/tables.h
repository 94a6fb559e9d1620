/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_TABLES_H
#define THPIN_INSPECT_PROBE_TABLES_H

#include "inspect/probe/probe.h"
#include "procfs/pagemap.h"

/*
 * The upper levels of a process's page tables, read to learn where it has no pages
 * at all: what is reserved and never touched has no tables, and costs nothing. Only
 * where the tables are known and proven to be so: x86-64.
 *
 * Nothing is locked. A table may be freed, and be something else, between the read
 * of what points to it and its own: then all that it mapped had been unmapped at
 * some moment in between, and that there is nothing was true then. A part that is
 * said to have pages and has none costs time, no more.
 */

/* What one entry of a table of PMDs maps: a THP, or a table of PTEs. */
#define TABLES_SLOT (UINT64_C(1) << 21)

/* What a table of PUDs maps, and how many slots that is. */
#define TABLES_WINDOW (UINT64_C(1) << 39)
#define TABLES_SLOTS (TABLES_WINDOW / TABLES_SLOT)

/*
 * Prove that tables are what they are taken for: those of a mapping of our own, of
 * which some pages are touched, have to show just these. Sets probe->table_levels.
 * Once a probe, under 1 ms. Returns 0 or -errno with a reason, that of the first call.
 */
int tables_prove(struct probe *probe, struct reason *why);

/*
 * The top table of the process that @pagemap, opened by this process, is of: as
 * long as that is open, it stays. Returns 0 or -errno with a reason.
 */
int tables_top(struct probe *probe, const struct pagemap *pagemap, uint64_t *top,
	       struct reason *why);

/*
 * Set the bit of each slot in [start, end), addresses within one window, that may
 * have pages; those of others stay as they are. What cannot be read, or is none of
 * the tables that are known, may have pages.
 */
void tables_mark(struct probe *probe, uint64_t top, uint64_t start, uint64_t end, uint64_t *bits);

/*
 * The entry of the page at @address in the lowest table, 0: there is none. Returns 0
 * or -EBADMSG for what is mapped otherwise, or cannot be read.
 */
int tables_entry(struct probe *probe, uint64_t top, uint64_t address, uint64_t *entry);

/* PFN of what an entry points to. */
uint64_t tables_pfn(uint64_t entry);

#endif
