// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is read of a kernel that may change, or lie: headers of /proc/kcore, symbols,
 * struct pages. The first byte chooses; besides not crashing, a parser keeps what
 * its header promises.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inspect/probe/page.h"
#include "inspect/probe/segments.h"
#include "inspect/probe/symbols.h"
#include "util/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void require(int condition)
{
	if (!condition)
		abort();
}

static int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	require(fd >= 0 && !pwrite_all(fd, data, size, 0));
	return fd;
}

static void fuzz_segments(const uint8_t *data, size_t size)
{
	int fd = file_of(data, size);
	struct reason why = { "" };
	struct segments *segments = segments_read(fd, &why);

	require(segments || why.text[0]);
	for (size_t i = 0; segments && i < segments->count; i++) {
		const struct segment *segment = &segments->list[i];

		require(segment->size && segment->start + segment->size >= segment->start);
		require(segment->offset >= 0 &&
			segment->offset <= INT64_MAX - (off_t)segment->size);
		require(segments_offset(segments, segment->start, 1) >= 0);
	}
	free(segments);
	close(fd);
}

static void fuzz_symbols(const uint8_t *data, size_t size)
{
	struct symbol symbols[] = { { "init_task", 0 }, { "", 0xffffffff81000000 } };
	int fd = file_of(data, size), found;
	struct reason why = { "" };
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	found = symbols_find_in(path, symbols, 2, &why);
	require(found <= 2 && (found >= 0 || why.text[0]));
	if (found >= 0)
		require(found == (symbols[0].address != 0) + (symbols[1].name[0] != 0));
	close(fd);
}

/* A layout as that of 6.1 or 7.3, of which the first bytes choose what differs. */
static void fuzz_pages(const uint8_t *data, size_t size)
{
	struct page_layout layout = {
		.size = 64,
		.flags = { 0, 8 },
		.link = { 8, 8 },
		.mapping = { 24, 8 },
		.index = { 32, 8 },
		.private = { 40, 8 },
		.mapcount = { 48, 4 },
		.refcount = { 52, 4 },
		.order = { 81, 1 },
		.pages = { 92, 4 },
		.pins = { 88, 4 },
		.whole = { 84, 4 },
		.bit = { 1, 2, 4 },
		.bit_head = 0x40,
		.bit_exclusive = 0x80,
		.hugetlb_destructor = -1,
		.hugetlb_type = 0xf4,
	};
	const uint64_t vmemmap = 0xffffea0000000000, pfn = 4096;
	struct page_state page;
	struct folio folio;
	uint64_t head;
	size_t count;
	int more;

	if (size < 1 + FOLIO_FIRST_PAGES * 64)
		return;
	if (data[0] & 1)
		layout.large_mapcount = (struct member){ 80, 4 };
	if (data[0] & 2)
		layout.bit_double_map = 0x20;
	if (data[0] & 4)
		layout.pages.size = 0;
	layout.link_has_mask = data[0] & 8;
	layout.pins_above_order_1 = data[0] & 16;
	count = (size - 1) / 64;
	data++;
	if (!page_head(&layout, data, pfn, vmemmap, &head))
		require(head <= pfn);
	more = folio_decode(&layout, data, count, pfn, &folio);
	require(more == 0 || more == -EBADMSG || (size_t)more > count);
	if (more)
		return;
	require(!(pfn & ((UINT64_C(1) << folio.order) - 1)));
	require(folio.pin_weight == 1 || folio.pin_weight == 1024);
	page_decode(&layout, &folio, data, pfn, &page);
	folio_pins(&folio);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	if (!size)
		return 0;
	switch (input[0] % 3) {
	case 0:
		fuzz_segments(input + 1, size - 1);
		break;
	case 1:
		fuzz_symbols(input + 1, size - 1);
		break;
	default:
		fuzz_pages(input + 1, size - 1);
	}
	return 0;
}
