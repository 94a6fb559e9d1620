// SPDX-License-Identifier: GPL-2.0-or-later
/* Entries recorded on Linux 6.18 from a process that had a page of each kind. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "procfs/pagemap.h"
#include "tap.h"

static const struct {
	const char *name;
	uint64_t entry;
	uint64_t pfn;
	uint64_t set;   /* bits that must be set */
	uint64_t clear; /* bits that must not */
} pages[] = {
	{ "anonymous page", UINT64_C(0x81000000001202ad), 0x1202ad, PM_PRESENT | PM_EXCLUSIVE,
	  PM_SWAP | PM_FILE | PM_GUARD },
	{ "anonymous page after fork", UINT64_C(0x800000000010aacc), 0x10aacc, PM_PRESENT,
	  PM_EXCLUSIVE | PM_SWAP | PM_FILE },
	{ "zero page", UINT64_C(0x8000000000003b34), 0x3b34, PM_PRESENT, PM_EXCLUSIVE | PM_FILE },
	{ "swapped page", UINT64_C(0x4000000000000020), 0, PM_SWAP, PM_PRESENT | PM_GUARD },
	/* A marker in the place of a swap entry: bit 62 alone is not "swapped". */
	{ "guard page", UINT64_C(0x440000000000009f), 0, PM_SWAP | PM_GUARD, PM_PRESENT },
	{ "file page", UINT64_C(0xa100000000120a40), 0x120a40, PM_PRESENT | PM_FILE, PM_SWAP },
	{ "shmem page", UINT64_C(0xa10000000010a4a8), 0x10a4a8, PM_PRESENT | PM_FILE, PM_SWAP },
	{ "page 5 of a THP", UINT64_C(0x8100000000137205), 0x137205, PM_PRESENT | PM_EXCLUSIVE,
	  PM_SWAP | PM_FILE },
	/* In a user namespace */
	{ "page with its PFN hidden", UINT64_C(0x8100000000000000), 0, PM_PRESENT | PM_EXCLUSIVE,
	  PM_SWAP },
	{ "page never touched", 0, 0, 0, PM_PRESENT | PM_SWAP | PM_GUARD },
};

static void recorded(void)
{
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		ok(pagemap_pfn(pages[i].entry) == pages[i].pfn, "%s: PFN", pages[i].name);
		ok((pages[i].entry & pages[i].set) == pages[i].set, "%s: bits set", pages[i].name);
		ok(!(pages[i].entry & pages[i].clear), "%s: bits clear", pages[i].name);
	}
	ok(pagemap_pfn(~UINT64_C(0)) == PM_PFN_MASK, "a PFN has 55 bits");
}

static void flags(void)
{
	char text[256], all[1024], small[8];

	is_str(kpageflags_text(0, text, sizeof(text)), "", "no flag");
	is_str(kpageflags_text(UINT64_C(0x400005808), text, sizeof(text)),
	       "uptodate mmap anonymous swapbacked bit34", "exclusive anonymous page");
	is_str(kpageflags_text(UINT64_C(0x40040d828), text, sizeof(text)),
	       "uptodate lru mmap anonymous swapbacked compound_head thp bit34", "head of a THP");
	is_str(kpageflags_text(UINT64_C(0x400415828), text, sizeof(text)),
	       "uptodate lru mmap anonymous swapbacked compound_tail thp bit34", "tail of a THP");
	is_str(kpageflags_text(UINT64_C(0x101000000), text, sizeof(text)), "zero_page reserved",
	       "zero page");
	is_str(kpageflags_text(UINT64_C(0x40000086c), text, sizeof(text)),
	       "referenced uptodate lru active mmap bit34", "file page");
	is_str(kpageflags_text(UINT64_C(1) << 63, text, sizeof(text)), "bit63", "unknown flag");

	is_str(kpageflags_text(UINT64_C(0x5808), small, sizeof(small)), "uptodat", "cut");
	is_str(kpageflags_text(UINT64_C(0x5808), small, 1), "", "cut to nothing");
	memset(small, 'x', sizeof(small));
	kpageflags_text(UINT64_C(0x5808), small, 0);
	ok(small[0] == 'x', "no room, nothing written");
	ok(strlen(kpageflags_text(~UINT64_C(0), all, sizeof(all))) < 1000, "all flags fit");
	ok(strstr(all, "bit63"), "all flags are there");
}

static void own(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct pagemap pagemap;
	uint64_t entries[4];
	char *memory;

	memory = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		bail_out("mmap");
	memory[page] = 1;
	if (!is_int(pagemap_open(&pagemap, 0), 0, "own pagemap"))
		return;
	is_int(pagemap_read(&pagemap, (uintptr_t)memory, 4, entries), 0, "four pages at once");
	ok(!(entries[0] & PM_PRESENT), "a page not touched");
	ok(entries[1] & PM_PRESENT && !(entries[1] & (PM_FILE | PM_SWAP)), "a page written");
	is_int(pagemap_read(&pagemap, (uintptr_t)memory + 1, 1, entries), -EINVAL,
	       "address within a page");
	is_int(pagemap_read(&pagemap, UINTPTR_MAX - page + 1, 1, entries), -ENODATA,
	       "behind the end of memory");
	is_int(pagemap_read(&pagemap, 0, SIZE_MAX / 4, entries), -EINVAL, "too many pages");
	pagemap_close(&pagemap);
	is_int(pagemap.fd, -1, "closed");
	pagemap_close(&pagemap);
	is_int(pagemap_open(&pagemap, INT_MAX), -ENOENT, "no such process");
	munmap(memory, 4 * page);
}

int main(void)
{
	uint64_t entry;

	recorded();
	flags();
	own();
	is_int(kpage_read("/nonexistent", 1, 1, &entry), -ENOENT, "no such file by PFN");
	return done_testing();
}
