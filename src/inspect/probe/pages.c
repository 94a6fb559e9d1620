// SPDX-License-Identifier: GPL-2.0-or-later
/* probe_pages(): read struct pages in windows, each folio once. */
#include <stdlib.h>
#include <string.h>

#include "inspect/probe/probe.h"

/* Struct pages a read: 512 KiB. */
#define WINDOW 8192u

/*
 * Struct pages that nobody asked for are read along rather than to read once more,
 * which costs as much as some ten KiB do.
 */
#define GAP 160u

/* The struct pages of [first, first + count) */
struct window {
	struct probe *probe;
	uint64_t first;
	size_t count;
	/* The folio that was decoded last: those of a window's pages are mostly one. */
	struct folio folio;
	bool have_folio;
};

/* Which pages: those of an ascending list, or @first and those that follow it. */
struct choice {
	const uint64_t *list;
	uint64_t first;
};

static uint64_t chosen(const struct choice *choice, size_t i)
{
	return choice->list ? choice->list[i] : choice->first + i;
}

static uint64_t struct_page(const struct probe *probe, uint64_t pfn)
{
	return probe->vmemmap + pfn * probe->pages.size;
}

static const unsigned char *raw_page(const struct window *window, uint64_t pfn)
{
	return window->probe->window + (pfn - window->first) * window->probe->pages.size;
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

/* The folio of head @head, from the window where it is there as far as needed. */
static int find_folio(struct window *window, uint64_t head)
{
	int err = 1;

	if (window->have_folio && window->folio.head == head && window->folio.order)
		return 0;
	window->have_folio = false;
	if (head >= window->first)
		err = folio_decode(&window->probe->pages, raw_page(window, head),
				   (size_t)(window->first + window->count - head), head,
				   &window->folio);
	if (err > 0)
		err = load_folio(window->probe, head, &window->folio);
	window->have_folio = !err;
	return err;
}

static void set_unknown(struct page_state *page, uint64_t pfn)
{
	memset(page, 0, sizeof(*page));
	page->pfn = pfn;
	page->folio.head = pfn;
	page->folio.refcount = -1;
}

static int decode_one(struct window *window, uint64_t pfn, struct page_state *page)
{
	const struct page_layout *layout = &window->probe->pages;
	const unsigned char *raw = raw_page(window, pfn);
	uint64_t head;
	int err;

	err = page_head(layout, raw, pfn, window->probe->vmemmap, &head);
	if (!err)
		err = find_folio(window, head);
	/* Split or freed in between: the tail is no longer of it. */
	if (!err && pfn >= head + (UINT64_C(1) << window->folio.order))
		err = -EBADMSG;
	if (!err)
		page_decode(layout, &window->folio, raw, pfn, page);
	if (err != -EBADMSG && err != -EFAULT)
		return err;
	set_unknown(page, pfn);
	return 0;
}

/*
 * Aligned to four struct pages, so that the head and the first tails are there: in a
 * page of the memory map, which has no holes, that is no read of what is not there.
 */
static int read_window(struct window *window, uint64_t first, uint64_t last, struct reason *why)
{
	window->first = first & ~UINT64_C(3);
	window->count = (size_t)((last | 3) + 1 - window->first);
	return probe_read(window->probe, struct_page(window->probe, window->first),
			  window->probe->window, window->count * window->probe->pages.size, why);
}

/* How many of the pages from @from on are read at once. */
static size_t next_window(const struct choice *choice, size_t from, size_t count)
{
	size_t end = from + 1;

	while (end < count && chosen(choice, end) - chosen(choice, end - 1) <= GAP &&
	       chosen(choice, end) - chosen(choice, from) < WINDOW - 8)
		end++;
	return end;
}

static int read_pages(struct probe *probe, const struct choice *choice, size_t count,
		      struct page_state *pages, struct reason *why)
{
	struct window window = { .probe = probe };
	int err = 0;

	if (!probe_reads(probe))
		return fail(why, EOPNOTSUPP, "page states cannot be read at probe level %s",
			    probe->ops->name);
	if (!probe->window)
		probe->window = malloc((size_t)WINDOW * probe->pages.size);
	if (!probe->window)
		return fail_errno(why, ENOMEM, "page states");
	for (size_t from = 0, end; from < count && !err; from = end) {
		end = next_window(choice, from, count);
		err = read_window(&window, chosen(choice, from), chosen(choice, end - 1), why);
		/* A hole in the memory map: smaller windows show where. */
		while (err == -EFAULT && end - from > 1) {
			end = from + (end - from) / 2;
			err = read_window(&window, chosen(choice, from), chosen(choice, end - 1),
					  why);
		}
		if (err == -EFAULT) {
			set_unknown(&pages[from], chosen(choice, from));
			err = 0;
			continue;
		}
		for (size_t i = from; i < end && !err; i++)
			err = decode_one(&window, chosen(choice, i), &pages[i]);
		if (err)
			fail_errno(why, -err, "page states");
	}
	return err;
}

int probe_pages(struct probe *probe, uint64_t pfn, size_t count, struct page_state *pages,
		struct reason *why)
{
	const struct choice choice = { .first = pfn };

	return read_pages(probe, &choice, count, pages, why);
}

int probe_page_list(struct probe *probe, const uint64_t *pfns, size_t count,
		    struct page_state *pages, struct reason *why)
{
	const struct choice choice = { .list = pfns };

	for (size_t i = 1; i < count; i++)
		if (pfns[i] < pfns[i - 1])
			return fail(why, EINVAL, "page frame numbers are not in order");
	return read_pages(probe, &choice, count, pages, why);
}
