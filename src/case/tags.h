/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_TAGS_H
#define THPIN_CASE_TAGS_H

#include <stddef.h>
#include <stdint.h>

#include "case/outcome.h"

struct region;

/*
 * Tagged data: every 8-byte word says who wrote it (four equal bytes, easy to
 * tell in a hex dump) and to which page of which run, so that a page that shows
 * another page's data is seen as well.
 */
enum tag {
	TAG_OLD = 0xaa,    /* filled in before the pin */
	TAG_CPU = 0xcc,    /* stored by the CPU while pinned */
	TAG_DEVICE = 0xdd, /* stored by the device */
	TAG_CHILD = 0xbb,  /* stored by a child after the fork */
};

uint64_t tag_word(enum tag tag, unsigned page, uint64_t seed);

/* What the page held before the race: its TAG_OLD, or 0 if it was never written. */
uint64_t tag_old(const struct region *region, unsigned page, uint64_t seed);

/* Fill @size bytes, a multiple of 8, with the word of one page. */
void tag_fill(void *data, size_t size, enum tag tag, unsigned page, uint64_t seed);

/* Fill @size bytes such that each differs from the one that @device has for it. */
void tag_invert(unsigned char *data, const unsigned char *device, size_t size);

/*
 * Fill the whole region through the CPU's page tables; with TAG_OLD not memory
 * that is to stay unwritten.
 */
void tag_region(struct region *region, enum tag tag, uint64_t seed);

/*
 * Compare what the CPU sees in every mapped page of the region with the bytes
 * @device of the DMA view (region->size bytes). Losses go to @loss; the index
 * of each page lost is set to 1 in @lost, of region->pages bytes.
 */
void tag_compare(const struct region *region, const unsigned char *device, uint64_t seed,
		 struct loss_record *loss, unsigned char *lost);

/*
 * What somebody sees who must not see what was stored since the fork.
 */
struct tag_view {
	enum actor by;
	const unsigned char *bytes;   /* region->size of them */
	const unsigned char *present; /* a byte a page, 0: it has none; NULL: all */
	enum tag forbidden[2];        /* stored since the fork */
};

/* Look in @view for words that nobody there may see; what is found goes to @loss. */
void tag_leaks(const struct region *region, const struct tag_view *view, uint64_t seed,
	       struct loss_record *loss);

/*
 * Note the loss of a part of one page, of @size bytes at @offset of the region,
 * where @device has what the device wrote and the CPU had the complement of it
 * before. @lost as for tag_compare().
 */
void tag_note_part(struct loss_record *loss, const struct region *region, size_t offset,
		   const unsigned char *device, size_t size, unsigned char *lost);

#endif
