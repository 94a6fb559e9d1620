// SPDX-License-Identifier: GPL-2.0-or-later
/* What the scan saw held: runs of folios, wherever those begin. */
#include "inspect/held.h"
#include "tap.h"

#define PAGE 0x1000u

static struct page_run run(uint64_t address, uint64_t pages, unsigned order, unsigned flags)
{
	return (struct page_run){ .address = address,
				  .pages = pages,
				  .kind = order ? KIND_MTHP : KIND_BASE,
				  .order = order,
				  .flags = flags };
}

static void note(struct held_list *list, struct page_run one, uint64_t folio_offset)
{
	one.folio_offset = folio_offset;
	is_int(held_note(list, &one, PAGE), 0, "a run of %d pages", (int)one.pages);
}

static void lists(void)
{
	struct held_list list = { .ranges = NULL };

	note(&list, run(0x10000, 1, 0, RUN_ANON), 0);
	note(&list, run(0x11000, 1, 0, RUN_FILE | RUN_EXTRA), 0);
	note(&list, run(0x12000, 1, 0, RUN_ANON | RUN_KSM | RUN_EXTRA), 0);
	is_int((int64_t)list.count, 0, "nothing is held, or in passing only");
	note(&list, run(0x20000, 4, 0, RUN_ANON | RUN_EXTRA), 0);
	note(&list, run(0x24000, 4, 0, RUN_ANON | RUN_EXTRA), 0);
	is_int((int64_t)list.count, 1, "neighbours alike are one");
	is_int((int64_t)list.ranges[0].end, 0x28000, "... with all pages");
	note(&list, run(0x28000, 4, 0, RUN_ANON | RUN_PINNED), 0);
	note(&list, run(0x2c000, 4, 2, RUN_ANON | RUN_PINNED), 0);
	note(&list, run(0x30000, 4, 2, RUN_ANON | RUN_PINNED), 0x1000);
	is_int((int64_t)list.count, 4, "others, larger ones and ones that begin elsewhere are not");
	is_int((int64_t)held_first(&list, 0x27fff), 0, "the first that reaches beyond an address");
	is_int((int64_t)held_first(&list, 0x28000), 1, "... not one that ends there");
	is_int((int64_t)held_first(&list, 0x34000), 3, "... also by pages that are not mapped");
	is_int((int64_t)held_first(&list, 0x35000), 4, "... none");
	held_free(&list);
	is_int((int64_t)list.count, 0, "freed");
}

static void folios(void)
{
	const struct held_range aligned = { .folio = 0x4000 };
	const struct held_range moved = { .folio = 0x4000, .offset = 0x1000 };

	is_int((int64_t)held_down(&aligned, 0x25000), 0x24000, "down to where a folio begins");
	is_int((int64_t)held_up(&aligned, 0x25000), 0x28000, "up to where it ends");
	is_int((int64_t)held_down(&aligned, 0x24000), 0x24000, "where it begins: the same");
	is_int((int64_t)held_up(&aligned, 0x24000), 0x24000, "... and where the one before ends");
	is_int((int64_t)held_down(&moved, 0x24000), 0x21000, "after mremap(): down");
	is_int((int64_t)held_up(&moved, 0x24000), 0x25000, "... and up");
	is_int((int64_t)held_down(&moved, 0), 0, "not below address 0");
}

int main(void)
{
	lists();
	folios();
	return done_testing();
}
