// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is read of a kernel that may change, or lie: headers of /proc/kcore, symbols,
 * struct pages, types, also those of a module. Besides not crashing, a parser keeps what
 * its header promises.
 */
#include <errno.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "inspect/probe/bpf_programs.h"
#include "inspect/probe/page.h"
#include "inspect/probe/segments.h"
#include "inspect/probe/symbols.h"
#include "inspect/probe/types.h"
#include "fuzz/parser.h"
#include "util/io.h"

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

/* Layouts that these types have are layouts that can be used. */
static void use_types(struct types *types)
{
	static const char *const members[] = {
		"file.f_op", "page[1].compound_order", "maple_range_64.slot[3]", "page.flags.f",
		"a.a.a",
	};
	struct page_layout layout;
	struct program program;
	struct reason why = { "" };
	struct member member;
	struct folio folio;
	unsigned char *pages;
	int64_t value;
	uint64_t head;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		int err = types_member(types, members[i], &member);

		require(!err || err == -ENOENT || err == -EINVAL);
	}
	types_enum(types, "pageflags", "PG_lru", &value);
	types_function(types, "a");
	program_tasks(&program, types);
	program_files(&program, types);
	program_vmas(&program, types);
	if (page_layout_init(&layout, types, &why)) {
		require(why.text[0]);
		return;
	}
	/* Exactly as large as needed, for the address sanitizer to see the end. */
	pages = calloc(FOLIO_FIRST_PAGES, layout.size);
	require(pages != NULL);
	page_head(&layout, pages, 4096, 0xffffea0000000000, &head);
	memset(pages, 0x7e, layout.size); /* a head, whatever the number of its flag */
	for (size_t count = 1; count <= FOLIO_FIRST_PAGES; count += FOLIO_FIRST_PAGES - 1)
		if (!folio_decode(&layout, pages, count, 4096, &folio))
			folio_pins(&folio);
	free(pages);
}

static void fuzz_types(const uint8_t *data, size_t size)
{
	int fd = file_of(data, size), err;
	struct reason why = { "" };
	struct types types;
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	err = types_open(&types, path, &why);
	require(!err || why.text[0]);
	if (!err)
		use_types(&types);
	types_close(&types);
	close(fd);
}

/* Where the kernel's types end, if a module's follow; 0: they do not. */
static size_t end_of_kernel(const uint8_t *data, size_t size)
{
	struct btf_header header;
	uint64_t types, names;

	if (size < sizeof(header))
		return 0;
	memcpy(&header, data, sizeof(header));
	types = (uint64_t)header.hdr_len + header.type_off + header.type_len;
	names = (uint64_t)header.hdr_len + header.str_off + header.str_len;
	types = types > names ? types : names;
	return types < size ? (size_t)types : 0;
}

/* The types of a kernel, and behind them those of a module. */
static void fuzz_modules(const uint8_t *data, size_t size)
{
	static const char *const members[] = {
		"module_struct.number",        "module_struct.folio._pincount",
		"module_struct.numbers[2]",    "module_struct.folio_pointer.flags",
		"module_struct.folio.page[1]", "file.f_op",
	};
	size_t end = end_of_kernel(data, size);
	int kernel = file_of(data, end), module = file_of(data + end, size - end);
	struct reason why = { "" };
	struct member member;
	struct types types;
	uint32_t bytes;
	char path[32];
	int err;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", kernel);
	err = types_open(&types, path, &why);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", module);
	if (!err) {
		err = types_add_file(&types, "module", path, &why);
		require(!err || why.text[0]);
	}
	for (size_t i = 0; !err && i < sizeof(members) / sizeof(members[0]); i++)
		if (!types_member(&types, members[i], &member) &&
		    !types_size(&types, "module_struct", &bytes) && i < 5)
			require((uint64_t)member.offset + member.size <= bytes);
	types_close(&types);
	close(module);
	close(kernel);
}

static const struct fuzz_parser parsers[] = {
	{ "segments", "fuzz/seeds/kcore-*", fuzz_segments },
	{ "symbols", "fuzz/seeds/symbols-*", fuzz_symbols },
	{ "pages", "fuzz/seeds/folio-*", fuzz_pages },
	{ "types", "unit/data/types-*", fuzz_types },
	{ "modules", "fuzz/seeds/modules-*", fuzz_modules },
};

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	fuzz_parsers(parsers, sizeof(parsers) / sizeof(parsers[0]), input, size);
	return 0;
}
