/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the live tests of holders have in common: whole pages, of which one has parted. */
#ifndef HELD_PAGES_H
#define HELD_PAGES_H

#include <sys/mman.h>

#include "factory.h"
#include "host/host.h"
#include "inspect/inspection.h"

#define PAGE ((size_t)4096)

/* Written base pages, of a file or (-1) anonymous, next to no other VMA that they would be one with. */
static char *lone_memory(unsigned pages, int file)
{
	char *memory = mmap(NULL, (pages + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	memory = memory == MAP_FAILED ?
			 memory :
			 mmap(memory + PAGE, pages * PAGE, PROT_READ | PROT_WRITE,
			      MAP_FIXED | (file < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED),
			      file, 0);
	if (memory == MAP_FAILED)
		_exit(1);
	madvise(memory, pages * PAGE, MADV_NOHUGEPAGE);
	memset(memory, 1, pages * PAGE);
	return memory;
}

static const struct holder *holder_at(const struct inspection *inspection, uint64_t start)
{
	for (size_t i = 0; i < inspection->holders_count; i++)
		if (inspection->holders[i].start == start)
			return &inspection->holders[i];
	return NULL;
}

/* @test returns how many holders there have to be in all. */
static void test_level(struct probe *probe, const struct host *host, pid_t pid,
		       unsigned (*test)(const struct inspection *inspection, const void *made),
		       const void *made)
{
	struct inspect_request request = { .pid = pid, .host = host, .probe = probe, .map_vma = -1 };
	const char *level = probe->ops->name;
	struct inspection inspection;
	struct reason why;

	if (!ok(!inspect(&inspection, &request, &why), "%s: inspect", level)) {
		printf("# %s\n", why.text);
		return;
	}
	if (!is_int((int64_t)inspection.holders_count, test(&inspection, made),
		    "%s: nothing else holds any", level))
		for (size_t i = 0; i < inspection.holders_count; i++)
			printf("# kind %d of %d, %#llx\n", inspection.holders[i].kind,
			       inspection.holders[i].pid,
			       (unsigned long long)inspection.holders[i].start);
	inspection_free(&inspection);
}

/* By each level that reads kernel memory; @all: each has to work. */
static void test_holders(pid_t pid, bool all,
			 unsigned (*test)(const struct inspection *inspection, const void *made),
			 const void *made)
{
	struct probe probe;
	struct host host;
	struct reason why;

	if (host_probe(&host, &why))
		bail_out("%s", why.text);
	for (size_t i = 0; i < probe_list_count; i++) {
		if (!probe_list[i]->read || !level_opens(&probe, probe_list[i], all))
			continue;
		test_level(&probe, &host, pid, test, made);
		probe_close(&probe);
	}
}

#endif
