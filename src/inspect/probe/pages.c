// SPDX-License-Identifier: GPL-2.0-or-later
/* probe_pages(): read struct pages in parts, many at once, and each folio once. */
#include <stdlib.h>

#include "inspect/probe/probe.h"

/*
 * Struct pages that nobody asked for are read along rather than to begin another
 * part, which costs as much as a KiB does.
 */
#define GAP 16u

/* struct page has 64 bytes, or up to 96 in some configurations. */
#define PAGE_SIZE_MAX 256u

/* Struct pages of a part, and which of those asked for are among them. */
struct part {
	uint64_t first;
	size_t count;
	size_t from, to;
};

/* Which pages: those of a list, or @first and those that follow it. */
struct choice {
	const uint64_t *list;
	uint64_t first;
	size_t count;
};

/* One walk. */
struct walk {
	struct probe *probe;
	const struct choice *choice;
	struct part part[PROBE_PARTS_MAX];
	struct probe_part read[PROBE_PARTS_MAX];
	size_t parts;
	/* What is given to each(). Its folio is the last one: those of neighbours are one. */
	struct page_state state;
	bool have_folio;
	struct page_likeness like; /* of that, if it is of one page */
	page_state_fn *each;
	void *context;
	struct reason *why;
};

static uint64_t chosen(const struct choice *choice, size_t i)
{
	return choice->list ? choice->list[i] : choice->first + i;
}

static bool is_skipped(const struct choice *choice, size_t i)
{
	return choice->list && !choice->list[i];
}

static uint64_t struct_page(const struct probe *probe, uint64_t pfn)
{
	return probe->vmemmap + pfn * probe->pages.size;
}

/* Decode a folio from struct pages of its own, as many as it takes. */
static int load_folio(struct probe *probe, uint64_t head, struct folio *folio)
{
	size_t size = probe->pages.size, count = FOLIO_FIRST_PAGES;
	unsigned char *raw = NULL;
	struct reason why;
	int more;

	do {
		unsigned char *grown = realloc(raw, count * size);

		if (!grown) {
			free(raw);
			return -ENOMEM;
		}
		raw = grown;
		more = probe_read(probe, struct_page(probe, head), raw, count * size, &why);
		if (!more)
			more = folio_decode(&probe->pages, raw, count, head, folio);
		/* One that grows while it is read is not the one that it was. */
		if (more > 0 && count > FOLIO_FIRST_PAGES)
			more = -EBADMSG;
		if (more > 0)
			count = (size_t)more;
	} while (more > 0);
	free(raw);
	return more;
}

/* The folio of head @head, from the part where it is there as far as needed. */
static int find_folio(struct walk *walk, const struct part *part, const unsigned char *raw,
		      uint64_t head)
{
	struct folio *folio = &walk->state.folio;
	int err = 1;

	if (walk->have_folio && folio->head == head && folio->order)
		return 0;
	walk->have_folio = false;
	if (head >= part->first)
		err = folio_decode(&walk->probe->pages,
				   raw + (head - part->first) * walk->probe->pages.size,
				   (size_t)(part->first + part->count - head), head, folio);
	if (err > 0)
		err = load_folio(walk->probe, head, folio);
	walk->have_folio = !err;
	return err;
}

static void set_unknown(struct walk *walk, uint64_t pfn)
{
	walk->have_folio = false;
	walk->state = (struct page_state){ .folio.refcount = -1 };
	walk->state.folio.head = walk->state.pfn = pfn;
}

/* Page @pfn of a part whose struct pages are at @raw. */
static int decode_one(struct walk *walk, const struct part *part, const unsigned char *raw,
		      uint64_t pfn)
{
	const struct page_layout *layout = &walk->probe->pages;
	const unsigned char *own = raw + (pfn - part->first) * layout->size;
	struct page_likeness like = page_likeness(layout, own);
	uint64_t head;
	int err;

	if (walk->have_folio && !walk->state.folio.order && like.flags == walk->like.flags &&
	    like.counts == walk->like.counts && like.mapping == walk->like.mapping) {
		page_decode_like(layout, own, pfn, &walk->state);
		return 0;
	}
	walk->like = like;
	err = page_head(layout, own, pfn, walk->probe->vmemmap, &head);
	if (!err)
		err = find_folio(walk, part, raw, head);
	/* Split or freed in between: the tail is no longer of it. */
	if (!err && pfn >= head + (UINT64_C(1) << walk->state.folio.order))
		err = -EBADMSG;
	if (!err)
		page_decode(layout, &walk->state.folio, own, pfn, &walk->state);
	if (err == -EBADMSG || err == -EFAULT) {
		set_unknown(walk, pfn);
		return 0;
	}
	return err ? fail_errno(walk->why, -err, "page states") : 0;
}

/*
 * Aligned to four struct pages, so that the head and the first tails are there: in a
 * page of the memory map, which has no holes, that is no read of what is not there.
 */
static void align(struct part *part, uint64_t lowest, uint64_t highest)
{
	part->first = lowest & ~UINT64_C(3);
	part->count = (size_t)((highest | 3) + 1 - part->first);
}

/* One by one: there is a hole in the memory map, and this shows where. */
static int decode_singly(struct walk *walk, const struct part *part)
{
	unsigned char raw[4 * PAGE_SIZE_MAX];
	size_t size = walk->probe->pages.size;
	struct reason ignored;
	int err = 0;

	for (size_t i = part->from; i < part->to && !err; i++) {
		uint64_t pfn = chosen(walk->choice, i);
		struct part single;

		if (is_skipped(walk->choice, i))
			continue;
		align(&single, pfn, pfn);
		err = probe_read(walk->probe, struct_page(walk->probe, single.first), raw, 4 * size,
				 &ignored);
		if (!err)
			err = decode_one(walk, &single, raw, pfn);
		else if (err == -EFAULT)
			set_unknown(walk, pfn);
		if (!err || err == -EFAULT)
			err = walk->each(i, &walk->state, walk->context);
	}
	return err;
}

static int decode_part(struct walk *walk, const struct part *part, const unsigned char *raw)
{
	int err = 0;

	for (size_t i = part->from; i < part->to && !err; i++) {
		if (is_skipped(walk->choice, i))
			continue;
		err = decode_one(walk, part, raw, chosen(walk->choice, i));
		if (!err)
			err = walk->each(i, &walk->state, walk->context);
	}
	return err;
}

/* Read what has been gathered, and give it to each(). */
static int flush(struct walk *walk)
{
	const unsigned char *data;
	int err = probe_read_parts(walk->probe, walk->read, walk->parts, &data, walk->why);

	for (size_t i = 0; i < walk->parts && !err; i++)
		err = walk->read[i].err ?
			      decode_singly(walk, &walk->part[i]) :
			      decode_part(walk, &walk->part[i], data + walk->read[i].at);
	walk->parts = 0;
	return err;
}

/* The part that begins with choice @from. */
static struct part next_part(const struct walk *walk, size_t from)
{
	uint64_t lowest = chosen(walk->choice, from), highest = lowest;
	uint64_t room = PROBE_PART_MAX / walk->probe->pages.size - 8;
	struct part part = { .from = from, .to = from + 1 };

	for (; part.to < walk->choice->count; part.to++) {
		uint64_t pfn = chosen(walk->choice, part.to);

		if (is_skipped(walk->choice, part.to))
			continue;
		if (pfn + GAP < lowest || pfn > highest + GAP ||
		    (pfn < lowest ? highest - pfn : pfn - lowest) >= room)
			break;
		lowest = pfn < lowest ? pfn : lowest;
		highest = pfn > highest ? pfn : highest;
	}
	align(&part, lowest, highest);
	return part;
}

static int read_pages(struct probe *probe, const struct choice *choice, page_state_fn *each,
		      void *context, struct reason *why)
{
	struct walk walk = {
		.probe = probe,
		.choice = choice,
		.each = each,
		.context = context,
		.why = why,
	};
	size_t used = 0;
	int err = 0;

	if (!probe_reads(probe))
		return fail(why, EOPNOTSUPP, "page states cannot be read at probe level %s",
			    probe->ops->name);
	if (probe->pages.size > PAGE_SIZE_MAX)
		return fail(why, EPROTO, "struct page has %u bytes here", probe->pages.size);
	for (size_t from = 0; from < choice->count && !err;) {
		struct part part;
		uint32_t size;

		if (is_skipped(choice, from)) {
			from++;
			continue;
		}
		part = next_part(&walk, from);
		size = (uint32_t)(part.count * probe->pages.size);
		if (walk.parts == PROBE_PARTS_MAX || used > PROBE_PARTS_ROOM - PROBE_PART_MAX) {
			err = flush(&walk);
			used = 0;
		}
		walk.read[walk.parts] = (struct probe_part){
			.address = struct_page(probe, part.first),
			.size = size,
			.at = (uint32_t)used,
		};
		walk.part[walk.parts++] = part;
		used += size;
		from = part.to;
	}
	return err || !walk.parts ? err : flush(&walk);
}

static int store(size_t index, const struct page_state *state, void *context)
{
	struct page_state *pages = context;

	pages[index] = *state;
	return 0;
}

int probe_pages(struct probe *probe, uint64_t pfn, size_t count, struct page_state *pages,
		struct reason *why)
{
	const struct choice choice = { .first = pfn, .count = count };

	return read_pages(probe, &choice, store, pages, why);
}

int probe_page_list(struct probe *probe, const uint64_t *pfns, size_t count, page_state_fn *each,
		    void *context, struct reason *why)
{
	const struct choice choice = { .list = pfns, .count = count };

	return read_pages(probe, &choice, each, context, why);
}
