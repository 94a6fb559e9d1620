// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * floor PID [ROUNDS]: the system calls that thpin inspect cannot do without to tell
 * the pages of a process, bare: PAGEMAP_SCAN, pagemap and struct pages, the same calls
 * with the same buffers, and nothing is done with what they return. The first look is
 * thpin's own, and written down; what is timed repeats the calls. Prints milliseconds
 * of CPU time, of the best round.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/host.h"
#include "inspect/probe/probe.h"
#include "inspect/scan.h"
#include "procfs/extents.h"
#include "procfs/zoneinfo.h"

/* What was read: groups of parts, and single reads as groups of none. */
struct call {
	struct probe_part *parts;
	size_t count;
	uint64_t address;
	size_t size;
};

/* pread() of pagemap */
struct entries {
	uint64_t address;
	size_t count;
};

static const struct probe_ops *real;
static struct call *calls;
static size_t calls_count;
static struct entries *reads;
static size_t reads_count;

static void *grown(void *list, size_t count, size_t size)
{
	if (count & (count - 1))
		return list;
	list = reallocarray(list, count ? 2 * count : 1, size);
	if (!list)
		abort();
	return list;
}

static void note(struct call call)
{
	calls = grown(calls, calls_count, sizeof(*calls));
	calls[calls_count++] = call;
}

static int note_read(struct probe *probe, uint64_t address, void *data, size_t size)
{
	note((struct call){ .address = address, .size = size });
	return real->read(probe, address, data, size);
}

static int note_parts(struct probe *probe, struct probe_part *parts, size_t count,
		      const unsigned char **data)
{
	struct probe_part *copy = calloc(count, sizeof(*copy));

	if (!copy)
		abort();
	memcpy(copy, parts, count * sizeof(*copy));
	note((struct call){ .parts = copy, .count = count });
	return real->read_parts(probe, parts, count, data);
}

static int take_run(const struct page_run *run, const struct vma *vma, void *context)
{
	(void)run;
	(void)vma;
	(void)context;
	return 0;
}

/* As scan.c has it. */
static int note_extent(const struct extent *extent, void *context)
{
	const struct host *host = context;
	bool by_pmd = extent->flags & EXTENT_HUGE && host->thp_size;
	uint64_t step = by_pmd ? host->thp_size : SCAN_PIECE * host->page_size;

	for (uint64_t at = extent->start, end; at < extent->end; at = end) {
		end = at - at % step + step;
		if (end > extent->end)
			end = extent->end;
		reads = grown(reads, reads_count, sizeof(*reads));
		reads[reads_count++] = (struct entries){
			at,
			by_pmd ? 1 : (size_t)((end - at) / host->page_size),
		};
	}
	return 0;
}

static int ignore_extent(const struct extent *extent, void *context)
{
	(void)extent;
	(void)context;
	return 0;
}

static int look(struct probe *probe, const struct host *host, const struct target *target,
		const struct vma_list *vmas, struct reason *why)
{
	struct node_map nodes;
	struct scanner scanner;
	int err = zoneinfo_read(&nodes);

	if (err)
		return err;
	err = scanner_open(&scanner, host, probe, &nodes, &target->pagemap);
	for (size_t i = 0; !err && i < vmas->count && !(vmas->vmas[i].start >> 63); i++) {
		const struct vma *vma = &vmas->vmas[i];

		err = scan_range(&scanner, target, vma, vma->start, vma->end, take_run, NULL, why);
		if (!err)
			err = extents_walk(&target->pagemap, EXTENT_SCAN, vma->start, vma->end,
					   note_extent, (void *)host);
	}
	scanner_close(&scanner);
	zoneinfo_free(&nodes);
	return err;
}

static int repeat(struct probe *probe, const struct target *target, const struct vma_list *vmas,
		  void *buffer)
{
	const unsigned char *data;
	int err = 0;

	for (size_t i = 0; !err && i < vmas->count && !(vmas->vmas[i].start >> 63); i++)
		err = extents_walk(&target->pagemap, EXTENT_SCAN, vmas->vmas[i].start,
				   vmas->vmas[i].end, ignore_extent, NULL);
	for (size_t i = 0; !err && i < reads_count; i++)
		err = pagemap_read(&target->pagemap, reads[i].address, reads[i].count, buffer);
	for (size_t i = 0; !err && i < calls_count; i++)
		err = calls[i].count ?
			      real->read_parts(probe, calls[i].parts, calls[i].count, &data) :
			      real->read(probe, calls[i].address, buffer, calls[i].size);
	return err;
}

static double cpu_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int bench(struct probe *probe, const struct host *host, pid_t pid, int rounds,
		 struct reason *why)
{
	void *buffer = malloc(PROBE_READ_MAX);
	struct probe_ops noting = *probe->ops;
	struct target target;
	struct vma_list vmas;
	double best = 1e9;
	int err;

	if (!buffer || !probe->ops->read_parts || target_open(&target, pid, why)) {
		free(buffer);
		return -EINVAL;
	}
	real = probe->ops;
	noting.read = note_read;
	noting.read_parts = note_parts;
	err = maps_read(pid, false, &vmas);
	if (err) {
		target_close(&target);
		free(buffer);
		return err;
	}
	probe->ops = &noting;
	err = look(probe, host, &target, &vmas, why);
	probe->ops = real;
	for (int i = 0; i < rounds && !err; i++) {
		double start = cpu_ms(), ms;

		err = repeat(probe, &target, &vmas, buffer);
		ms = cpu_ms() - start;
		best = ms < best ? ms : best;
	}
	if (!err)
		printf("%.3f\n", best);
	maps_free(&vmas);
	target_close(&target);
	free(buffer);
	return err;
}

int main(int argc, char **argv)
{
	struct reason why = { .text = "system calls" };
	struct probe probe;
	struct host host;
	int err;

	if (argc < 2)
		return 2;
	err = host_probe(&host, &why);
	if (!err)
		err = probe_open(&probe, PROBE_BPF, &why);
	if (!err)
		err = bench(&probe, &host, atoi(argv[1]), argc > 2 ? atoi(argv[2]) : 5, &why);
	if (err)
		fprintf(stderr, "floor: %s\n", why.text);
	return err != 0;
}
