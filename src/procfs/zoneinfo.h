/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_ZONEINFO_H
#define THPIN_PROCFS_ZONEINFO_H

#include <stddef.h>
#include <stdint.h>

/*
 * /proc/zoneinfo: which page frames are of which NUMA node. Any user may read it
 * (mm/vmstat.c, zoneinfo_show_print()).
 */

/* Sets of nodes are masks; of a node beyond it is not known that pages are there. */
#define NODES_MAX 64

/* What a zone spans; there may be holes in it. */
struct node_range {
	uint64_t start, end; /* page frames, end not included */
	int node;
};

struct node_map {
	struct node_range *ranges; /* one a zone */
	size_t count;
	int single; /* the only node that has memory, -1: there are several, or none */
};

/*
 * Returns 0, -ENOMEM, or -EINVAL when a zone is not told as expected;
 * zoneinfo_free() is needed after 0 only.
 */
int zoneinfo_parse(const char *text, struct node_map *map);
int zoneinfo_read(struct node_map *map); /* or -errno */
void zoneinfo_free(struct node_map *map);

/*
 * The node of page frame @pfn, 0 being one that is not known; -1: not known, as of
 * one that zones of two nodes span.
 */
int zoneinfo_node(const struct node_map *map, uint64_t pfn);

#endif
