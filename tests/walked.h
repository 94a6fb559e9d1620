/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests/fuzz/walks.c and tests/unit/probe_walk.c have in common: a probe whose
 * kernel memory is a few bytes, wherever a pointer points to.
 */
#ifndef WALKED_H
#define WALKED_H

#include <bpf/btf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "inspect/probe/walk.h"

#define KERNEL 0xffff888000000000u

/* All of the upper half of addresses has the same bytes, again and again from KERNEL on. */
static struct {
	const unsigned char *bytes;
	size_t size;
	unsigned long reads, reads_max;
} memory;

static int memory_read(struct probe *probe, uint64_t address, void *data, size_t size)
{
	size_t period;

	(void)probe;
	if (!(address >> 63) || memory.reads >= memory.reads_max || !memory.size)
		return -EFAULT;
	memory.reads++;
	period = memory.size < size ? memory.size : size;
	for (size_t done = 0, part; done < period; done += part) {
		size_t at = (size_t)((address - KERNEL + done) % memory.size);

		part = memory.size - at < period - done ? memory.size - at : period - done;
		memcpy((char *)data + done, memory.bytes + at, part);
	}
	/* What follows is what there is already: of a byte, too, as much as can be. */
	for (size_t done = period, part; done < size; done += part) {
		part = done < size - done ? done : size - done;
		memcpy((char *)data + done, data, part);
	}
	return 0;
}

static int memory_tasks(struct probe *probe, pid_t tgid, probe_task_fn *each, void *context,
			struct reason *why)
{
	return walk_tasks(probe, KERNEL, tgid, each, context, why);
}

static const struct probe_ops memory_ops = {
	.name = "memory",
	.read = memory_read,
	.tasks = memory_tasks,
};

/* In the types of a module, as the recorded ones of kernels have no struct mm_struct. */
static int add_mm(struct types *types, const char *path)
{
	struct btf *base = btf__parse_raw(path), *btf = btf__new_empty_split(base);
	int link = btf__add_int(btf, "link", 8, 0), tree, fd = memfd_create("mm", MFD_CLOEXEC);
	struct reason why;
	char name[32];
	const void *data;
	__u32 size;
	int err;

	tree = btf__add_struct(btf, "mm_tree", 16);
	btf__add_field(btf, "ma_root", link, 64, 0);
	btf__add_struct(btf, "mm_struct", 64);
	if (strstr(path, "-5."))
		btf__add_field(btf, "mmap", link, 0, 0);
	else
		btf__add_field(btf, "mm_mt", tree, 64, 0);
	data = btf__raw_data(btf, &size);
	err = !data || write(fd, data, size) != (ssize_t)size;
	btf__free(btf);
	btf__free(base);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	err = err ? -EIO : types_add_file(types, "mm", name, &why);
	close(fd);
	return err;
}

/* A probe with the types of one of the recorded kernels. Returns 0 or -errno. */
static int memory_open(struct probe *probe, const char *kernel)
{
	const char *tests = getenv("TESTDIR");
	struct reason why;
	char path[4096];
	int err;

	*probe = (struct probe){ .ops = &memory_ops };
	snprintf(path, sizeof(path), "%s/unit/data/types-%s", tests ? tests : "tests", kernel);
	err = types_open(&probe->types, path, &why);
	return err ? err : add_mm(&probe->types, path);
}

#endif
