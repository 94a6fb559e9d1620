/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_SCAN_H
#define THPIN_INSPECT_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "inspect/sparse.h"
#include "inspect/target.h"
#include "procfs/maps.h"
#include "util/reason.h"

struct host;
struct node_map;
struct probe;

/* How a page is mapped, and as part of what. */
enum page_kind {
	KIND_BASE,     /* a folio of one page */
	KIND_MTHP,     /* part of a folio smaller than a PMD */
	KIND_THP_PMD,  /* part of a THP that is mapped by a PMD */
	KIND_THP_PTE,  /* part of a THP, all of which is mapped by PTEs */
	KIND_THP_PART, /* part of a THP of which some pages are mapped nowhere */
	KIND_HUGETLB,
	KIND_ZERO,    /* the zero page, or the huge one */
	KIND_SWAPPED, /* or migrating */
	KIND_UNKNOWN, /* present; what folio it is of needs kernel memory to be read */
	KIND_COUNT,
};

/* What else is known of it. */
#define RUN_ANON 1u
#define RUN_FILE 2u
#define RUN_SHMEM 4u
#define RUN_KSM 8u
#define RUN_EXCLUSIVE 16u /* mapped here and nowhere else */
#define RUN_PINNED 32u    /* the folio has FOLL_PIN */
#define RUN_EXTRA 64u     /* the folio has references that nothing explains: FOLL_GET */
#define RUN_MOVED 128u    /* changed while it was read: nothing else is known */

/* Neighbouring pages of which all of this is the same. */
struct page_run {
	uint64_t address;
	uint64_t pages;
	enum page_kind kind;
	unsigned order; /* of the folio, 0: one page, or not known */
	unsigned flags; /* RUN_... */
	int node;       /* NUMA node of the pages, -1: none, or not known */
	/*
	 * Bytes from a multiple of the size of the folio to where one begins: 0 where they
	 * are aligned, as anonymous ones are where they were made.
	 */
	uint64_t folio_offset;
};

/* Something else than 0 ends the scan and is returned by it. */
typedef int page_run_fn(const struct page_run *run, const struct vma *vma, void *context);

/* Pages, or PMDs, of a process that are looked up together. */
#define SCAN_PIECE 8192u

/* How processes are scanned, and memory for it. */
struct scanner {
	const struct host *host;
	struct probe *probe; /* opened; one that reads kernel memory tells more */
	const struct node_map *nodes;
	bool use_scan;   /* PAGEMAP_SCAN */
	bool use_tables; /* without it: page tables of sparse memory, where they are known */
	bool tables_tried;
	struct sparse sparse; /* of the process that the scanner was opened for */
	unsigned pmd_order;   /* of a THP, 64: there are none */
	uint64_t *entries;    /* of pagemap, of a piece of the process */
	uint64_t *pfns;       /* likewise */
};

/*
 * For the process that @pagemap is of, which has to stay open. Returns 0 or -ENOMEM;
 * scanner_close() in any case.
 */
int scanner_open(struct scanner *scanner, const struct host *host, struct probe *probe,
		 const struct node_map *nodes, const struct pagemap *pagemap);
void scanner_close(struct scanner *scanner);

/*
 * All that is mapped or swapped out in [start, end) of @vma of @target, in order
 * of addresses. Returns 0, -errno with a reason (-ENODATA: the target has gone,
 * or lost the VMA), or what @each returned.
 */
int scan_range(struct scanner *scanner, const struct target *target, const struct vma *vma,
	       uint64_t start, uint64_t end, page_run_fn *each, void *context, struct reason *why);

const char *page_kind_name(enum page_kind kind); /* "thp-pmd" */

#endif
