// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's lists and trees, caught changing: what runs in a circle ends, in the walk
 * itself. The walks of whole ones are tested in tests/live/probe.c.
 */
#include "config.h"
#include "tap.h"

#if HAVE_LIBBPF

#include <unistd.h>

#include "walked.h"

static unsigned char bytes[16384];

static void put(struct types *types, const char *path, uint64_t base, uint64_t value)
{
	struct member member;

	if (types_member(types, path, &member))
		bail_out("%s", path);
	memcpy(bytes + base + member.offset, &value, member.size < 8 ? member.size : 8);
}

static struct types *begin(struct probe *probe, const char *kernel, size_t size)
{
	if (memory_open(probe, kernel))
		bail_out("recorded types");
	memset(bytes, 0, sizeof(bytes));
	memory.bytes = bytes;
	memory.size = size;
	memory.reads = 0;
	memory.reads_max = UINT32_MAX;
	return &probe->types;
}

static int count_entry(uint64_t entry, void *context)
{
	(void)entry;
	++*(unsigned long *)context;
	return 0;
}

/* Each of its slots is the node itself: 16 to the power of 20 ways to go down. */
static void test_tree(void)
{
	const uint64_t link = KERNEL | 2 << 3; /* a range */
	unsigned long entries = 0;
	struct reason why;
	struct probe probe;

	begin(&probe, "6.1", 256);
	for (size_t i = 0; i < 256; i += 8)
		memcpy(bytes + i, &link, 8);
	is_int(walk_maple(&probe, link | 2, count_entry, &entries, &why), 0,
	       "a tree that is below itself");
	is_int((int64_t)entries, 0, "has no entries");
	ok(memory.reads <= 1u << 20, "... and ends: %lu nodes", memory.reads);
	types_close(&probe.types);
}

static int count_task(const struct probe_task *task, void *context)
{
	(void)task;
	++*(unsigned long *)context;
	return 0;
}

/* Each thread is the next of itself, and so is each process. */
static void test_tasks(void)
{
	struct types *types;
	unsigned long tasks = 0;
	struct member next;
	struct reason why;
	struct probe probe;

	types = begin(&probe, "6.1", 16384);
	put(types, "task_struct.tgid", 0, 7);
	put(types, "task_struct.signal", 0, KERNEL + 12288);
	if (types_member(types, "task_struct.thread_node.next", &next))
		bail_out("thread_node");
	put(types, "signal_struct.thread_head.next", 12288, KERNEL + next.offset);
	put(types, "task_struct.thread_node.next", 0, KERNEL + next.offset);
	if (types_member(types, "task_struct.tasks.next", &next))
		bail_out("tasks");
	/* Not the first, which would be the end, but where the memory comes again. */
	put(types, "task_struct.tasks.next", 0, KERNEL + 16384 + next.offset);
	walk_tasks(&probe, KERNEL, 0, count_task, &tasks, &why);
	ok(tasks > 1 && tasks <= 1u << 22, "threads in a circle: %lu, and an end", tasks);
	types_close(&probe.types);
}

static int count_vma(const struct probe_vma *vma, void *context)
{
	(void)vma;
	++*(unsigned long *)context;
	return 0;
}

#define MM (KERNEL + 14336)
#define VMA 15360

/* One process, whose memory has one VMA, which is the next of itself. */
static struct types *begin_vma(struct probe *probe)
{
	struct types *types = begin(probe, "5.10", 16384);
	struct member next;

	put(types, "task_struct.tgid", 0, 7);
	put(types, "task_struct.mm", 0, MM);
	put(types, "task_struct.signal", 0, KERNEL + 12288);
	if (types_member(types, "task_struct.thread_node.next", &next))
		bail_out("thread_node");
	put(types, "signal_struct.thread_head.next", 12288, KERNEL + next.offset);
	put(types, "mm_struct.mmap", 14336, KERNEL + VMA);
	put(types, "vm_area_struct.vm_mm", VMA, MM);
	put(types, "vm_area_struct.vm_start", VMA, 4096);
	put(types, "vm_area_struct.vm_end", VMA, 8192);
	put(types, "vm_area_struct.vm_next", VMA, KERNEL + VMA);
	return types;
}

static unsigned long count_vmas(struct probe *probe)
{
	unsigned long vmas = 0;
	struct reason why;

	return walk_vmas(probe, 7, count_vma, &vmas, &why) ? 99 : vmas;
}

static void test_vmas(void)
{
	struct probe probe;
	struct types *types = begin_vma(&probe);

	is_int((int64_t)count_vmas(&probe), 1, "VMAs in a circle are one");
	put(types, "vm_area_struct.vm_file", VMA, KERNEL);
	is_int((int64_t)count_vmas(&probe), 1, "that of a file");
	put(types, "vm_area_struct.vm_file", VMA, 4096);
	is_int((int64_t)count_vmas(&probe), 0, "not one whose file is no address of the kernel");
	put(types, "vm_area_struct.vm_file", VMA, 0);
	put(types, "vm_area_struct.vm_mm", VMA, MM + 1024);
	is_int((int64_t)count_vmas(&probe), 0, "not one of other memory");
	types_close(&probe.types);
}

int main(void)
{
	test_tree();
	test_tasks();
	test_vmas();
	return done_testing();
}

#else

int main(void)
{
	skip(LIBBPF_REASON, "lists in a circle");
	return done_testing();
}

#endif
