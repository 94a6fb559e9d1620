// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VFIO type1 maps (VFIO_IOMMU_MAP_DMA): a container's tree of struct vfio_dma says
 * which addresses of whose memory are mapped (drivers/vfio/vfio_iommu_type1.c).
 * The pages are in the IOMMU's own tables, whose format is the vendor's: that a
 * page is not the one that was mapped is told by that it carries no pin.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/host.h"
#include "inspect/compare.h"
#include "inspect/holders.h"

#define CONTAINER "/dev/vfio/vfio"

/* More than a balanced tree of as many maps as there can be has levels. */
#define DEPTH_MAX 96

/* Sixteen times as many as dma_entry_limit allows by default */
#define MAPS_MAX (1u << 20)

struct vfio_layout {
	uint64_t f_op; /* of containers */
	struct member data, tree, left, right;
	struct member node, address, size, owner, owner_task, task_mm;
	bool has_owner; /* vfio_dma.mm, since 6.4 */
	/* The way to the device's NUMA node; nodes: whether it is known. */
	struct member groups, next_group, devices, next_device, device, numa_node;
	bool nodes;
};

static int learn_layout(struct types *types, struct vfio_layout *layout)
{
	int err = types_member(types, "vfio_container.iommu_data", &layout->data);

	err |= types_member(types, "vfio_iommu.dma_list.rb_node", &layout->tree);
	err |= types_member(types, "rb_node.rb_left", &layout->left);
	err |= types_member(types, "rb_node.rb_right", &layout->right);
	err |= types_member(types, "vfio_dma.node", &layout->node);
	err |= types_member(types, "vfio_dma.vaddr", &layout->address);
	err |= types_member(types, "vfio_dma.size", &layout->size);
	layout->has_owner = !types_member(types, "vfio_dma.mm", &layout->owner);
	if (!layout->has_owner) {
		err |= types_member(types, "vfio_dma.task", &layout->owner_task);
		err |= types_member(types, "task_struct.mm", &layout->task_mm);
	}
	layout->nodes = !types_member(types, "vfio_container.group_list.next", &layout->groups) &&
			!types_member(types, "vfio_group.container_next", &layout->next_group) &&
			!types_member(types, "vfio_group.device_list.next", &layout->devices) &&
			!types_member(types, "vfio_device.group_next", &layout->next_device) &&
			!types_member(types, "vfio_device.dev", &layout->device) &&
			!types_member(types, "device.numa_node", &layout->numa_node);
	return err ? -ENOENT : 0;
}

static int learn_vfio(struct search *search, void **state, struct reason *why)
{
	struct vfio_layout *layout;
	struct probe_file own;
	struct reason ignored;
	int container = open(CONTAINER, O_RDWR | O_CLOEXEC), err;

	if (container < 0)
		return fail_errno(why, errno == ENOENT ? ENODEV : errno, CONTAINER);
	/* Each may be built in. */
	types_add_module(&search->probe->types, "vfio", &ignored);
	types_add_module(&search->probe->types, "vfio_iommu_type1", &ignored);
	layout = calloc(1, sizeof(*layout));
	if (!layout)
		err = fail_errno(why, ENOMEM, "VFIO");
	else if (learn_layout(&search->probe->types, layout))
		err = fail(why, ENOENT,
			   "this kernel does not tell the types of VFIO type1 (modules do since 5.11)");
	else
		err = probe_own_file(search->probe, container, &own, why);
	close(container);
	if (err) {
		free(layout);
		return err;
	}
	layout->f_op = own.f_op;
	*state = layout;
	return 0;
}

/* NUMA node of the first device of the first group, -1: none or not known. */
static int find_node(struct search *search, const struct vfio_layout *layout, uint64_t container)
{
	struct reason ignored;
	uint64_t group, device;

	if (!layout->nodes ||
	    read_member(search->probe, container, layout->groups, &group, &ignored) ||
	    group == container + layout->groups.offset)
		return -1;
	group -= layout->next_group.offset;
	if (read_member(search->probe, group, layout->devices, &device, &ignored) ||
	    device == group + layout->devices.offset ||
	    read_member(search->probe, device - layout->next_device.offset, layout->device, &device,
			&ignored))
		return -1;
	return read_node(search->probe, device, layout->numa_node);
}

/* Whether the memory that @dma maps is the target's. */
static bool is_of_target(struct search *search, const struct vfio_layout *layout, uint64_t dma)
{
	struct reason ignored;
	uint64_t mm, task;

	if (layout->has_owner)
		return !read_member(search->probe, dma, layout->owner, &mm, &ignored) &&
		       mm == search->target_mm;
	return !read_member(search->probe, dma, layout->owner_task, &task, &ignored) &&
	       !read_member(search->probe, task, layout->task_mm, &mm, &ignored) &&
	       mm == search->target_mm;
}

static int add_map(struct search *search, const struct vfio_layout *layout,
		   const struct probe_file *file, uint64_t dma, unsigned index, struct reason *why)
{
	uint64_t page_size = search->inspection->host->page_size, address, size = 0;
	struct holder *holder;
	int err;

	if (!is_of_target(search, layout, dma))
		return 0;
	err = read_member(search->probe, dma, layout->address, &address, why);
	if (!err)
		err = read_member(search->probe, dma, layout->size, &size, why);
	if (err || !size || address >> 63 || address % page_size || size % page_size ||
	    size / page_size > HOLDER_RANGE_MAX)
		return err;
	holder = holders_add(search, HOLDER_VFIO, file);
	if (!holder)
		return fail_errno(why, ENOMEM, "holders");
	holder->class = PIN_CLASS_LONGTERM;
	holder->confidence = CONFIDENCE_RANGE;
	holder->index = index;
	holder->start = address;
	holder->end = address + size;
	holder->device_node = find_node(search, layout, file->private_data);
	return compare_absence(search->inspection, holder, why);
}

static int look_vfio(struct search *search, void *state, const struct probe_file *file,
		     struct reason *why)
{
	const struct vfio_layout *layout = state;
	uint64_t iommu, node, above[DEPTH_MAX];
	unsigned depth = 0;
	int err;

	if (file->f_op != layout->f_op)
		return 0;
	err = read_member(search->probe, file->private_data, layout->data, &iommu, why);
	if (err || !iommu)
		return err;
	err = read_member(search->probe, iommu, layout->tree, &node, why);
	/* In order of their addresses on the bus. A tree that changes meanwhile may be endless. */
	for (unsigned i = 0; !err && i < MAPS_MAX; i++) {
		while (!err && node && depth < DEPTH_MAX) {
			above[depth++] = node;
			err = read_member(search->probe, node, layout->left, &node, why);
		}
		if (err || !depth)
			break;
		node = above[--depth];
		err = add_map(search, layout, file, node - layout->node.offset, i, why);
		if (!err)
			err = read_member(search->probe, node, layout->right, &node, why);
	}
	return err;
}

const struct holder_source holder_vfio = {
	.kind = HOLDER_VFIO,
	.learn = learn_vfio,
	.look = look_vfio,
};
