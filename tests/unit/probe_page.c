// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The decoder of struct pages, with types and pages recorded on five kernels
 * (tests/record/types.c, tests/live/probe --record): what each page had to be is
 * in the recording, as the program that made it knew.
 */
#include "config.h"
#include "pages.h"
#include "tap.h"

#if HAVE_LIBBPF

static const char *const kernels[] = { "5.10", "6.1", "6.12", "6.18", "7.3" };

#define PAGES 512

/* A line of a recording, its struct pages as they were. */
struct recorded {
	char want[PAGE_TEXT];
	unsigned long long pfn, head, vmemmap;
	size_t count;
	unsigned char *raw;
};

static const char *data_path(const char *name, const char *kernel, char path[256])
{
	const char *tests = getenv("TESTDIR");

	snprintf(path, 256, "%s/unit/data/%s-%s", tests ? tests : "tests", name, kernel);
	return path;
}

/* "3*00ff..." at *text, which is moved behind it. */
static bool take_pages(char **text, size_t size, struct recorded *page)
{
	unsigned long times = strtoul(*text, text, 10);
	unsigned char *first = page->raw + page->count * size;

	if (!times || *(*text)++ != '*' || page->count + times > PAGES)
		return false;
	for (size_t i = 0; i < size; i++, *text += 2) {
		unsigned byte;

		if (sscanf(*text, "%2x", &byte) != 1)
			return false;
		first[i] = (unsigned char)byte;
	}
	for (unsigned long i = 1; i < times; i++)
		memcpy(first + i * size, first, size);
	page->count += times;
	while (**text == ' ' || **text == '\n')
		(*text)++;
	return true;
}

static bool parse(char *line, size_t size, struct recorded *page)
{
	int used = 0;

	page->count = 0;
	if (sscanf(line, "%159[^|]|%llx %llx %llx %n", page->want, &page->pfn, &page->head,
		   &page->vmemmap, &used) != 4)
		return false;
	line += used;
	while (*line)
		if (!take_pages(&line, size, page))
			return false;
	return page->count >= FOLIO_FIRST_PAGES;
}

static void test_recorded(const char *kernel, const struct page_layout *layout,
			  const struct recorded *recorded)
{
	const unsigned char *raw = recorded->raw + (recorded->pfn - recorded->head) * layout->size;
	struct page_state page = { 0 };
	char got[PAGE_TEXT];
	struct folio folio;
	uint64_t head = 0;
	int more;

	is_int(page_head(layout, raw, recorded->pfn, recorded->vmemmap, &head), 0,
	       "%s: page 0x%llx", kernel, recorded->pfn);
	is_int((int64_t)head, (int64_t)recorded->head, "%s: its head", kernel);
	more = folio_decode(layout, recorded->raw, FOLIO_FIRST_PAGES, head, &folio);
	if (more > 0) {
		is_int(more, (int64_t)recorded->count, "%s: all of a folio is wanted", kernel);
		more = folio_decode(layout, recorded->raw, recorded->count, head, &folio);
	}
	is_int(more, 0, "%s: its folio", kernel);
	page_decode(layout, &folio, raw, recorded->pfn, &page);
	is_str(page_text(&page, got), recorded->want, "%s: what it is", kernel);
}

/* What cannot be, or was changed while it was read, is not taken for a folio. */
static void test_broken(const char *kernel, const struct page_layout *layout,
			const struct recorded *recorded)
{
	unsigned char *copy = malloc(recorded->count * layout->size);
	unsigned char *tail = copy + layout->size;
	uint64_t link = 0, head;
	struct folio folio;

	if (!copy)
		bail_out("no memory");
	memcpy(copy, recorded->raw, recorded->count * layout->size);
	is_int(folio_decode(layout, tail, FOLIO_FIRST_PAGES, recorded->head + 1, &folio), -EBADMSG,
	       "%s: a tail is no folio", kernel);
	is_int(folio_decode(layout, copy, recorded->count, recorded->head + 1, &folio), -EBADMSG,
	       "%s: nor is what lies across its order", kernel);
	copy[layout->order.offset] = 200;
	is_int(folio_decode(layout, copy, recorded->count, recorded->head, &folio), -EBADMSG,
	       "%s: nor what is larger than memory", kernel);
	copy[layout->order.offset] = 8;
	is_int(folio_decode(layout, copy, recorded->count, recorded->head, &folio), -EBADMSG,
	       "%s: nor what contradicts itself", kernel);

	/* A head behind its tail, one between two struct pages, one before the map. */
	link = recorded->vmemmap + (recorded->head + 2) * layout->size + 1;
	memcpy(tail + layout->link.offset, &link, sizeof(link));
	is_int(page_head(layout, tail, recorded->head + 1, recorded->vmemmap, &head), -EBADMSG,
	       "%s: a head is not behind its tail", kernel);
	link = recorded->vmemmap + recorded->head * layout->size + 9;
	memcpy(tail + layout->link.offset, &link, sizeof(link));
	is_int(page_head(layout, tail, recorded->head + 1, recorded->vmemmap, &head), -EBADMSG,
	       "%s: nor between two pages", kernel);
	link = 0x1001;
	memcpy(tail + layout->link.offset, &link, sizeof(link));
	is_int(page_head(layout, tail, recorded->head + 1, recorded->vmemmap, &head), -EBADMSG,
	       "%s: nor outside of the memory map", kernel);

	/*
	 * HVO: the second page of a hugetlb folio's struct pages is the first one once
	 * more, so PFN 64 of it looks like a head; only the next one tells the truth.
	 */
	link = recorded->vmemmap + recorded->head * layout->size + 1;
	memcpy(tail + layout->link.offset, &link, sizeof(link));
	is_int(page_head(layout, copy, recorded->head + 64, recorded->vmemmap, &head), 0,
	       "%s: a copy of a head", kernel);
	is_int((int64_t)head, (int64_t)recorded->head, "%s: is known for a tail", kernel);
	free(copy);
}

static void test_kernel(const char *kernel)
{
	struct page_layout layout;
	struct recorded recorded;
	char *line = NULL, path[256];
	struct types types;
	struct reason why;
	size_t size = 0;
	unsigned lines = 0;
	bool broken = false;
	FILE *file;

	if (types_open(&types, data_path("types", kernel, path), &why) ||
	    page_layout_init(&layout, &types, &why))
		bail_out("%s: %s", kernel, why.text);
	recorded.raw = malloc(PAGES * (size_t)layout.size);
	file = fopen(data_path("pages", kernel, path), "re");
	if (!file || !recorded.raw)
		bail_out("%s", path);
	while (getline(&line, &size, file) > 0) {
		if (!ok(parse(line, layout.size, &recorded), "%s: line %u", kernel, ++lines))
			continue;
		test_recorded(kernel, &layout, &recorded);
		if (recorded.count > FOLIO_FIRST_PAGES && !broken) {
			test_broken(kernel, &layout, &recorded);
			broken = true;
		}
	}
	is_int(lines, 12, "%s: pages of all kinds", kernel);
	ok(broken, "%s: a folio of many pages is among them", kernel);
	free(line);
	free(recorded.raw);
	fclose(file);
	types_close(&types);
}

static void test_pins(void)
{
	const struct folio biased = {
		.refcount = 2 * 1024 + 3,
		.mapcount = 1,
		.pins = 2,
		.pin_weight = 1024,
		.flags = FOLIO_ANON | FOLIO_SWAPBACKED | FOLIO_SWAPCACHE,
	};
	const struct folio cached = {
		.order = 2,
		.refcount = 4 + 1 + 5,
		.mapcount = 4,
		.pins = 1,
		.pin_weight = 1,
		.flags = FOLIO_CACHE | FOLIO_PRIVATE,
	};
	struct folio other = { .refcount = 5, .pin_weight = 1024 };
	struct folio_pins pins = folio_pins(&biased);

	ok(pins.pins == 2 && !pins.pins_exact, "1024 references are a pin, or so it seems");
	is_int(pins.gets, 1, "the swap cache has one reference of an anonymous page");
	ok(pins.gets_known, "the rest is known");
	pins = folio_pins(&cached);
	ok(pins.pins == 1 && pins.pins_exact, "a folio of many pages counts its pins");
	is_int(pins.gets, 0, "the page cache has one of each page, its owner one more");
	ok(!folio_pins(&other).gets_known, "of other pages nothing is known");
	other.flags = FOLIO_CACHE | FOLIO_HUGETLB;
	ok(!folio_pins(&other).gets_known, "nor of a hugetlb file's");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++)
		test_kernel(kernels[i]);
	test_pins();
	return done_testing();
}

#else

int main(void)
{
	skip(LIBBPF_REASON, "pages recorded on five kernels");
	return done_testing();
}

#endif
