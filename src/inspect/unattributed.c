// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/unattributed.h"

#include <stdlib.h>

#include "host/host.h"
#include "host/lru.h"
#include "inspect/holders.h"

/* What the holders found have: by address, none of which touch. */
struct interval {
	uint64_t start, end;
};

struct find {
	struct inspection *inspection;
	struct scanner *scanner;
	struct interval *known;
	size_t known_count;
	struct reason *why;
	struct held_list again; /* what is still held, as the scan sees it now */
	bool drained;
};

static int by_start(const void *a, const void *b)
{
	const struct interval *one = a, *other = b;

	return (one->start > other->start) - (one->start < other->start);
}

/*
 * What @holder explains, up to one interval a span and one more; returns how many. Not
 * where another page than its own is mapped, and nothing when it is not known where.
 */
static size_t explained(const struct holder *holder, uint64_t page_size, struct interval *known)
{
	uint64_t start = holder->start;
	size_t count = 0;

	for (size_t i = 0; i < holder->spans_count; i++) {
		const struct sync_span *span = &holder->spans[i];

		if (span->sync != SYNC_OUT)
			continue;
		if (start < span->address)
			known[count++] = (struct interval){ start, span->address };
		start = span->address + span->pages * page_size;
	}
	if (holder->start && start < holder->end)
		known[count++] = (struct interval){ start, holder->end };
	return count;
}

static int note_known(struct find *find)
{
	const struct inspection *inspection = find->inspection;
	size_t count = 0, merged = 0, most = 1;
	struct interval *known;

	for (size_t i = 0; i < inspection->holders_count; i++)
		most += inspection->holders[i].spans_count + 1;
	known = calloc(most, sizeof(*known));
	if (!known)
		return fail_errno(find->why, ENOMEM, "holders");
	for (size_t i = 0; i < inspection->holders_count; i++)
		count += explained(&inspection->holders[i], inspection->host->page_size,
				   known + count);
	qsort(known, count, sizeof(*known), by_start);
	for (size_t i = 0; i < count; i++)
		if (!merged || known[i].start > known[merged - 1].end)
			known[merged++] = known[i];
		else if (known[i].end > known[merged - 1].end)
			known[merged - 1].end = known[i].end;
	find->known = known;
	find->known_count = merged;
	return 0;
}

/* The first that a folio of @range may reach into, which has @address. */
static size_t first_known(const struct find *find, const struct held_range *range, uint64_t address)
{
	size_t low = 0, high = find->known_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (held_up(range, find->known[middle].end) > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* [start, end) of @range is no holder's. Returns 0 or -errno with a reason. */
typedef int left_fn(struct find *find, const struct held_range *range, uint64_t start,
		    uint64_t end);

/* Each part of the ranges, in whole folios, that no holder found has. */
static int each_left(struct find *find, const struct held_list *list, left_fn *each)
{
	uint64_t done = 0;
	int err = 0;

	for (size_t i = 0; !err && i < list->count; i++) {
		const struct held_range *range = &list->ranges[i];
		uint64_t at = held_down(range, range->start), end = held_up(range, range->end);

		/* Pages of one folio may be several ranges. */
		if (at < done)
			at = done;
		for (size_t j = first_known(find, range, at); !err && at < end; j++) {
			bool any = j < find->known_count;
			uint64_t next = any ? held_down(range, find->known[j].start) : end;

			if (at < next)
				err = each(find, range, at, next < end ? next : end);
			at = any ? held_up(range, find->known[j].end) : end;
		}
		if (end > done)
			done = end;
	}
	return err;
}

static int note_again(const struct page_run *run, const struct vma *vma, void *context)
{
	struct find *find = context;

	(void)vma;
	return held_note(&find->again, run, find->inspection->host->page_size);
}

/* What of it is mapped, in however many VMAs. */
static int look_again(struct find *find, const struct held_range *range, uint64_t start,
		      uint64_t end)
{
	const struct inspection *inspection = find->inspection;
	const struct vma_list *vmas = &inspection->vmas;
	int err = 0;

	(void)range;
	if (!find->drained)
		lru_drain();
	find->drained = true;
	for (size_t i = maps_first(vmas, start);
	     !err && i < vmas->count && vmas->vmas[i].start < end; i++) {
		const struct vma *vma = &vmas->vmas[i];

		err = scan_range(find->scanner, &inspection->target, vma,
				 start > vma->start ? start : vma->start,
				 end < vma->end ? end : vma->end, note_again, find, find->why);
	}
	return err;
}

static int add(struct find *find, const struct held_range *range, uint64_t start, uint64_t end)
{
	struct inspection *inspection = find->inspection;
	size_t count = inspection->holders_count;
	enum pin_class class = range->flags & RUN_PINNED ? PIN_CLASS_PIN : PIN_CLASS_GET;
	struct holder *last = count ? &inspection->holders[count - 1] : NULL;

	if (last && last->kind == HOLDER_UNATTRIBUTED && last->class == class &&
	    last->end == start) {
		last->end = end;
		return 0;
	}
	last = holders_append(inspection, HOLDER_UNATTRIBUTED);
	if (!last)
		return fail_errno(find->why, ENOMEM, "holders");
	last->class = class;
	last->confidence = CONFIDENCE_COUNT;
	last->start = start;
	last->end = end;
	return 0;
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
	struct find find = { .inspection = inspection, .scanner = scanner, .why = why };
	struct held_list left = { .ranges = NULL };
	int err = note_known(&find);

	for (unsigned look = 0; !err && look < LOOKS; look++) {
		find.drained = false;
		err = each_left(&find, look ? &left : list, look_again);
		held_free(&left);
		left = find.again;
		find.again = (struct held_list){ .ranges = NULL };
	}
	if (!err)
		err = each_left(&find, &left, add);
	held_free(&left);
	free(find.known);
	return err;
}
