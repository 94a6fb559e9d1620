// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Maple trees, read-only and without a lock (Documentation/core-api/maple_tree.rst,
 * include/linux/maple_tree.h). What is not a node of a kind that VMAs are kept in
 * ends that branch: the tree was changed while it was read.
 */
#include <stdlib.h>

#include "inspect/probe/walk.h"

/* A node is aligned to its size; the low byte of a link to it has its kind. */
#define NODE_SIZE 256u
#define NODE_KIND(link) ((link) >> 3 & 0xf)

/* enum maple_type */
enum { KIND_LEAF = 1, KIND_RANGE = 2, KIND_ALLOCATION = 3 };

/* 10 or 16 slots a level: 2^64 entries would not be deeper. */
#define DEPTH_MAX 20

/* Nodes of a tree that was caught changing: one that is below itself has no end. */
#define NODES_MAX (1u << 20)

/* Where a kind of node has what, in bytes; counts of elements. */
struct node_shape {
	struct member pivot, slot, end;
	uint32_t pivots, slots;
};

struct maple {
	struct probe *probe;
	struct node_shape range, allocation;
	unsigned visited; /* nodes */
	maple_entry_fn *each;
	void *context;
};

static bool within_node(const struct member *member)
{
	return (uint64_t)member->offset + member->size <= NODE_SIZE;
}

static bool find_shape(struct types *types, const char *const path[3], struct node_shape *shape)
{
	if (types_member(types, path[0], &shape->pivot) ||
	    types_member(types, path[1], &shape->slot) || types_member(types, path[2], &shape->end))
		return false;
	shape->pivots = shape->pivot.size / 8;
	shape->slots = shape->slot.size / 8;
	return within_node(&shape->pivot) && within_node(&shape->slot) &&
	       within_node(&shape->end) && shape->end.size == 1 &&
	       shape->slots == shape->pivots + 1;
}

static uint64_t element(const void *node, const struct member *array, uint32_t i)
{
	return ((const uint64_t *)node)[array->offset / 8 + i];
}

/*
 * Index of the last slot in use, in a node for indices up to @max: what is behind
 * it is stale. The byte that tells it lies within the last slot of a node that
 * is not full (ma_data_end(), lib/maple_tree.c).
 */
static uint32_t last_slot(const struct node_shape *shape, const void *node, unsigned kind,
			  uint64_t max)
{
	uint64_t last_pivot = element(node, &shape->pivot, shape->pivots - 1);
	uint32_t end = ((const unsigned char *)node)[shape->end.offset];

	if (kind == KIND_ALLOCATION || !last_pivot)
		return end < shape->slots ? end : 0;
	return last_pivot == max ? shape->pivots - 1 : shape->pivots;
}

static int walk_node(struct maple *maple, uint64_t link, uint64_t max, unsigned depth)
{
	unsigned kind = (unsigned)NODE_KIND(link);
	const struct node_shape *shape = kind == KIND_ALLOCATION ? &maple->allocation :
								   &maple->range;
	uint64_t node[NODE_SIZE / 8];
	struct reason ignored;
	uint32_t last;

	if (depth >= DEPTH_MAX || maple->visited++ >= NODES_MAX || kind < KIND_LEAF ||
	    kind > KIND_ALLOCATION ||
	    probe_read(maple->probe, link & ~(uint64_t)(NODE_SIZE - 1), node, NODE_SIZE, &ignored))
		return 0;
	last = last_slot(shape, node, kind, max);
	for (uint32_t i = 0; i <= last; i++) {
		uint64_t entry = element(node, &shape->slot, i);
		int err = 0;

		if (kind != KIND_LEAF)
			err = walk_node(maple, entry,
					i < last ? element(node, &shape->pivot, i) : max,
					depth + 1);
		else if (entry && !(entry & 3)) /* others are the tree's own marks */
			err = maple->each(entry, maple->context);
		if (err)
			return err;
	}
	return 0;
}

int walk_maple(struct probe *probe, uint64_t root, maple_entry_fn *each, void *context,
	       struct reason *why)
{
	static const char *const range[] = { "maple_range_64.pivot", "maple_range_64.slot",
					     "maple_range_64.meta.end" };
	static const char *const allocation[] = { "maple_arange_64.pivot", "maple_arange_64.slot",
						  "maple_arange_64.meta.end" };
	struct maple maple = { .probe = probe, .each = each, .context = context };

	if (!find_shape(&probe->types, range, &maple.range) ||
	    !find_shape(&probe->types, allocation, &maple.allocation))
		return fail(why, EPROTO, "the maple tree of this kernel is unlike any known");
	if (!root || root & 1)
		return 0;
	/* A single entry is kept without a node. */
	return root & 2 ? walk_node(&maple, root, UINT64_MAX, 0) : each(root, context);
}
