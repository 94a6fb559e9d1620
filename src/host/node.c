// SPDX-License-Identifier: GPL-2.0-or-later
/* NUMA nodes that the user chose, by libnuma: numa(3). */
#include "host/node.h"

#include "config.h"

#if HAVE_LIBNUMA

#include <dirent.h>
#include <numa.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int not_a_list(const char *nodes, struct reason *why)
{
	return fail(why, EINVAL, "'%s' is no list of NUMA nodes such as 1 or 0,2-3", nodes);
}

static int no_memory(long node, struct reason *why)
{
	return fail(why, EINVAL, "there is no NUMA node %ld with memory; the highest is %d", node,
		    numa_max_node());
}

/* numa_parse_nodestring(3) would write to stderr. */
static int parse(const char *nodes, struct bitmask *mask, struct reason *why)
{
	const char *at = nodes;
	char *end;

	do {
		long first, last;

		if (*at < '0' || *at > '9')
			return not_a_list(nodes, why);
		first = last = strtol(at, &end, 10);
		if (*end == '-') {
			at = end + 1;
			if (*at < '0' || *at > '9')
				return not_a_list(nodes, why);
			last = strtol(at, &end, 10);
		}
		if (last < first)
			return not_a_list(nodes, why);
		for (long node = first; node <= last; node++) {
			if (node > numa_max_node() ||
			    !numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)node))
				return no_memory(node, why);
			numa_bitmask_setbit(mask, (unsigned)node);
		}
		at = end + 1;
	} while (*end == ',');
	return *end ? not_a_list(nodes, why) : 0;
}

/* The nodes of the list, to be freed; NULL with a reason in *err. */
static struct bitmask *get_nodes(const char *nodes, int *err, struct reason *why)
{
	struct bitmask *mask;

	if (numa_available() < 0) {
		*err = fail(why, ENOTSUP, "this kernel has no NUMA policy (needs CONFIG_NUMA)");
		return NULL;
	}
	mask = numa_allocate_nodemask();
	*err = parse(nodes, mask, why);
	if (!*err)
		return mask;
	numa_bitmask_free(mask);
	return NULL;
}

/* The index of the @number-th bit, from 0, counted round; -1: there is none. */
static int nth_bit(const struct bitmask *mask, unsigned number)
{
	unsigned weight = numa_bitmask_weight(mask), bit = 0;

	if (!weight)
		return -1;
	for (number %= weight;; bit++)
		if (numa_bitmask_isbitset(mask, bit) && !number--)
			return (int)bit;
}

int nodes_check(const char *nodes, struct reason *why)
{
	struct bitmask *mask;
	int err;

	mask = get_nodes(nodes, &err, why);
	if (mask)
		numa_bitmask_free(mask);
	return err;
}

/* Nodes without CPUs can only be allocated from; libnuma would say so on stderr. */
static bool have_cpus(const struct bitmask *nodes)
{
	struct bitmask *cpus = numa_allocate_cpumask();
	bool any = false;

	for (unsigned node = 0; !any && node < nodes->size; node++)
		any = numa_bitmask_isbitset(nodes, node) && !numa_node_to_cpus((int)node, cpus) &&
		      numa_bitmask_weight(cpus) > 0;
	numa_bitmask_free(cpus);
	return any;
}

int nodes_bind(const char *nodes, struct reason *why)
{
	struct bitmask *mask;
	int err;

	mask = get_nodes(nodes, &err, why);
	if (!mask)
		return err;
	numa_set_membind(mask);
	if (have_cpus(mask))
		numa_run_on_node_mask(mask);
	numa_bitmask_free(mask);
	return 0;
}

int nodes_bind_thread(const char *nodes, unsigned number, struct reason *why)
{
	struct bitmask *mask, *cpus;
	unsigned count;
	int err, cpu = -1;

	mask = get_nodes(nodes, &err, why);
	if (!mask)
		return err;
	count = numa_bitmask_weight(mask);
	cpus = numa_allocate_cpumask();
	if (!numa_node_to_cpus(nth_bit(mask, number), cpus))
		cpu = nth_bit(cpus, number / count);
	if (cpu >= 0) {
		numa_bitmask_clearall(cpus);
		numa_bitmask_setbit(cpus, (unsigned)cpu);
		/* A CPU that this process may not use leaves the thread where it is. */
		numa_sched_setaffinity(0, cpus);
	}
	numa_bitmask_free(cpus);
	numa_bitmask_free(mask);
	return 0;
}

uint64_t nodes_bound(void)
{
	struct bitmask *mask = numa_available() < 0 ? NULL : numa_get_membind();
	uint64_t nodes = 0;

	for (unsigned node = 0; mask && node < 64 && node < mask->size; node++)
		if (numa_bitmask_isbitset(mask, node))
			nodes |= UINT64_C(1) << node;
	if (mask)
		numa_bitmask_free(mask);
	return nodes;
}

/* Add the nodes of the CPUs that this thread may run on. */
static void add_thread(pid_t thread, struct bitmask *cpus, uint64_t *nodes)
{
	if (numa_sched_getaffinity(thread, cpus) < 0)
		return;
	for (unsigned cpu = 0; cpu < cpus->size; cpu++) {
		int node = numa_bitmask_isbitset(cpus, cpu) ? numa_node_of_cpu((int)cpu) : -1;

		if (node >= 0 && node < 64)
			*nodes |= UINT64_C(1) << node;
	}
}

int nodes_of_process(pid_t pid, uint64_t *nodes)
{
	struct bitmask *cpus;
	struct dirent *entry;
	char path[48];
	DIR *threads;

	*nodes = 0;
	if (numa_available() < 0)
		return -ENOTSUP;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	threads = opendir(path);
	if (!threads)
		return -ESRCH;
	cpus = numa_allocate_cpumask();
	while ((entry = readdir(threads)))
		if (entry->d_name[0] != '.')
			add_thread((pid_t)strtol(entry->d_name, NULL, 10), cpus, nodes);
	numa_bitmask_free(cpus);
	closedir(threads);
	return *nodes ? 0 : -ESRCH;
}

#else

int nodes_check(const char *nodes, struct reason *why)
{
	(void)nodes;
	return fail(why, ENOTSUP, LIBNUMA_REASON);
}

int nodes_bind(const char *nodes, struct reason *why)
{
	return nodes_check(nodes, why);
}

int nodes_bind_thread(const char *nodes, unsigned number, struct reason *why)
{
	(void)number;
	return nodes_check(nodes, why);
}

uint64_t nodes_bound(void)
{
	return 0;
}

int nodes_of_process(pid_t pid, uint64_t *nodes)
{
	(void)pid;
	*nodes = 0;
	return -ENOTSUP;
}

#endif
