// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>

#include "data.h"
#include "procfs/zoneinfo.h"
#include "tap.h"

static void recorded(void)
{
	char *text = data("zoneinfo-6.18");
	struct node_map map;

	is_int(zoneinfo_parse(text, &map), 0, "recorded on 6.18");
	is_int((int64_t)map.count, 3, "zones that have pages");
	is_int(map.single, 0, "one node");
	is_int(zoneinfo_node(&map, 0x100000), 0, "a page of it");
	is_int(zoneinfo_node(&map, 0), 0, "where there is one node, it is that of any page");
	zoneinfo_free(&map);
	free(text);
}

/* Node 1 lies in a hole of node 0, and both span the page frames from 500 to 599. */
static const char several[] = "Node 0, zone      DMA\n  per-node stats\n      nr_mapped 100\n"
			      "        spanned  99\n        present  99\n  start_pfn:           1\n"
			      "Node 0, zone   Normal\n        spanned  400\n"
			      "  start_pfn:           200\n"
			      "Node 0, zone  Movable\n        spanned  0\n        present  0\n"
			      "Node 1, zone   Normal\n        spanned  500\n"
			      "  start_pfn:           500\n"
			      "Node 70, zone   Normal\n        spanned  10\n"
			      "  start_pfn:           2000\n"
			      "Node 2, zone   Normal\n        spanned  10\n"
			      "  start_pfn:           3000";

static void nodes(void)
{
	static const struct {
		uint64_t pfn;
		int node;
	} wanted[] = {
		{ 1, 0 },     { 99, 0 },   { 100, -1 }, { 199, -1 },  { 200, 0 },   { 499, 0 },
		{ 500, -1 },  { 599, -1 }, { 600, 1 },  { 999, 1 },   { 1000, -1 }, { 0, -1 },
		{ 2005, -1 }, { 3000, 2 }, { 3009, 2 }, { 3010, -1 },
	};
	struct node_map map;

	is_int(zoneinfo_parse(several, &map), 0, "several nodes");
	is_int((int64_t)map.count, 5, "zones that have pages");
	is_int(map.single, -1, "more than one node");
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		is_int(zoneinfo_node(&map, wanted[i].pfn), wanted[i].node, "node of %llu",
		       (unsigned long long)wanted[i].pfn);
	zoneinfo_free(&map);
}

static void hostile(void)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"Node 0, zone DMA\n",
		"Node 0, zone DMA\n spanned 5\n",
		"Node 0, zone DMA\n start_pfn: 5\n",
		"Node 0, zone DMA\n spanned 0\n start_pfn: 5\n",
		"Node 0, zone DMA\n spanned -5\n start_pfn: 5\n",
		"Node 0, zone DMA\n spanned 5x\n start_pfn: 5\n",
		"Node 0, zone DMA\n spanned 5\nNode 1, zone DMA\n start_pfn: 5\n",
		"spanned 5\nstart_pfn: 5\n",
		"Node -1, zone DMA\n spanned 5\n start_pfn: 5\n",
		"Node 0, zone DMA\n spanned 99999999999999999999\n start_pfn: 5\n",
	};
	struct node_map map;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		is_int(zoneinfo_parse(texts[i], &map), -EINVAL, "no zone: %zu", i);
}

int main(void)
{
	recorded();
	nodes();
	hostile();
	return done_testing();
}
