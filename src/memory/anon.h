/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_MEMORY_ANON_H
#define THPIN_MEMORY_ANON_H

#include "memory/memory.h"

/* Of private anonymous memory of more than one page. */
#define ANON_TRAITS                                                                          \
	(MEMORY_ANON | MEMORY_PRIVATE | MEMORY_DIVISIBLE | MEMORY_SEVERAL | MEMORY_WRITTEN | \
	 MEMORY_RECLAIM)

/* A reason when this kernel cannot give anonymous THPs to the caller, else 0. */
int anon_thp_probe(const struct host *host, struct reason *why);

/* Map and populate a region of PMD-mapped THPs and prove that it is one. */
int anon_thp_create(struct region *region, struct reason *why);

/*
 * The same for what will be mapped by PTEs: khugepaged, which can put a PMD in place
 * again at any time, leaves the region alone (MADV_NOHUGEPAGE). Before, what had been
 * proven to be mapped by PTEs was mapped by a PMD when it was pinned, now and then.
 */
int anon_thp_create_for_ptes(struct region *region, struct reason *why);

/*
 * Split the PMD mappings of the region, nothing else: the pages, their contents
 * and their write bits stay, since splitting the VMA inside each THP splits its
 * PMD (vma_adjust_trans_huge(), mm/huge_memory.c). The VMAs merge again at
 * once. mprotect() would do as well, but write-protects, which Linux 5.9 to
 * 5.18 answer with a copy at the next write. Returns 0 or -errno.
 */
int anon_split_pmd(struct region *region, struct reason *why);

/* Linux 6.1; older headers lack it. */
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

/* The first PFN's kpageflags have the THP bit: 1 yes, 0 no, -1 not known. */
int anon_thp_flag(const struct region *region);

#endif
