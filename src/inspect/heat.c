// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/heat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Empty cells between two rows that cost less than another row would. */
#define GAP_MAX 64u

void heat_init(struct heat *heat, uint64_t start, uint64_t end, uint64_t cell_bytes)
{
	*heat = (struct heat){ .cell_bytes = cell_bytes, .start = start, .end = end };
}

static unsigned heat_of(const struct page_run *run)
{
	static const unsigned kinds[KIND_COUNT] = {
		[KIND_BASE] = HEAT_BASE,       [KIND_MTHP] = HEAT_PTE,
		[KIND_THP_PMD] = HEAT_PMD,     [KIND_THP_PTE] = HEAT_PTE,
		[KIND_THP_PART] = HEAT_PTE,    [KIND_HUGETLB] = HEAT_HUGETLB,
		[KIND_ZERO] = HEAT_ZERO,       [KIND_SWAPPED] = HEAT_SWAPPED,
		[KIND_UNKNOWN] = HEAT_PRESENT,
	};

	return kinds[run->kind] | (run->flags & RUN_PINNED ? HEAT_PINNED : 0) |
	       (run->flags & RUN_EXTRA ? HEAT_EXTRA : 0);
}

static int grow(struct heat *heat, size_t cells)
{
	/* In steps of a power of two, as most maps are small. */
	size_t room = 64, need = heat->cells_count + cells;
	uint16_t *more;

	while (room < need)
		room *= 2;
	more = reallocarray(heat->cells, room, sizeof(*more));
	if (!more)
		return -ENOMEM;
	heat->cells = more;
	memset(heat->cells + heat->cells_count, 0, cells * sizeof(*heat->cells));
	heat->cells_count = need;
	return 0;
}

static int begin_row(struct heat *heat, uint64_t start)
{
	struct heat_row *more = reallocarray(heat->rows, heat->rows_count + 1, sizeof(*more));

	if (!more)
		return -ENOMEM;
	heat->rows = more;
	heat->rows[heat->rows_count++] = (struct heat_row){ start, heat->cells_count, 0 };
	return 0;
}

int heat_add(struct heat *heat, const struct page_run *run, size_t page_size)
{
	uint64_t start = run->address, end = start + run->pages * page_size;
	struct heat_row *row = heat->rows_count ? &heat->rows[heat->rows_count - 1] : NULL;
	size_t first, last;
	int err = 0;

	if (start < heat->start)
		start = heat->start;
	if (end > heat->end)
		end = heat->end;
	if (start >= end)
		return 0;
	start -= start % heat->cell_bytes;
	if (!row || start > row->start + (row->count + GAP_MAX) * heat->cell_bytes)
		err = begin_row(heat, start);
	if (err)
		return err;
	row = &heat->rows[heat->rows_count - 1];
	first = (start - row->start) / heat->cell_bytes;
	last = (end - 1 - row->start) / heat->cell_bytes;
	if (last >= row->count) {
		err = grow(heat, last + 1 - row->count);
		row->count = err ? row->count : last + 1;
	}
	for (size_t i = first; !err && i <= last; i++)
		heat->cells[row->first + i] |= (uint16_t)heat_of(run);
	return err;
}

/* The first row that does not end before @address; they are in the order of addresses. */
static size_t first_row(const struct heat *heat, uint64_t address)
{
	size_t low = 0, high = heat->rows_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct heat_row *row = &heat->rows[middle];

		if (row->start + row->count * heat->cell_bytes > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void heat_part(struct heat *heat, uint64_t address, uint64_t bytes)
{
	uint64_t end = address + bytes;

	for (size_t i = first_row(heat, address); i < heat->rows_count; i++) {
		const struct heat_row *row = &heat->rows[i];
		uint64_t at = address > row->start ? address - row->start : 0;

		if (row->start >= end)
			break;
		for (size_t cell = at / heat->cell_bytes;
		     cell < row->count && row->start + cell * heat->cell_bytes < end; cell++)
			heat->cells[row->first + cell] |= HEAT_PARTED;
	}
}

void heat_free(struct heat *heat)
{
	free(heat->cells);
	free(heat->rows);
	*heat = (struct heat){ .cells = NULL };
}
