/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_TOTALS_H
#define THPIN_INSPECT_TOTALS_H

#include <stdint.h>

#include "inspect/scan.h"

/* Sums over pages, of a VMA or of a process; all in pages. */
struct totals {
	uint64_t kind[KIND_COUNT];
	uint64_t anon, file, shmem, ksm;
	uint64_t exclusive;
	uint64_t pinned; /* in folios with FOLL_PIN */
	uint64_t extra;  /* in folios with references that nothing explains */
	uint64_t moved;  /* changed while they were read: in no other sum */
	uint64_t nodes;  /* the NUMA nodes that have pages of it, as a mask */
};

void totals_add(struct totals *totals, const struct page_run *run);
void totals_sum(struct totals *totals, const struct totals *more);

/* Pages that are present: all kinds but swapped. */
uint64_t totals_resident(const struct totals *totals);

/* Pages in THPs, however they are mapped. */
uint64_t totals_thp(const struct totals *totals);

#endif
