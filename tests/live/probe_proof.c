// SPDX-License-Identifier: GPL-2.0-or-later
// cores: 1
/*
 * The calibration against a kernel that is not as it seems: BPF that reads other
 * values than there are. What cannot be proven has to be refused.
 */
#include "inspect/probe/probe.h"
#include "inspect/probe/tables.h"
#include "tap.h"

static enum lie {
	TRUTH,
	WRONG_POINTERS,  /* each pointer to a struct page is another one */
	OTHER_POINTERS,  /* all are off by one struct page: they still agree */
	STALE_PAGES,     /* struct pages do not change */
	FOREIGN_CONTENT, /* the direct map shows other contents */
	EMPTY_TABLES,    /* page tables are read as if nothing were in them */
	FULL_TABLES,     /* ... as if each entry were something */
	OTHER_TABLES,    /* ... with other page frames than there are */
} lie;

static unsigned reads;
static unsigned char stale[4096];
static size_t stale_size;

/* The memory map as the truth has it; 1 TiB of it is as much as 64 TiB of memory. */
static uint64_t vmemmap;

static bool is_struct_page(uint64_t value)
{
	return vmemmap && value >= vmemmap && value - vmemmap < UINT64_C(1) << 40 &&
	       value % 64 == 0;
}

static int lying_read(struct probe *probe, uint64_t address, void *data, size_t size)
{
	int err = probe_bpf.read(probe, address, data, size);
	uint64_t value;

	reads++;
	if (err)
		return err;
	if (size == sizeof(value) && (lie == WRONG_POINTERS || lie == OTHER_POINTERS)) {
		memcpy(&value, data, sizeof(value));
		/* Struct pages are read in larger pieces: this is a pointer in a pipe. */
		if (is_struct_page(value)) {
			value += lie == WRONG_POINTERS ? UINT64_C(64) * reads : 64;
			memcpy(data, &value, sizeof(value));
		}
	}
	if (lie == STALE_PAGES && size <= sizeof(stale) && is_struct_page(address)) {
		if (stale_size != size) {
			memcpy(stale, data, size);
			stale_size = size;
		}
		memcpy(data, stale, size);
	}
	if (lie == FOREIGN_CONTENT && size == 256 && !is_struct_page(address))
		memset(data, 0xee, size);
	/* Whole tables come in one piece, as nothing else does; of the lowest one an entry. */
	if (lie == EMPTY_TABLES && size == 4096)
		memset(data, 0, size);
	if (lie == FULL_TABLES && size == 4096)
		memset(data, 0xff, size);
	if (lie == OTHER_TABLES && size == sizeof(value) && !is_struct_page(address)) {
		memcpy(&value, data, sizeof(value));
		value += value & 1 && !(value >> 52 & 0x7ff) ? 4096 : 0;
		memcpy(data, &value, sizeof(value));
	}
	return 0;
}

static struct probe_ops liar;

static int try(enum lie which, struct reason *why)
{
	struct probe probe;
	int err;

	lie = which;
	stale_size = 0;
	err = probe_open_ops(&probe, &liar, why);
	if (!err)
		ok(probe.vmemmap && !probe.direct_map == (which == FOREIGN_CONTENT),
		   "what is known is said");
	if (!err && which == TRUTH)
		vmemmap = probe.vmemmap;
	if (!err && which == FOREIGN_CONTENT) {
		unsigned char byte;

		why->text[0] = '\0';
		is_int(probe_read_page(&probe, 1, 0, &byte, 1, why), -EOPNOTSUPP,
		       "no contents without a direct map");
	}
	probe_close(&probe);
	return err;
}

/* Page tables are looked at later, when the rest has been proven. */
static int try_tables(enum lie which, struct reason *why)
{
	struct probe probe;
	int err;

	lie = TRUTH;
	err = probe_open_ops(&probe, &liar, why);
	lie = which;
	if (!err)
		err = tables_prove(&probe, why);
	if (err)
		is_int(probe.table_levels, 0, "tables of no kind");
	lie = TRUTH;
	probe_close(&probe);
	return err;
}

static void test_tables(void)
{
	struct reason why = { "" };

#if !defined(__x86_64__)
	skip("they are known of x86-64 only", "page tables");
	return;
#endif
	ok(!try_tables(TRUTH, &why), "page tables: the truth is taken: %s", why.text);
	is_int(try_tables(EMPTY_TABLES, &why), -EPROTO, "tables that have nothing in them");
	ok(strstr(why.text, "do not show") != NULL, "and says so: %s", why.text);
	is_int(try_tables(FULL_TABLES, &why), -EPROTO, "tables that are full");
	is_int(try_tables(OTHER_TABLES, &why), -EPROTO, "tables of other page frames");
}

int main(void)
{
	struct reason why = { "" };

	liar = probe_bpf;
	liar.read = lying_read;
	liar.read_parts = NULL; /* these come one by one, then */
	if (try(TRUTH, &why)) {
		printf("1..0 # SKIP %s\n", why.text);
		return 0;
	}
	ok(true, "the truth is taken");
	is_int(try(WRONG_POINTERS, &why), -EPROTO, "pointers that contradict each other");
	ok(strstr(why.text, "contradict") != NULL, "and says so: %s", why.text);
	is_int(try(OTHER_POINTERS, &why), -EPROTO, "pointers that are wrong in the same way");
	ok(strstr(why.text, "does not change") != NULL, "and says so: %s", why.text);
	is_int(try(STALE_PAGES, &why), -EPROTO, "struct pages that do not change");
	is_int(try(FOREIGN_CONTENT, &why), 0, "contents that are not there: page states are");
	ok(strstr(why.text, "direct map") != NULL, "and says so: %s", why.text);
	test_tables();
	return done_testing();
}
