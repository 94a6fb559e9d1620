// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/unattributed.h"

#include <stdlib.h>

#include "host/host.h"
#include "host/lru.h"

/* Only anonymous pages: readahead, writeback and the like hold file pages all the time. */
static unsigned held_flags(const struct page_run *run)
{
	unsigned flags = run->flags & RUN_PINNED;

	if (run->flags & RUN_EXTRA && run->flags & RUN_ANON && !(run->flags & RUN_KSM))
		flags |= RUN_EXTRA;
	return flags;
}

static int append(struct held_list *list, const struct held_range *range)
{
	if (!list->ranges || !(list->count & (list->count - 1))) {
		struct held_range *more = reallocarray(list->ranges,
						       list->count ? 2 * list->count : 1,
						       sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->ranges = more;
	}
	list->ranges[list->count++] = *range;
	return 0;
}

int held_note(struct held_list *list, const struct page_run *run, size_t page_size)
{
	uint64_t start = run->address, end = start + run->pages * page_size;
	unsigned flags = held_flags(run);
	uint64_t folio = (uint64_t)page_size << run->order;
	struct held_range *last = list->count ? &list->ranges[list->count - 1] : NULL;

	if (!flags)
		return 0;
	/* A pin is the whole folio's, and folios are aligned where they were made. */
	start -= start % folio;
	end += (folio - end % folio) % folio;
	if (last && last->flags == flags && start <= last->end) {
		if (end > last->end)
			last->end = end;
		return 0;
	}
	return append(list, &(struct held_range){ start, end, flags });
}

void held_free(struct held_list *list)
{
	free(list->ranges);
	*list = (struct held_list){ .ranges = NULL };
}

struct again {
	struct held_list list;
	size_t page_size;
};

static int note_again(const struct page_run *run, const struct vma *vma, void *context)
{
	struct again *again = context;

	(void)vma;
	return held_note(&again->list, run, again->page_size);
}

static bool explained(const struct inspection *inspection, size_t holders, uint64_t start,
		      uint64_t end)
{
	for (size_t i = 0; i < holders; i++)
		if (inspection->holders[i].start < end && inspection->holders[i].end > start)
			return true;
	return false;
}

static int add(struct inspection *inspection, const struct held_range *range)
{
	size_t count = inspection->holders_count;
	struct holder *more;

	if (!(count & (count - 1))) {
		more = reallocarray(inspection->holders, count ? 2 * count : 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		inspection->holders = more;
	}
	inspection->holders[inspection->holders_count++] = (struct holder){
		.kind = HOLDER_UNATTRIBUTED,
		.class = range->flags & RUN_PINNED ? PIN_CLASS_PIN : PIN_CLASS_GET,
		.confidence = CONFIDENCE_COUNT,
		.fd = -1,
		.start = range->start,
		.end = range->end,
		.device_node = -1,
	};
	return 0;
}

/* What of @range is still held, as the scan sees it now, into @again. */
static int look_again(const struct inspection *inspection, struct scanner *scanner,
		      const struct held_range *range, struct again *again, struct reason *why)
{
	const struct vma *vma = maps_find(&inspection->vmas, range->start);
	uint64_t end = range->end;

	if (!vma)
		return 0;
	if (end > vma->end)
		end = vma->end;
	return scan_range(scanner, &inspection->target, vma, range->start, end, note_again, again,
			  why);
}

/*
 * What was faulted during the scan is in the batches again, whose references look like
 * pins. A process that maps and touches memory all the time always has some there, but
 * not of the same pages for long.
 */
#define LOOKS 3

int unattributed_find(struct inspection *inspection, struct scanner *scanner,
		      const struct held_list *list, struct reason *why)
{
	struct again left = { .page_size = inspection->host->page_size };
	size_t holders = inspection->holders_count;
	int err = 0;

	for (unsigned look = 0; !err && look < LOOKS; look++) {
		const struct held_list *found = look ? &left.list : list;
		struct again now = { .page_size = left.page_size };
		bool drained = false;

		for (size_t i = 0; !err && i < found->count; i++) {
			const struct held_range *range = &found->ranges[i];

			if (explained(inspection, holders, range->start, range->end))
				continue;
			/* The batches add to references, not to the count of pins. */
			if (look && range->flags & RUN_PINNED) {
				if (append(&now.list, range))
					err = fail_errno(why, ENOMEM, "holders");
				continue;
			}
			if (!drained)
				lru_drain();
			drained = true;
			err = look_again(inspection, scanner, range, &now, why);
		}
		held_free(&left.list);
		left = now;
	}
	for (size_t i = 0; !err && i < left.list.count; i++)
		if (!explained(inspection, holders, left.list.ranges[i].start,
			       left.list.ranges[i].end) &&
		    add(inspection, &left.list.ranges[i]))
			err = fail_errno(why, ENOMEM, "holders");
	held_free(&left.list);
	return err;
}
