// SPDX-License-Identifier: GPL-2.0-or-later
/* migrate-node where there is nowhere to migrate to, told before anything is made. */
#include "config.h"
#include "host/host.h"
#include "races/races.h"
#include "tap.h"

#if HAVE_LIBNUMA
#include <numa.h>
#endif

extern const struct race_ops race_migrate_node;

/* A cpuset is what libnuma has of it: the set of the nodes that are allowed. */
static void allow_one(struct reason *why)
{
#if HAVE_LIBNUMA
	const struct host host = { .nodes = 2 };

	numa_bitmask_clearall(numa_all_nodes_ptr);
	numa_bitmask_setbit(numa_all_nodes_ptr, 0);
	is_int(race_migrate_node.probe(&host, why), -ENODEV, "one of two nodes is allowed");
	is_str(why->text, "the cpuset of thpin allows one NUMA node only, of 2 with memory",
	       "one of two nodes: why");
	numa_bitmask_setbit(numa_all_nodes_ptr, 1);
	is_int(race_migrate_node.probe(&host, why), 0, "both nodes are allowed");
#else
	(void)why;
#endif
}

int main(void)
{
	const struct host host = { .nodes = 1 };
	struct reason why;
	int err = race_migrate_node.probe(&host, &why);

	/* Without libnuma, or a kernel that knows nodes, -ENOTSUP as well. */
	ok(err == -ENODEV || err == -ENOTSUP, "one node: %s", why.text);
	if (err == -ENODEV)
		allow_one(&why);
	return done_testing();
}
