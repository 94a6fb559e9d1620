// SPDX-License-Identifier: GPL-2.0-or-later
/* The texts of /proc: besides not crashing, a parser keeps what its header promises. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/parser.h"
#include "procfs/fdinfo.h"
#include "procfs/kmsg.h"
#include "procfs/maps.h"
#include "procfs/smaps.h"
#include "procfs/status.h"
#include "procfs/vmstat.h"
#include "procfs/zoneinfo.h"

static void fuzz_smaps(const char *text)
{
	struct smaps_sum all, none, part;
	int err;

	err = smaps_parse(text, 0, UINTPTR_MAX, &all);
	require(err == 0 || err == -EINVAL);
	if (err)
		return;
	/* What can be summed up as a whole can be summed up in part. */
	require(smaps_parse(text, 0x1000, 0x40000000, &part) == 0);
	require(part.vmas <= all.vmas && part.rss_kb <= all.rss_kb);
	require(smaps_parse(text, 0, 0, &none) == 0);
	require(none.vmas == 0 && none.size_kb == 0);
}

static void fuzz_fdinfo(const char *text)
{
	struct fdinfo_buffer *buffers = malloc(4 * sizeof(*buffers));
	int count;

	if (!buffers)
		return;
	count = fdinfo_uring_buffers(text, buffers, 4);
	require(count == -ENOENT || (count >= 0 && count <= 4));
	for (int i = 0; i < count; i++) {
		require(buffers[i].address && buffers[i].length);
		require(buffers[i].address + buffers[i].length > buffers[i].address);
	}
	require((fdinfo_uring_buffers(text, NULL, 0) < 0) == (count < 0));
	free(buffers);
}

static void fuzz_vmstat(const char *text)
{
	struct vmstat_sample sample, delta;

	vmstat_parse(text, &sample);
	vmstat_delta(&sample, &sample, &delta);
	for (int i = 0; i < VMSTAT_COUNT; i++) {
		require(sample.value[i] >= -1);
		require(delta.value[i] == (sample.value[i] < 0 ? -1 : 0));
	}
}

static void fuzz_kmsg(const char *record)
{
	/* Only the kernel's own facility has one digit. */
	if (kmsg_is_warning(record))
		require(strchr(record, ';') && strcspn(record, ",") >= 1 &&
			strtoul(record, NULL, 10) <= 7);
}

static void fuzz_status(const char *text)
{
	static const char *const keys[] = { "VmPin", "CapEff", "" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		uint64_t value;
		int err = status_number(text, keys[i], &value);

		require(err == 0 || err == -ENOENT || err == -EINVAL);
	}
}

static void fuzz_maps(const char *text)
{
	char *copy = strdup(text);
	struct vma_list list;

	if (!copy)
		return;
	if (maps_parse(copy, &list)) {
		free(copy);
		return;
	}
	for (size_t i = 0; i < list.count; i++) {
		const struct vma *vma = &list.vmas[i];

		require(vma->start < vma->end && (!i || vma[-1].end <= vma->start));
		require(maps_find(&list, vma->start) == vma);
		require(strlen(vma->name) <= strlen(text));
	}
	maps_free(&list);
}

static void fuzz_zoneinfo(const char *text)
{
	struct node_map map;
	int err = zoneinfo_parse(text, &map);

	require(err == 0 || err == -EINVAL);
	if (err)
		return;
	require(map.count > 0);
	for (size_t i = 0; i < map.count; i++) {
		const struct node_range *range = &map.ranges[i];
		int node = zoneinfo_node(&map, range->start);

		require(range->start < range->end && range->node >= 0);
		require(node == -1 || node == range->node);
	}
	zoneinfo_free(&map);
}

/* Exactly as long as needed, for the address sanitizer to see the end. */
static void with_text(void (*parser)(const char *), const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return;
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	parser(text);
	free(text);
}

#define TEXT_PARSER(name)                                        \
	static void run_##name(const uint8_t *data, size_t size) \
	{                                                        \
		with_text(fuzz_##name, data, size);              \
	}

TEXT_PARSER(smaps)
TEXT_PARSER(fdinfo)
TEXT_PARSER(vmstat)
TEXT_PARSER(kmsg)
TEXT_PARSER(status)
TEXT_PARSER(maps)
TEXT_PARSER(zoneinfo)

static const struct fuzz_parser parsers[] = {
	{ "smaps", "unit/data/smaps-*", run_smaps },
	{ "fdinfo", "fuzz/seeds/fdinfo-*", run_fdinfo },
	{ "vmstat", "unit/data/vmstat-*", run_vmstat },
	{ "kmsg", "fuzz/seeds/kmsg-*", run_kmsg },
	{ "status", "fuzz/seeds/status-*", run_status },
	{ "maps", "{fuzz/seeds/maps,unit/data/smaps}-*", run_maps },
	{ "zoneinfo", "unit/data/zoneinfo-*", run_zoneinfo },
};

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
	fuzz_parsers(parsers, sizeof(parsers) / sizeof(parsers[0]), input, size);
	return 0;
}
