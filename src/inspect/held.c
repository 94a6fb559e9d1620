// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/held.h"

#include <errno.h>
#include <stdlib.h>

/* Only anonymous pages: readahead, writeback and the like hold file pages all the time. */
static unsigned held_flags(const struct page_run *run)
{
	unsigned flags = run->flags & RUN_PINNED;

	if (run->flags & RUN_EXTRA && run->flags & RUN_ANON && !(run->flags & RUN_KSM))
		flags |= RUN_EXTRA;
	return flags;
}

int held_note(struct held_list *list, const struct page_run *run, size_t page_size)
{
	struct held_range *last = list->count ? &list->ranges[list->count - 1] : NULL;
	const struct held_range range = {
		.start = run->address,
		.end = run->address + run->pages * page_size,
		.flags = held_flags(run),
		.part = run->kind == KIND_THP_PART,
		.folio = (uint64_t)page_size << run->order,
		.offset = run->folio_offset,
	};

	if (!range.flags)
		return 0;
	if (last && last->end == range.start && last->flags == range.flags &&
	    last->part == range.part && last->folio == range.folio &&
	    last->offset == range.offset) {
		last->end = range.end;
		return 0;
	}
	if (!list->ranges || !(list->count & (list->count - 1))) {
		struct held_range *more = reallocarray(list->ranges,
						       list->count ? 2 * list->count : 1,
						       sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->ranges = more;
	}
	list->ranges[list->count++] = range;
	return 0;
}

void held_free(struct held_list *list)
{
	free(list->ranges);
	*list = (struct held_list){ .ranges = NULL };
}

uint64_t held_down(const struct held_range *range, uint64_t address)
{
	uint64_t over = (address - range->offset) % range->folio;

	return over < address ? address - over : 0;
}

uint64_t held_up(const struct held_range *range, uint64_t address)
{
	uint64_t over = (address - range->offset) % range->folio;

	return over ? address + range->folio - over : address;
}

size_t held_first(const struct held_list *list, uint64_t address)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct held_range *range = &list->ranges[middle];

		if (held_up(range, range->end) > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}
