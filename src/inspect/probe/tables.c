// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/probe/tables.h"

#include <string.h>

/*
 * x86-64 (arch/x86/include/asm/pgtable_types.h): four or five levels of tables, each
 * of 512 entries of 8 bytes. Other bits are of no interest: an entry that is neither
 * empty nor a table is a page, or on its way somewhere.
 */
#define ENTRIES 512u
#define PRESENT (UINT64_C(1) << 0)
#define LARGE (UINT64_C(1) << 7)
#define PFN_BITS UINT64_C(0x000ffffffffff000)

/* What one entry maps, as a power of two, by level. */
#define SHIFT_PTE 12u
#define SHIFT_PMD 21u
#define SHIFT_PUD 30u
#define LEVEL_BITS 9u

/* Flags that no page table has: it is a page of a user, or of a file. */
#define NO_TABLE (FOLIO_LRU | FOLIO_ANON | FOLIO_CACHE | FOLIO_SWAPBACKED | FOLIO_HUGETLB)

/* What an entry of an upper table is. */
enum entry_kind { EMPTY, TABLE, OTHER };

uint64_t tables_pfn(uint64_t entry)
{
	return (entry & PFN_BITS) >> SHIFT_PTE;
}

/*
 * *table is its address. One that was freed and is full of something else points
 * anywhere: only what has a struct page, and is no user's, is read.
 */
static enum entry_kind follow(struct probe *probe, uint64_t entry, uint64_t *table)
{
	uint64_t pfn = tables_pfn(entry);
	struct page_state state;
	struct reason ignored;

	if (!entry)
		return EMPTY;
	if ((entry & (PRESENT | LARGE)) != PRESENT || !pfn ||
	    probe_pages(probe, pfn, 1, &state, &ignored) || state.folio.refcount <= 0 ||
	    state.folio.flags & NO_TABLE)
		return OTHER;
	*table = probe->direct_map + (pfn << SHIFT_PTE);
	return TABLE;
}

static unsigned index_of(uint64_t address, unsigned shift)
{
	return (unsigned)(address >> shift) % ENTRIES;
}

/* Go down from @top to the table of entries of @shift that maps @address. */
static enum entry_kind descend(struct probe *probe, uint64_t top, uint64_t address, unsigned shift,
			       uint64_t *table)
{
	unsigned at = SHIFT_PTE + LEVEL_BITS * (probe->table_levels - 1);
	enum entry_kind kind = TABLE;

	*table = top;
	for (; at > shift && kind == TABLE; at -= LEVEL_BITS) {
		struct reason ignored;
		uint64_t entry;

		kind = probe_read(probe, *table + index_of(address, at) * sizeof(entry), &entry,
				  sizeof(entry), &ignored) ?
			       OTHER :
			       follow(probe, entry, table);
	}
	return kind;
}

int tables_entry(struct probe *probe, uint64_t top, uint64_t address, uint64_t *entry)
{
	struct reason ignored;
	uint64_t table;

	*entry = 0;
	switch (descend(probe, top, address, SHIFT_PTE, &table)) {
	case EMPTY:
		return 0;
	case TABLE:
		return probe_read(probe, table + index_of(address, SHIFT_PTE) * sizeof(*entry),
				  entry, sizeof(*entry), &ignored) ?
			       -EBADMSG :
			       0;
	default:
		return -EBADMSG;
	}
}

static void mark_all(uint64_t start, uint64_t end, uint64_t *bits)
{
	uint64_t last = (end - 1) % TABLES_WINDOW / TABLES_SLOT;

	for (uint64_t slot = start % TABLES_WINDOW / TABLES_SLOT; slot <= last; slot++)
		bits[slot / 64] |= UINT64_C(1) << slot % 64;
}

/* A whole table at once: it lies in a page of its own. */
static bool read_table(struct probe *probe, uint64_t table, uint64_t entries[ENTRIES])
{
	struct reason ignored;

	return !probe_read(probe, table, entries, ENTRIES * sizeof(*entries), &ignored);
}

/* What the PMDs of the table at @table say of [start, end), which it maps. */
static void mark_slots(struct probe *probe, uint64_t table, uint64_t start, uint64_t end,
		       uint64_t *bits)
{
	uint64_t entries[ENTRIES];

	if (!read_table(probe, table, entries)) {
		mark_all(start, end, bits);
		return;
	}
	for (uint64_t at = start; at < end; at = (at | (TABLES_SLOT - 1)) + 1)
		if (entries[index_of(at, SHIFT_PMD)])
			mark_all(at, at + 1, bits);
}

void tables_mark(struct probe *probe, uint64_t top, uint64_t start, uint64_t end, uint64_t *bits)
{
	uint64_t entries[ENTRIES], table;
	enum entry_kind kind = descend(probe, top, start, SHIFT_PUD, &table);

	if (kind == EMPTY)
		return;
	if (kind == OTHER || !read_table(probe, table, entries)) {
		mark_all(start, end, bits);
		return;
	}
	for (uint64_t at = start, next; at < end; at = next) {
		next = (at | ((UINT64_C(1) << SHIFT_PUD) - 1)) + 1;
		if (next > end)
			next = end;
		kind = follow(probe, entries[index_of(at, SHIFT_PUD)], &table);
		if (kind == TABLE)
			mark_slots(probe, table, at, next, bits);
		else if (kind == OTHER)
			mark_all(at, next, bits);
	}
}
