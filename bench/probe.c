// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What it costs to read a live process's page states, for each level of "thpin list
 * probes" that works here, beside /proc/PID/pagemap and /proc/kpageflags. Best of
 * ROUNDS, as whatever else runs only adds. No figure here is right or wrong.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "inspect/probe/probe.h"
#include "procfs/pagemap.h"
#include "util/io.h"

#define ROUNDS 5
#define SIZE ((size_t)256 << 20)
#define PAGE ((size_t)4096)
#define COUNT (SIZE / PAGE)
#define CHUNK 512

/* What is timed, and its argument. */
struct work {
	struct probe *probe;
	enum probe_level level;
	const char *memory;
	uint64_t *entries, *pfns;
	struct page_state *pages;
	void *buffer;
	uint64_t address;
	unsigned found;
};

typedef int work_fn(struct work *work);

static double best_ms(work_fn *run, struct work *work)
{
	double best = 1e9;

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t start = clock_ns();
		double ms;

		if (run(work))
			return -1;
		ms = (double)(clock_ns() - start) / 1e6;
		if (ms < best)
			best = ms;
	}
	return best;
}

static int open_and_close(struct work *work)
{
	struct probe probe;
	struct reason why;
	int err = probe_open(&probe, work->level, &why);

	probe_close(&probe);
	return err;
}

static int read_pagemap(struct work *work)
{
	struct pagemap pagemap;
	int err = pagemap_open(&pagemap, 0);

	if (!err)
		err = pagemap_read(&pagemap, (uintptr_t)work->memory, COUNT, work->entries);
	pagemap_close(&pagemap);
	return err;
}

/* Pages whose PFNs follow each other from page @i on, CHUNK at most. */
static size_t run_length(const struct work *work, size_t i)
{
	uint64_t pfn = pagemap_pfn(work->entries[i]);
	size_t length = 1;

	while (i + length < COUNT && length < CHUNK &&
	       pagemap_pfn(work->entries[i + length]) == pfn + length)
		length++;
	return length;
}

static int read_states(struct work *work)
{
	struct reason why;
	int err = 0;

	for (size_t i = 0, length; !err && i < COUNT; i += length) {
		length = run_length(work, i);
		err = probe_pages(work->probe, pagemap_pfn(work->entries[i]), length, work->pages,
				  &why);
	}
	return err;
}

static int take_state(size_t index, const struct page_state *state, void *context)
{
	(void)index;
	((struct work *)context)->found += state->folio.refcount > 0;
	return 0;
}

static int read_list(struct work *work)
{
	struct reason why;

	return probe_page_list(work->probe, work->pfns, COUNT, take_state, work, &why);
}

static int read_kpageflags(struct work *work)
{
	uint64_t flags[CHUNK];
	int fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC), err = 0;

	for (size_t i = 0, length; !err && i < COUNT; i += length) {
		length = run_length(work, i);
		err = pread_all(fd, flags, length * sizeof(flags[0]),
				(off_t)(pagemap_pfn(work->entries[i]) * sizeof(flags[0])));
	}
	close_fd(&fd);
	return err;
}

static int read_small(struct work *work)
{
	struct reason why;
	int err = 0;

	for (int i = 0; !err && i < 1000; i++)
		err = probe_read(work->probe, work->address, work->buffer, 64, &why);
	return err;
}

static int read_large(struct work *work)
{
	struct reason why;

	return probe_read(work->probe, work->address, work->buffer, PROBE_READ_MAX, &why);
}

static int count_file(const struct probe_file *file, void *context)
{
	(void)file;
	++*(unsigned *)context;
	return 0;
}

static int list_files(struct work *work)
{
	struct reason why;

	work->found = 0;
	return probe_files(work->probe, 0, count_file, &work->found, &why);
}

static int count_vma(const struct probe_vma *vma, void *context)
{
	(void)vma;
	++*(unsigned *)context;
	return 0;
}

static int list_vmas(struct work *work)
{
	struct reason why;

	work->found = 0;
	return probe_vmas(work->probe, getpid(), count_vma, &work->found, &why);
}

static void show(const char *what, double ms, double divisor, const char *unit)
{
	if (ms < 0)
		printf("  %-34s failed\n", what);
	else
		printf("  %-34s %10.3f %s\n", what, ms / divisor, unit);
}

static void bench_memory(struct work *work, int advice, const char *name)
{
	char what[64];
	char *memory = mmap(NULL, SIZE + ((size_t)2 << 20), PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const double per_page = (double)SIZE / (double)PAGE * 1e-6; /* ms in all, ns each */
	double pagemap;

	if (memory == MAP_FAILED)
		return;
	work->memory = (char *)(((uintptr_t)memory + ((size_t)2 << 20) - 1) &
				~(uintptr_t)(((size_t)2 << 20) - 1));
	madvise((void *)work->memory, SIZE, advice);
	memset((void *)work->memory, 1, SIZE);
	pagemap = best_ms(read_pagemap, work);
	snprintf(what, sizeof(what), "%s: pagemap", name);
	show(what, pagemap, per_page, "ns/page");
	snprintf(what, sizeof(what), "%s: kpageflags, in runs", name);
	show(what, best_ms(read_kpageflags, work), per_page, "ns/page");
	snprintf(what, sizeof(what), "%s: page states, in runs", name);
	show(what, best_ms(read_states, work), per_page, "ns/page");
	for (size_t i = 0; i < COUNT; i++)
		work->pfns[i] = pagemap_pfn(work->entries[i]);
	snprintf(what, sizeof(what), "%s: page states, as a list", name);
	show(what, best_ms(read_list, work), per_page, "ns/page");
	munmap(memory, SIZE + ((size_t)2 << 20));
}

static void bench_level(const struct probe_ops *ops, struct work *work)
{
	struct probe probe;
	struct reason why;

	work->level = ops->level;
	if (probe_open(&probe, ops->level, &why)) {
		printf("%s: %s\n", ops->name, why.text);
		probe_close(&probe);
		return;
	}
	work->probe = &probe;
	work->address = probe.direct_map ? probe.direct_map + ((uint64_t)16 << 20) : probe.vmemmap;
	printf("%s\n", ops->name);
	show("open, calibrate, close", best_ms(open_and_close, work), 1, "ms");
	show("open files of all processes", best_ms(list_files, work), 1, "ms");
	show("VMAs of a process", best_ms(list_vmas, work), 1, "ms");
	if (probe_reads(&probe)) {
		show("read of 64 bytes", best_ms(read_small, work), 1, "us");
		show("read of 256 KiB", best_ms(read_large, work), 1e-3, "us");
		bench_memory(work, MADV_NOHUGEPAGE, "256 MiB of 4 KiB");
		bench_memory(work, MADV_HUGEPAGE, "256 MiB of THPs");
	}
	probe_close(&probe);
}

int main(void)
{
	struct work work = {
		.entries = calloc(COUNT, sizeof(*work.entries)),
		.pfns = calloc(COUNT, sizeof(*work.pfns)),
		.pages = calloc(CHUNK, sizeof(*work.pages)),
		.buffer = malloc(PROBE_READ_MAX),
	};
	bool ready = work.entries && work.pfns && work.pages && work.buffer;

	for (size_t i = 0; ready && i < probe_list_count; i++)
		bench_level(probe_list[i], &work);
	free(work.entries);
	free(work.pfns);
	free(work.pages);
	free(work.buffer);
	return !ready;
}
