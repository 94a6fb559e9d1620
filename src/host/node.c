// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/node.h"

#include "config.h"

#if HAVE_LIBNUMA

#include <numa.h>

int node_check(int node, struct reason *why)
{
	if (numa_available() < 0)
		return fail(why, ENOTSUP, "this kernel has no NUMA policy (needs CONFIG_NUMA)");
	if (node > numa_max_node() || !numa_bitmask_isbitset(numa_all_nodes_ptr, (unsigned)node))
		return fail(why, EINVAL, "there is no NUMA node %d with memory; the highest is %d",
			    node, numa_max_node());
	return 0;
}

int node_bind(int node, struct reason *why)
{
	struct bitmask *nodes;
	int err = node_check(node, why);

	if (err)
		return err;
	nodes = numa_allocate_nodemask();
	numa_bitmask_setbit(nodes, (unsigned)node);
	numa_set_membind(nodes);
	numa_bitmask_free(nodes);
	/* A node without CPUs can only be allocated from. */
	numa_run_on_node(node);
	return 0;
}

#else

int node_check(int node, struct reason *why)
{
	(void)node;
	return fail(why, ENOTSUP, LIBNUMA_REASON);
}

int node_bind(int node, struct reason *why)
{
	return node_check(node, why);
}

#endif
