// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What page tables are taken for: tables of x86-64 made here, with four and with five
 * levels, of huge pages, of entries that are no pages, and where something cannot be
 * read.
 */
#include "config.h"
#include "tap.h"

#if HAVE_LIBBPF

#include <unistd.h>

#include "inspect/probe/tables.h"
#include "walked.h"

#define PAGE UINT64_C(4096)
#define GIB (UINT64_C(1) << 30)

#define DIRECT_MAP UINT64_C(0xffff888000000000)
#define VMEMMAP UINT64_C(0xffffea0000000000)

/* Bits of an entry: _PAGE_BIT_... of arch/x86/include/asm/pgtable_types.h */
#define PRESENT (UINT64_C(1) << 0)
#define USER 0x67u /* present, writable, of a user, accessed, dirty */
#define LARGE (UINT64_C(1) << 7)
#define NONE (UINT64_C(1) << 8) /* PROT_NONE: of one that is not present */
#define KEYS (UINT64_C(0xf) << 59)
#define NO_EXECUTE (UINT64_C(1) << 63)

/* Of a swap entry: nothing of it is where a present one has something (pgtable_64.h). */
#define SWAPPED (UINT64_C(3) << 59 | UINT64_C(0x12345) << 9)

/* The memory of a machine: page 0 is none, page 1 the top table. */
#define PAGES 128u
#define TOP (DIRECT_MAP + PAGE)

enum page_use { TABLE, OF_A_USER, FREE, NO_PAGE, UNREADABLE };

static struct {
	uint64_t page[PAGES][512];
	enum page_use use[PAGES];
	uint64_t used;
} machine;

static struct probe probe;
static uint64_t bits[TABLES_SLOTS / 64];

static void put_number(unsigned char *raw, struct member member, int64_t value)
{
	memcpy(raw + member.offset, &value, member.size);
}

/* The struct page of @pfn, as those of Linux 6.1 */
static int read_struct_page(uint64_t pfn, unsigned char *raw)
{
	memset(raw, 0, probe.pages.size);
	if (pfn >= PAGES || machine.use[pfn] == NO_PAGE)
		return -EFAULT;
	put_number(raw, probe.pages.refcount, machine.use[pfn] != FREE);
	put_number(raw, probe.pages.mapcount, -1);
	if (machine.use[pfn] == OF_A_USER)
		put_number(raw, probe.pages.mapping, INT64_C(0x1001)); /* PAGE_MAPPING_ANON */
	return 0;
}

static int read_machine(struct probe *of, uint64_t address, void *data, size_t size)
{
	uint64_t pfn = (address - DIRECT_MAP) / PAGE;
	int err = 0;

	(void)of;
	if (address >= VMEMMAP) {
		for (size_t done = 0; !err && done < size; done += probe.pages.size)
			err = read_struct_page((address - VMEMMAP + done) / probe.pages.size,
					       (unsigned char *)data + done);
		return err;
	}
	if (address < DIRECT_MAP || pfn >= PAGES || machine.use[pfn] == UNREADABLE ||
	    address % PAGE + size > PAGE)
		return -EFAULT;
	memcpy(data, (unsigned char *)machine.page[pfn] + address % PAGE, size);
	return 0;
}

static const struct probe_ops machine_ops = { .name = "machine", .read = read_machine };

static void begin(unsigned levels)
{
	memset(&machine, 0, sizeof(machine));
	machine.used = FOLIO_FIRST_PAGES;
	probe.table_levels = levels;
}

/* The entry of the table of entries of 1 << @shift bytes that maps @address */
static uint64_t *entry_at(uint64_t address, unsigned shift)
{
	unsigned at = 12 + 9 * (probe.table_levels - 1);
	uint64_t pfn = 1;

	for (; at > shift; at -= 9) {
		uint64_t *entry = &machine.page[pfn][address >> at & 511];

		if (!*entry) {
			*entry = machine.used * PAGE | USER;
			/* Struct pages are read some at a time: no other table is by it. */
			machine.used += FOLIO_FIRST_PAGES;
			if (machine.used > PAGES)
				bail_out("more tables than the machine has memory");
		}
		pfn = tables_pfn(*entry);
	}
	return &machine.page[pfn][address >> shift & 511];
}

static void put(uint64_t address, unsigned shift, uint64_t entry)
{
	*entry_at(address, shift) = entry;
}

/* The page that has the table of entries of 1 << @shift bytes which maps @address */
static uint64_t table_of(uint64_t address, unsigned shift)
{
	return tables_pfn(*entry_at(address, shift + 9));
}

/* What is marked of [start, end), "FIRST-LAST" of each run of slots from @base on */
static const char *marked(uint64_t base, uint64_t start, uint64_t end)
{
	static char text[200];
	size_t length = 0;

	memset(bits, 0, sizeof(bits));
	tables_mark(&probe, TOP, start, end, bits);
	text[0] = '\0';
	for (uint64_t slot = 0; slot < TABLES_SLOTS; slot++) {
		uint64_t first = slot;

		while (slot < TABLES_SLOTS && bits[slot / 64] >> slot % 64 & 1)
			slot++;
		if (slot > first && length < sizeof(text))
			length += (size_t)snprintf(text + length, sizeof(text) - length,
						   "%s%lld-%lld", length ? " " : "",
						   (long long)(first -
							       base % TABLES_WINDOW / TABLES_SLOT),
						   (long long)(slot - 1 -
							       base % TABLES_WINDOW / TABLES_SLOT));
	}
	return text;
}

static int entry_of(uint64_t address, uint64_t *entry)
{
	*entry = UINT64_MAX;
	return tables_entry(&probe, TOP, address, entry);
}

static void is_entry(uint64_t address, int want_err, uint64_t want, const char *name)
{
	uint64_t entry;
	int err = entry_of(address, &entry);

	ok(err == want_err && (err || entry == want), "%u levels: the entry of %s: %d, 0x%llx",
	   probe.table_levels, name, err, (unsigned long long)entry);
}

#define is_marked(base, start, end, want, name) \
	is_str(marked(base, start, end), want, "%u levels: %s", probe.table_levels, name)

static void test_pages(uint64_t base)
{
	unsigned levels = probe.table_levels;

	begin(levels);
	is_marked(base, base, base + GIB, "", "nothing");
	is_entry(base, 0, 0, "nothing");
	put(base + 3 * TABLES_SLOT + 5 * PAGE, 12, 0x1234 * PAGE | USER | NO_EXECUTE);
	put(base + 9 * TABLES_SLOT, 12, SWAPPED);
	put(base + 9 * TABLES_SLOT + PAGE, 12, 0x1235 * PAGE | NONE);
	is_marked(base, base, base + GIB, "3-3 9-9", "tables of pages");
	is_marked(base, base + 3 * TABLES_SLOT, base + 9 * TABLES_SLOT, "3-3",
		  "from the start of one to that of the next");
	is_marked(base, base + 4 * TABLES_SLOT - PAGE, base + 9 * TABLES_SLOT + PAGE, "3-3 9-9",
		  "from within one to within the next");
	is_marked(base, base + 4 * TABLES_SLOT, base + 9 * TABLES_SLOT, "", "between them");
	is_entry(base + 3 * TABLES_SLOT + 5 * PAGE, 0, 0x1234 * PAGE | USER | NO_EXECUTE, "a page");
	is_entry(base + 3 * TABLES_SLOT + 6 * PAGE, 0, 0, "none beside it");
	is_entry(base + 9 * TABLES_SLOT, 0, SWAPPED, "a page that is swapped out");
	is_entry(base + 9 * TABLES_SLOT + PAGE, 0, 0x1235 * PAGE | NONE, "one of PROT_NONE");
	is_entry(base + 10 * TABLES_SLOT, 0, 0, "a slot without a table");
	is_entry(base + 2 * GIB, 0, 0, "a GiB without one");
}

static void test_huge(uint64_t base)
{
	/* A page that would pass for a table with nothing in it */
	const uint64_t like_table = (PAGES - FOLIO_FIRST_PAGES) * PAGE;

	begin(probe.table_levels);
	put(base + TABLES_SLOT, 21, like_table | USER | LARGE | NO_EXECUTE);
	put(base + 3 * TABLES_SLOT, 21, like_table | NONE | LARGE);
	put(base + 5 * TABLES_SLOT, 21, SWAPPED);
	put(base + GIB, 30, like_table | USER | LARGE);
	put(base + 3 * GIB, 30, like_table | NONE);
	is_marked(base, base, base + GIB, "1-1 3-3 5-5",
		  "huge pages, of PROT_NONE, and on their way");
	is_marked(base, base, base + 4 * GIB, "1-1 3-3 5-5 512-1023 1536-2047",
		  "those of a GiB, too");
	is_marked(base, base + GIB + 7 * TABLES_SLOT, base + GIB + 8 * TABLES_SLOT + PAGE,
		  "519-520", "a part of one");
	is_entry(base + TABLES_SLOT, -EBADMSG, 0, "a huge page");
	is_entry(base + 3 * TABLES_SLOT, -EBADMSG, 0, "one of PROT_NONE");
	is_entry(base + 5 * TABLES_SLOT, -EBADMSG, 0, "one on its way");
	is_entry(base + GIB, -EBADMSG, 0, "a page of a GiB");
}

/* Of @what, the table in its place is said to have pages wherever it maps some. */
static void is_no_table(uint64_t base, enum page_use use, const char *what)
{
	uint64_t pages, slots, upper;
	char name[80];

	begin(probe.table_levels);
	put(base, 12, 0x1234 * PAGE | USER);
	put(base + 2 * GIB + 7 * TABLES_SLOT, 12, 0x1235 * PAGE | USER);
	pages = table_of(base, 12);
	slots = table_of(base, 21);
	upper = table_of(base, 30);
	snprintf(name, sizeof(name), "%s in place of a table of PMDs", what);
	machine.use[slots] = use;
	is_marked(base, base, base + 4 * GIB, "0-511 1031-1031", name);
	is_marked(base, base + GIB - PAGE, base + 4 * GIB, "511-511 1031-1031",
		  "... of what was asked for only");
	is_entry(base, -EBADMSG, 0, name);
	machine.use[slots] = TABLE;
	snprintf(name, sizeof(name), "%s in place of a table of PUDs", what);
	machine.use[upper] = use;
	is_marked(base, base, base + 4 * GIB, "0-2047", name);
	is_entry(base, -EBADMSG, 0, name);
	machine.use[upper] = TABLE;
	snprintf(name, sizeof(name), "%s in place of a table of pages", what);
	machine.use[pages] = use;
	is_marked(base, base, base + 4 * GIB, "0-0 1031-1031", name);
	is_entry(base, -EBADMSG, 0, name);
}

static void test_others(uint64_t base)
{
	begin(probe.table_levels);
	put(base, 30, PRESENT);
	is_marked(base, base, base + 2 * GIB, "0-511", "a table that is page 0, which is none");
	put(base, 30, (PAGES + 7) * PAGE | USER);
	is_marked(base, base, base + 2 * GIB, "0-511", "a table beyond all memory");
	begin(probe.table_levels);
	put(base, 12, 0x1234 * PAGE | USER);
	machine.use[1] = UNREADABLE;
	is_marked(base, base, base + 2 * GIB, "0-1023", "a top that cannot be read");
	is_entry(base, -EBADMSG, 0, "a top that cannot be read");
	is_no_table(base, UNREADABLE, "what cannot be read");
	is_no_table(base, NO_PAGE, "what has no struct page");
	is_no_table(base, OF_A_USER, "a page of a user");
	is_no_table(base, FREE, "a page that is free");
	/* What was marked stays. */
	begin(probe.table_levels);
	memset(bits, 0, sizeof(bits));
	bits[3] = 5;
	tables_mark(&probe, TOP, base, base + 2 * GIB, bits);
	is_int((int64_t)bits[3], 5, "%u levels: bits of others stay", probe.table_levels);
}

int main(void)
{
	struct reason why;

	if (memory_open(&probe, "6.1") || page_layout_init(&probe.pages, &probe.types, &why))
		bail_out("recorded types");
	probe.ops = &machine_ops;
	probe.direct_map = DIRECT_MAP;
	probe.vmemmap = VMEMMAP;
	is_int((int64_t)tables_pfn(0x12345 * PAGE | USER | LARGE | KEYS | NO_EXECUTE), 0x12345,
	       "the page frame of an entry, and nothing else of it");
	is_int((int64_t)tables_pfn(UINT64_MAX), (INT64_C(1) << 40) - 1, "of 40 bits at most");
	for (unsigned levels = 4; levels <= 5; levels++) {
		/* Whole windows, and beyond what four levels map where there are five */
		const uint64_t bases[] = {
			0,
			3 * TABLES_WINDOW + 100 * GIB,
			levels == 5 ? (UINT64_C(1) << 55) + 4 * GIB : (UINT64_C(1) << 47) - 5 * GIB,
		};

		for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
			probe.table_levels = levels;
			test_pages(bases[i]);
			test_huge(bases[i]);
			test_others(bases[i]);
		}
	}
	/* Only the fifth level tells these addresses apart. */
	begin(5);
	put(5 * TABLES_SLOT, 12, 0x1234 * PAGE | USER);
	is_marked(0, UINT64_C(1) << 48, (UINT64_C(1) << 48) + GIB, "",
		  "the same address but for what only the fifth maps");
	types_close(&probe.types);
	return done_testing();
}

#else

int main(void)
{
	skip(LIBBPF_REASON, "page tables");
	return done_testing();
}

#endif
