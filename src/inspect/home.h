/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_HOME_H
#define THPIN_INSPECT_HOME_H

#include "inspect/holders.h"

/* A VMA of the target, as the kernel finds the place of a page in it. */
struct home_vma {
	uint64_t start, end;
	uint64_t page_offset; /* index of the page at its start, of its file */
	uint64_t anon_offset; /* ... of an anonymous one */
	uint64_t anon_vma;    /* mapping of its own anonymous pages, 0: it has none */
	uint64_t mapping;     /* address_space of its file, 0: none */
};

/*
 * Where in the target a page belongs, whether it is mapped there or not: a folio
 * knows its index in the VMAs that map it, also after mremap(), and of which file
 * or of whose anonymous memory it is. A page of the page cache may have several
 * such places; an anonymous one that the target has from its parent has one while
 * it is mapped only, and one that others map but not the target only when a file of the
 * target's has it. @state is that of page @pfn. Returns 0, or -ENOENT when it is none of
 * the target's or does not know (any more).
 */
int home_address(struct search *search, const struct page_state *state, uint64_t pfn,
		 uint64_t *address);

/*
 * True when page @pfn, whose state is @state, is that which the file mapped at @address
 * has there: no page table entry is needed for that, the next access makes it.
 */
bool home_is_cached(struct search *search, const struct page_state *state, uint64_t pfn,
		    uint64_t address);

/* True when the target has this very page at @address. */
bool home_has(const struct search *search, uint64_t address, uint64_t pfn);

/*
 * Add a long-term holder whose pages were pinned in order from one address on, of which
 * only the pages are known: the address that most of them agree on is it. Adds
 * nothing when none of the pages is the target's, and one of which it is not known
 * where it was when the file is, and nobody has the pages. @file is that which
 * holds them. Returns 0 or -errno with a reason.
 */
int home_add_linear(struct search *search, enum holder_kind kind, const struct probe_file *file,
		    const uint64_t *pfns, size_t count, struct reason *why);

/* The same of pages that may come from several places: a holder for each piece. */
int home_add_pieces(struct search *search, enum holder_kind kind, const struct probe_file *file,
		    const uint64_t *pfns, size_t count, struct reason *why);

#endif
