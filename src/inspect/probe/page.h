/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_PAGE_H
#define THPIN_INSPECT_PROBE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inspect/probe/types.h"
#include "util/reason.h"

/*
 * struct page and struct folio (include/linux/mm_types.h), decoded by what the
 * BTF of the kernel says. From 5.10 on; what older kernels call a compound page
 * is called a folio here.
 */

/* What is known of a folio's flags, the same on every kernel. */
#define FOLIO_LOCKED (1u << 0)
#define FOLIO_DIRTY (1u << 1)
#define FOLIO_LRU (1u << 2)
#define FOLIO_WRITEBACK (1u << 3)
#define FOLIO_SWAPBACKED (1u << 4)
#define FOLIO_SWAPCACHE (1u << 5)
#define FOLIO_UNEVICTABLE (1u << 6)
#define FOLIO_MLOCKED (1u << 7)
#define FOLIO_PRIVATE (1u << 8) /* buffer heads and the like hold a reference */
#define FOLIO_RESERVED (1u << 9)
#define FOLIO_HWPOISON (1u << 10)
#define FOLIO_ANON (1u << 11)
#define FOLIO_KSM (1u << 12)
#define FOLIO_CACHE (1u << 13)   /* in the page cache of a file or of shmem */
#define FOLIO_HUGETLB (1u << 14) /* not known on 6.2 to 6.10 */
#define FOLIO_TYPED (1u << 15)   /* slab, page table, free ...: no user's memory */
/* PageAnonExclusive of its first page, which is that of all where they are mapped by a PMD. */
#define FOLIO_EXCLUSIVE (1u << 16)

struct folio {
	uint64_t head; /* PFN of its first page */
	unsigned order;
	uint32_t flags; /* FOLIO_... */
	int64_t refcount;
	int64_t mapcount;    /* of all its pages by PTEs, and of the whole by PMDs */
	int64_t whole;       /* how often it is mapped as a whole, by PMDs (order > 0) */
	int64_t pins;        /* by FOLL_PIN */
	unsigned pin_weight; /* references that a pin counts as: 1, or 1024 (order 0) */
	bool double_mapped;  /* until 6.1: mapped as a whole and by PTEs */
	uint64_t mapping;    /* address_space or anon_vma, without flag bits */
	uint64_t index;      /* in pages: of private anonymous memory that was never
			     mremapped the virtual page number, else the file offset */
	uint64_t private;    /* swap entry while FOLIO_SWAPCACHE */
};

/* One page of a folio. */
struct page_state {
	uint64_t pfn;
	struct folio folio;
	int64_t mapcount; /* of this page alone */
	bool exclusive;   /* PageAnonExclusive (5.19), of a PMD-mapped one: of its head */
	/*
	 * Of a list, and never of a large folio: all is as with the page before, but for
	 * pfn, head, mapping, index and private. That most are so makes a scan fast.
	 */
	bool like_last;
};

/* References to a folio that no page table and no cache accounts for. */
struct folio_pins {
	int64_t pins;    /* by FOLL_PIN */
	int64_t gets;    /* others: FOLL_GET, per-CPU LRU batches, readers in passing */
	bool pins_exact; /* there is a count; else 1024 references count as a pin */
	bool gets_known; /* not of what is no user's memory, or of file-backed hugetlb */
};

/* Offsets of the fields, and numbers of the flags, on one kernel. */
struct page_layout {
	uint32_t size; /* of struct page */
	struct member flags, link, mapcount, refcount, mapping, index, private;
	struct member order, pages, pins, large_mapcount, whole, destructor;
	uint64_t bit[11]; /* masks of FOLIO_LOCKED to FOLIO_HWPOISON, 0: no such flag */
	uint64_t bit_head, bit_double_map, bit_exclusive;
	uint64_t bits;              /* all of these */
	int64_t hugetlb_destructor; /* -1: told by the page type */
	int64_t hugetlb_type;       /* -1: not told by it */
	bool pins_above_order_1;    /* before 5.18 two pages count pins as one does */
	bool link_has_mask;         /* may have, 7.0: see page_head() */
};

/* Returns 0 or -errno with a reason (a kernel unlike any that is known). */
int page_layout_init(struct page_layout *layout, struct types *types, struct reason *why);

/*
 * The PFN of the head of page @pfn, whose struct page is at @raw; for a page
 * whose PFN is a multiple of 64 the one that follows must be behind it, as the
 * tails of a hugetlb folio may be copies of its head (HVO, 5.18 to 6.19).
 * @vmemmap is the address of the struct page of PFN 0. Returns 0, or -EBADMSG
 * for what cannot be.
 */
int page_head(const struct page_layout *layout, const void *raw, uint64_t pfn, uint64_t vmemmap,
	      uint64_t *head);

/* How many struct pages of a large folio folio_decode() wants first. */
#define FOLIO_FIRST_PAGES 4

/*
 * Decode a folio of head @head from the @count struct pages at @raw, one or more.
 * Returns 0; the number of struct pages that it takes when that is more than
 * @count (FOLIO_FIRST_PAGES of a large one, and until 6.9 all, as their mapcounts
 * have to be added up); or -EBADMSG when what is there is no folio, as when it
 * was split while it was read.
 */
int folio_decode(const struct page_layout *layout, const void *raw, size_t count, uint64_t head,
		 struct folio *folio);

/* The page of @folio whose struct page is at @raw. */
void page_decode(const struct page_layout *layout, const struct folio *folio, const void *raw,
		 uint64_t pfn, struct page_state *page);

/* What page_decode() and folio_decode() go by, of a page that is no tail and no head. */
struct page_likeness {
	uint64_t flags, counts;
	unsigned mapping;
};

struct page_likeness page_likeness(const struct page_layout *layout, const void *raw);

/*
 * @page, decoded from a folio of one page that is like the one at @raw, becomes that
 * of PFN @pfn at @raw.
 */
void page_decode_like(const struct page_layout *layout, const void *raw, uint64_t pfn,
		      struct page_state *page);

/*
 * What is left of the references after those that the kernel itself expects
 * (folio_expected_ref_count(), include/linux/mm.h). Just faulted pages have one
 * more while they are in a per-CPU batch, without FOLIO_LRU: drain those first
 * (move_pages(2) does).
 */
struct folio_pins folio_pins(const struct folio *folio);

#endif
