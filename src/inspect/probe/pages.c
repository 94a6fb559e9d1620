// SPDX-License-Identifier: GPL-2.0-or-later
/* probe_pages(): read struct pages in windows, each folio once. */
#include <stdlib.h>
#include <string.h>

#include "inspect/probe/probe.h"

/* Struct pages a read. All buffers together stay well below a MiB. */
#define WINDOW 4096u
/* More on both sides, by alignment */
#define WINDOW_MARGIN ((size_t)8)

/* The struct pages of [first, first + count) */
struct window {
	struct probe *probe;
	uint64_t first;
	size_t count;
	unsigned char *raw;
	/* The folio that was decoded last: those of a window's pages are mostly one. */
	struct folio folio;
	bool have_folio;
};

static uint64_t struct_page(const struct probe *probe, uint64_t pfn)
{
	return probe->vmemmap + pfn * probe->pages.size;
}

static const unsigned char *raw_page(const struct window *window, uint64_t pfn)
{
	return window->raw + (pfn - window->first) * window->probe->pages.size;
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
	size_t behind;
	int err = 1;

	if (window->have_folio && window->folio.head == head && window->folio.order)
		return 0;
	window->have_folio = false;
	if (head >= window->first) {
		behind = (size_t)(window->first + window->count - head);
		if (behind >= FOLIO_FIRST_PAGES)
			err = folio_decode(&window->probe->pages, raw_page(window, head), behind,
					   head, &window->folio);
	}
	if (err > 0)
		err = load_folio(window->probe, head, &window->folio);
	window->have_folio = !err;
	return err;
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
	return err;
}

/*
 * Aligned to four struct pages, so that head and next are there: in a page of the
 * memory map, which has no holes, that is no read of what is not there.
 */
static int read_window(struct window *window, uint64_t pfn, size_t count, struct reason *why)
{
	uint64_t end = (pfn + count + 3) & ~UINT64_C(3);

	window->first = pfn & ~UINT64_C(3);
	window->count = (size_t)(end - window->first);
	return probe_read(window->probe, struct_page(window->probe, window->first), window->raw,
			  window->count * window->probe->pages.size, why);
}

static void set_unknown(struct page_state *page, uint64_t pfn)
{
	memset(page, 0, sizeof(*page));
	page->pfn = pfn;
	page->folio.head = pfn;
	page->folio.refcount = -1;
}

int probe_pages(struct probe *probe, uint64_t pfn, size_t count, struct page_state *pages,
		struct reason *why)
{
	struct window window = { .probe = probe };
	size_t window_size = count < WINDOW ? count : WINDOW;
	int err = 0;

	if (!probe_reads(probe))
		return fail(why, EOPNOTSUPP, "page states cannot be read at probe level %s",
			    probe->ops->name);
	window.raw = malloc((window_size + WINDOW_MARGIN) * probe->pages.size);
	if (!window.raw)
		return fail_errno(why, ENOMEM, "page states");
	while (count && !err) {
		size_t part = count < WINDOW ? count : WINDOW;

		err = read_window(&window, pfn, part, why);
		if (err == -EFAULT) {
			/* A hole in the memory map: no memory in all of it, or in some. */
			for (size_t i = 0; i < part && part > 1; i++)
				if (probe_pages(probe, pfn + i, 1, &pages[i], why))
					set_unknown(&pages[i], pfn + i);
			if (part == 1)
				set_unknown(pages, pfn);
			err = 0;
		} else if (!err) {
			for (size_t i = 0; i < part && !err; i++) {
				err = decode_one(&window, pfn + i, &pages[i]);
				if (err == -EBADMSG || err == -EFAULT) {
					set_unknown(&pages[i], pfn + i);
					err = 0;
				}
			}
			if (err)
				fail_errno(why, -err, "page states");
		}
		pages += part;
		pfn += part;
		count -= part;
	}
	free(window.raw);
	return err;
}
