// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "inspect/probe/tables.h"

bool sparse_open(struct sparse *sparse, struct probe *probe, const struct pagemap *pagemap)
{
	struct reason ignored;

	*sparse = (struct sparse){ .probe = probe, .pagemap = pagemap };
	if (tables_prove(probe, &ignored) || tables_top(probe, pagemap, &sparse->top, &ignored))
		return false;
	sparse->bits = calloc(TABLES_SLOTS / 64, sizeof(*sparse->bits));
	return sparse->bits != NULL;
}

void sparse_close(struct sparse *sparse)
{
	free(sparse->bits);
	sparse->bits = NULL;
}

/*
 * Tables are read without a lock, and an entry may be none for a moment although
 * there are pages: collapse_huge_page() (mm/khugepaged.c) takes all of a THP's small
 * pages out before it puts the THP in, with mmap_lock held for writing. To read
 * pagemap takes it for reading (pagemap_read(), fs/proc/task_mmu.c): so such a moment
 * that a first look fell into is over before a second one begins, and another one
 * can come only of pages that were split meanwhile. (Other changes to what is mapped
 * by a PMD leave an entry that is not none: pmdp_invalidate().) What either of the
 * looks saw is read.
 *
 * The read between them also tells whether the process still has its memory.
 */
static int mark_window(struct sparse *sparse, uint64_t start, uint64_t end)
{
	uint64_t entry;
	int err;

	memset(sparse->bits, 0, TABLES_SLOTS / 8);
	tables_mark(sparse->probe, sparse->top, start, end, sparse->bits);
	err = pagemap_read(sparse->pagemap, start, 1, &entry);
	if (!err)
		tables_mark(sparse->probe, sparse->top, start, end, sparse->bits);
	return err;
}

/* The first slot in [at, end) that is marked, or is not; @end: none is. */
static uint64_t find(const struct sparse *sparse, uint64_t at, uint64_t end, bool marked)
{
	uint64_t flip = marked ? 0 : UINT64_MAX;

	while (at < end) {
		uint64_t slot = at % TABLES_WINDOW / TABLES_SLOT;
		uint64_t rest = (sparse->bits[slot / 64] ^ flip) >> slot % 64;
		uint64_t skip = rest ? (uint64_t)__builtin_ctzll(rest) : 64 - slot % 64;

		if (skip)
			at = (at & ~(TABLES_SLOT - 1)) + skip * TABLES_SLOT;
		if (rest)
			break;
	}
	return at < end ? at : end;
}

static int walk_window(struct sparse *sparse, uint64_t start, uint64_t end, sparse_fn *each,
		       void *context)
{
	int err = mark_window(sparse, start, end);

	for (uint64_t at = start; !err && (at = find(sparse, at, end, true)) < end;) {
		uint64_t from = at;

		at = find(sparse, at, end, false);
		err = each(from, at, context);
	}
	return err;
}

int sparse_walk(struct sparse *sparse, uint64_t start, uint64_t end, sparse_fn *each, void *context)
{
	int err = 0;

	for (uint64_t at = start, next; !err && at < end; at = next) {
		next = (at | (TABLES_WINDOW - 1)) + 1;
		if (next > end)
			next = end;
		err = walk_window(sparse, at, next, each, context);
	}
	return err;
}
