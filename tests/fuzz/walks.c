// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's own lists and trees, which may change while they are followed, and what
 * RDMA netlink answers. Wherever a pointer points to, there is memory made of the input:
 * lists run in circles, and trees grow into themselves.
 */
#include <stdint.h>
#include <string.h>

#include "config.h"
#include "fuzz/parser.h"
#include "host/rdma_regions.h"

#if HAVE_LIBBPF

#include <unistd.h>

#include "inspect/probe/tables.h"
#include "walked.h"

/* Reads before the memory is gone, for circles to cost no time. */
#define READS_MAX 2000u

static int take_task(const struct probe_task *task, void *context)
{
	(void)task;
	(void)context;
	return 0;
}

static int take_file(const struct probe_file *file, void *context)
{
	(void)context;
	require(file->fd >= 0 && file->file);
	return 0;
}

static int take_vma(const struct probe_vma *vma, void *context)
{
	uint64_t *end = context;

	require(vma->start < vma->end && vma->start >= *end);
	*end = vma->end;
	return 0;
}

static void begin(const uint8_t *data, size_t size)
{
	memory.bytes = data;
	memory.size = size;
	memory.reads = 0;
	memory.reads_max = READS_MAX;
}

static void fuzz_walks(const uint8_t *data, size_t size)
{
	/* VMAs are a list, and a tree since 6.1. */
	static const char *const kernels[] = { "5.10", "6.1" };
	static struct probe probes[2];
	struct probe *probe = &probes[size && data[0] & 1];
	struct reason why;
	uint64_t end = 0;

	if (!size)
		return;
	require(probe->ops || !memory_open(probe, kernels[data[0] & 1]));
	begin(data + 1, size - 1);
	walk_tasks(probe, KERNEL, 0, take_task, NULL, &why);
	begin(data + 1, size - 1);
	walk_files(probe, 0, take_file, NULL, &why);
	begin(data + 1, size - 1);
	walk_vmas(probe, 0, take_vma, &end, &why);
}

static int take_entry(uint64_t entry, void *context)
{
	(void)context;
	require(entry != 0);
	return 0;
}

/* The tree alone, from a root of the input's. */
static void fuzz_maple(const uint8_t *data, size_t size)
{
	static struct probe probe;
	struct reason why;
	uint64_t root;

	if (size <= sizeof(root))
		return;
	require(probe.ops || !memory_open(&probe, "7.3"));
	memcpy(&root, data, sizeof(root));
	begin(data + sizeof(root), size - sizeof(root));
	walk_maple(&probe, root, take_entry, NULL, &why);
}

/* Page tables from a top of the input's; what is not asked for is not said. */
static void fuzz_tables(const uint8_t *data, size_t size)
{
	static struct probe probe;
	static uint64_t bits[TABLES_SLOTS / 64];
	uint64_t first, last, set = 0, entry;
	uint32_t numbers[3];
	struct reason why;

	if (size <= sizeof(numbers))
		return;
	if (!probe.ops) {
		require(!memory_open(&probe, "6.1"));
		require(!page_layout_init(&probe.pages, &probe.types, &why));
		probe.direct_map = KERNEL;
		probe.vmemmap = KERNEL + (UINT64_C(1) << 46);
	}
	memcpy(numbers, data, sizeof(numbers));
	begin(data + sizeof(numbers), size - sizeof(numbers));
	probe.table_levels = 4 + numbers[2] % 2;
	first = numbers[0] % TABLES_SLOTS;
	last = first + numbers[1] % (TABLES_SLOTS - first);
	memset(bits, 0, sizeof(bits));
	tables_mark(&probe, KERNEL + numbers[2], first * TABLES_SLOT, (last + 1) * TABLES_SLOT,
		    bits);
	for (uint64_t slot = 0; slot < TABLES_SLOTS; slot++) {
		bool marked = bits[slot / 64] >> slot % 64 & 1;

		require(!marked || (slot >= first && slot <= last));
		set += marked;
	}
	/* Once there is nothing more to be read, there may be pages everywhere. */
	memory.reads = memory.reads_max;
	tables_mark(&probe, KERNEL, first * TABLES_SLOT, (last + 1) * TABLES_SLOT, bits);
	for (uint64_t slot = first; slot <= last; slot++)
		require(bits[slot / 64] >> slot % 64 & 1);
	require(set <= last - first + 1);
	begin(data + sizeof(numbers), size - sizeof(numbers));
	tables_entry(&probe, KERNEL + numbers[2], first * TABLES_SLOT, &entry);
}

#endif

static int take_region(const struct rdma_region *region, void *context)
{
	unsigned *count = context;

	require(region->pid >= 0);
	++*count;
	return 0;
}

static void fuzz_regions(const uint8_t *data, size_t size)
{
	/* Exactly as long as needed, for the address sanitizer to see the end. */
	uint8_t *copy = malloc(size + !size);
	unsigned count = 0;
	int err;

	if (!copy)
		return;
	if (size)
		memcpy(copy, data, size);
	err = rdma_regions_parse(copy, size, take_region, &count);
	require(err <= 1 && count <= size / 4);
	free(copy);
}

static const struct fuzz_parser parsers[] = {
#if HAVE_LIBBPF
	{ "walks", "fuzz/seeds/walks-*", fuzz_walks },
	{ "maple", "fuzz/seeds/maple-*", fuzz_maple },
	{ "tables", "fuzz/seeds/walks-*", fuzz_tables },
#endif
	{ "regions", "fuzz/seeds/regions-*", fuzz_regions },
};

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	fuzz_parsers(parsers, sizeof(parsers) / sizeof(parsers[0]), input, size);
	return 0;
}
