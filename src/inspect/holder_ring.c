// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of the process that an io_uring itself works on: its queues
 * (IORING_SETUP_NO_MMAP, Linux 6.5), rings of provided buffers
 * (IORING_REGISTER_PBUF_RING, 5.19) and a region for arguments
 * (IORING_REGISTER_MEM_REGION, 6.13). All are pinned for long (io_pin_pages(),
 * io_uring/memmap.c), and their addresses are not kept. With other pages in their place,
 * the kernel no longer sees what the process submits, or fills in no buffer.
 */
#include "inspect/holders.h"

#include <stdlib.h>

#include "inspect/home.h"
#include "inspect/ring_files.h"

/* linux/io_uring.h, which may be older. */
#define SETUP_NO_MMAP (1u << 14)

/* Of a region: memory of the process (IO_REGION_F_USER_PROVIDED, 6.14). */
#define REGION_USER 2u

/* Of a group: memory of the kernel, whose pages are where pinned ones are (IOBL_MMAP, 6.10). */
#define GROUP_MMAP 2u

/* In io_bl (BGID_ARRAY): groups below that, until 6.7. */
#define EARLY_GROUPS 64u

/* Levels of an XArray of 16-bit numbers (XA_CHUNK_SIZE may be 16, include/linux/xarray.h). */
#define LEVELS 4u

/* An array of pointers to struct page, and how many; pinned, if its flags are so. */
struct region {
	struct member pages, count, flags;
	uint64_t set, clear;
};

struct ring_layout {
	uint64_t f_op;       /* of all rings */
	struct member setup; /* IORING_SETUP_* */
	struct region queues[2], arguments, group;
	unsigned queues_count;
	bool has_arguments, has_groups, has_early;
	struct member groups; /* the first node of the XArray */
	struct member slots;  /* of a node */
	struct member early;
	struct member group_id;
	uint32_t group_size;
};

/* All of a ring. */
struct look {
	struct search *search;
	const struct ring_layout *layout;
	const struct probe_file *file;
	struct reason *why;
};

static bool learn_array(struct types *types, const char *pages, const char *count,
			struct region *region)
{
	return !types_member(types, pages, &region->pages) &&
	       !types_member(types, count, &region->count);
}

static void learn_queues(struct types *types, struct ring_layout *layout)
{
	static const char *const paths[][2] = {
		{ "io_ring_ctx.ring_region.pages", "io_ring_ctx.ring_region.nr_pages" },
		{ "io_ring_ctx.sq_region.pages", "io_ring_ctx.sq_region.nr_pages" },
		{ "io_ring_ctx.ring_pages", "io_ring_ctx.n_ring_pages" }, /* until 6.13 */
		{ "io_ring_ctx.sqe_pages", "io_ring_ctx.n_sqe_pages" },
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && layout->queues_count < 2; i++)
		layout->queues_count += learn_array(types, paths[i][0], paths[i][1],
						    &layout->queues[layout->queues_count]);
}

/* Where this kernel has none, all memory is of the process. */
static void learn_flags(struct types *types, const char *path, struct region *region, uint64_t set,
			uint64_t clear)
{
	if (types_member(types, path, &region->flags))
		return;
	region->set = set;
	region->clear = clear;
}

static void learn_arguments(struct types *types, struct ring_layout *layout)
{
	struct region *region = &layout->arguments;

	layout->has_arguments = learn_array(types, "io_ring_ctx.param_region.pages",
					    "io_ring_ctx.param_region.nr_pages", region);
	learn_flags(types, "io_ring_ctx.param_region.flags", region, REGION_USER, 0);
}

/* A group that is no ring has no pages. */
static void learn_groups(struct types *types, struct ring_layout *layout)
{
	struct region *region = &layout->group;

	if (learn_array(types, "io_buffer_list.region.pages", "io_buffer_list.region.nr_pages",
			region))
		learn_flags(types, "io_buffer_list.region.flags", region, REGION_USER, 0);
	else if (learn_array(types, "io_buffer_list.buf_pages", "io_buffer_list.buf_nr_pages",
			     region))
		learn_flags(types, "io_buffer_list.flags", region, 0, GROUP_MMAP);
	else
		return; /* before 5.19 */
	layout->has_groups = !types_member(types, "io_ring_ctx.io_bl_xa.xa_head",
					   &layout->groups) &&
			     !types_member(types, "xa_node.slots", &layout->slots) &&
			     !types_member(types, "io_buffer_list.bgid", &layout->group_id);
	layout->has_early = layout->has_groups &&
			    !types_member(types, "io_ring_ctx.io_bl", &layout->early) &&
			    !types_size(types, "io_buffer_list", &layout->group_size);
}

static int learn_ring(struct search *search, void **state, struct reason *why)
{
	struct types *types = &search->probe->types;
	struct ring_layout *layout = calloc(1, sizeof(*layout));
	int err;

	if (!layout)
		return fail_errno(why, ENOMEM, "io_uring");
	learn_queues(types, layout);
	learn_arguments(types, layout);
	learn_groups(types, layout);
	if (types_member(types, "io_ring_ctx.flags", &layout->setup))
		err = fail(why, ENOENT, "this kernel's io_uring is like none that is known");
	else if (!layout->queues_count && !layout->has_arguments && !layout->has_groups)
		err = fail(why, ENODEV, "this kernel's io_uring has its rings in its own memory");
	else
		err = ring_operations(search, &layout->f_op, why);
	if (err)
		free(layout);
	else
		*state = layout;
	return err;
}

/* Add what @region of the object at @base has, if that is memory of the target. */
static int look_region(const struct look *look, const struct region *region, uint64_t base,
		       unsigned index)
{
	struct search *search = look->search;
	size_t holders = search->inspection->holders_count;
	uint64_t pages = 0, count = 0, flags = 0, *pfns;
	int err = read_member(search->probe, base, region->pages, &pages, look->why);

	if (!err)
		err = read_member(search->probe, base, region->count, &count, look->why);
	if (!err && (region->set | region->clear))
		err = read_member(search->probe, base, region->flags, &flags, look->why);
	if (err || !pages || !count || count > HOLDER_PAGES_MAX ||
	    (flags & (region->set | region->clear)) != region->set)
		return err;
	pfns = calloc(count, sizeof(*pfns));
	if (!pfns)
		return fail_errno(look->why, ENOMEM, "io_uring ring");
	err = read_page_pointers(search->probe, pages, pfns, count, look->why);
	if (!err)
		err = home_add_linear(search, HOLDER_RING, look->file, pfns, count, look->why);
	if (search->inspection->holders_count > holders)
		search->inspection->holders[holders].index = index;
	free(pfns);
	return err;
}

static int look_group(const struct look *look, uint64_t group)
{
	uint64_t id;
	int err = read_member(look->search->probe, group, look->layout->group_id, &id, look->why);

	return err ? err : look_region(look, &look->layout->group, group, (unsigned)id);
}

/*
 * An entry of an XArray: a node, which has more of them, or a group. Tags in the lowest
 * bits say which (include/linux/xarray.h, xa_is_node()).
 */
static int look_entry(const struct look *look, uint64_t entry, unsigned level)
{
	size_t count = look->layout->slots.size / sizeof(uint64_t);
	uint64_t *slots;
	int err;

	if (!(entry & 3))
		return entry ? look_group(look, entry) : 0;
	if ((entry & 3) != 2 || entry <= 4096 || level == LEVELS)
		return 0;
	slots = calloc(count, sizeof(*slots));
	if (!slots)
		return fail_errno(look->why, ENOMEM, "io_uring");
	err = probe_read(look->search->probe, (entry & ~UINT64_C(3)) + look->layout->slots.offset,
			 slots, count * sizeof(*slots), look->why);
	for (size_t i = 0; !err && i < count; i++)
		err = look_entry(look, slots[i], level + 1);
	free(slots);
	return err;
}

static int look_groups(const struct look *look, uint64_t ring)
{
	const struct ring_layout *layout = look->layout;
	struct probe *probe = look->search->probe;
	uint64_t groups, early = 0;
	int err = read_member(probe, ring, layout->groups, &groups, look->why);

	if (!err)
		err = look_entry(look, groups, 0);
	if (!err && layout->has_early)
		err = read_member(probe, ring, layout->early, &early, look->why);
	for (unsigned i = 0; !err && early && i < EARLY_GROUPS; i++)
		err = look_region(look, &layout->group, early + (uint64_t)i * layout->group_size,
				  i);
	return err;
}

static int look_ring(struct search *search, void *state, const struct probe_file *file,
		     struct reason *why)
{
	const struct ring_layout *layout = state;
	const struct look look = { search, layout, file, why };
	uint64_t ring = file->private_data, setup;
	int err;

	if (file->f_op != layout->f_op)
		return 0;
	err = read_member(search->probe, ring, layout->setup, &setup, why);
	for (unsigned i = 0; !err && setup & SETUP_NO_MMAP && i < layout->queues_count; i++)
		err = look_region(&look, &layout->queues[i], ring, i);
	if (!err && layout->has_arguments)
		err = look_region(&look, &layout->arguments, ring, 0);
	if (!err && layout->has_groups)
		err = look_groups(&look, ring);
	return err;
}

const struct holder_source holder_ring = {
	.kind = HOLDER_RING,
	.learn = learn_ring,
	.look = look_ring,
};
