// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * RDMA memory regions: an open /dev/infiniband/uverbsN has a list of objects
 * (drivers/infiniband/core/rdma_core.c); one of type MR is a struct ib_mr, which
 * its driver has embedded in a struct of its own, beside the struct ib_umem that
 * has the pages (drivers/infiniband/core/umem.c). Regions that are paged on demand
 * have none.
 */
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/host.h"
#include "inspect/compare.h"
#include "inspect/holders.h"

/* enum uverbs_default_objects (include/uapi/rdma/ib_user_ioctl_cmds.h) */
#define OBJECT_MR 7

/* More objects or parts of a list than are believed. */
#define OBJECTS_MAX (1u << 20)

/* Bytes of a struct scatterlist are fewer. */
#define ENTRY_MAX 64

/* Low bits of scatterlist.page_link (include/linux/scatterlist.h) */
#define LINK_CHAIN 1u
#define LINK_FLAGS 3u

/*
 * Where a driver has its umem; the IDs are those of enum rdma_driver_id
 * (include/uapi/rdma/ib_user_ioctl_verbs.h). Only rxe was ever run.
 */
static const struct {
	unsigned id;
	const char *module, *region, *umem;
} drivers[] = {
	{ 14, "rdma_rxe", "rxe_mr.ibmr", "rxe_mr.umem" },
	{ 1, "mlx5_ib", "mlx5_ib_mr.ibmr", "mlx5_ib_mr.umem" }, /* never run */
	{ 2, "mlx4_ib", "mlx4_ib_mr.ibmr", "mlx4_ib_mr.umem" }, /* never run */
	{ 17, "efa", "efa_mr.ibmr", "efa_mr.umem" },            /* never run */
};

#define DRIVERS (sizeof(drivers) / sizeof(drivers[0]))

struct rdma_layout {
	uint64_t f_op[2]; /* of devices with and without mmap() */
	struct member objects, next, object, api_object, api_id;
	struct member device, id, driver;
	struct member region[DRIVERS], umem[DRIVERS];
	bool known[DRIVERS];
	struct member mm, address, length, list, count;
	struct member link, list_offset, list_length;
	uint32_t list_size;
	struct member parent, numa_node;
	bool nodes;
};

static int learn_layout(struct types *types, struct rdma_layout *layout)
{
	int err = types_member(types, "ib_uverbs_file.uobjects", &layout->objects);

	err |= types_member(types, "ib_uobject.list", &layout->next);
	err |= types_member(types, "ib_uobject.object", &layout->object);
	err |= types_member(types, "ib_uobject.uapi_object", &layout->api_object);
	err |= types_member(types, "uverbs_api_object.id", &layout->api_id);
	err |= types_member(types, "ib_mr.device", &layout->device);
	err |= types_member(types, "ib_mr.res.id", &layout->id);
	err |= types_member(types, "ib_device.ops.driver_id", &layout->driver);
	err |= types_member(types, "ib_umem.owning_mm", &layout->mm);
	err |= types_member(types, "ib_umem.address", &layout->address);
	err |= types_member(types, "ib_umem.length", &layout->length);
	if (types_member(types, "ib_umem.sgt_append.sgt.sgl", &layout->list) ||
	    types_member(types, "ib_umem.sgt_append.sgt.orig_nents", &layout->count)) {
		/* until 5.15 */
		err |= types_member(types, "ib_umem.sg_head.sgl", &layout->list);
		err |= types_member(types, "ib_umem.sg_head.orig_nents", &layout->count);
	}
	err |= types_member(types, "scatterlist.page_link", &layout->link);
	err |= types_member(types, "scatterlist.offset", &layout->list_offset);
	err |= types_member(types, "scatterlist.length", &layout->list_length);
	err |= types_size(types, "scatterlist", &layout->list_size);
	err |= layout->list_size > ENTRY_MAX;
	layout->nodes = !types_member(types, "ib_device.dev.parent", &layout->parent) &&
			!types_member(types, "device.numa_node", &layout->numa_node);
	return err ? -ENOENT : 0;
}

static bool learn_drivers(struct types *types, struct rdma_layout *layout)
{
	struct reason ignored;
	char path[64];
	bool any = false;

	for (size_t i = 0; i < DRIVERS; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/btf/%s", drivers[i].module);
		if (!access(path, R_OK))
			types_add_module(types, drivers[i].module, &ignored);
		layout->known[i] = !types_member(types, drivers[i].region, &layout->region[i]) &&
				   !types_member(types, drivers[i].umem, &layout->umem[i]);
		any |= layout->known[i];
	}
	return any;
}

/* What the files of all devices have for f_op: opening one makes nothing but a file. */
static int learn_files(struct search *search, struct rdma_layout *layout, struct reason *why)
{
	glob_t devices;
	int err = 0;

	if (glob("/dev/infiniband/uverbs*", 0, NULL, &devices))
		return fail(why, ENODEV, "there is no /dev/infiniband/uverbs*");
	for (size_t i = 0; i < devices.gl_pathc; i++) {
		struct probe_file file;
		int fd = open(devices.gl_pathv[i], O_RDWR | O_CLOEXEC);

		if (fd < 0) {
			err = fail_errno(why, errno, "%s", devices.gl_pathv[i]);
			continue;
		}
		if (probe_own_file(search->probe, fd, &file, why))
			err = -EIO;
		else if (layout->f_op[0] && layout->f_op[0] != file.f_op)
			layout->f_op[1] = file.f_op;
		else
			layout->f_op[0] = file.f_op;
		close(fd);
	}
	globfree(&devices);
	/* One of a kind is enough. */
	return layout->f_op[0] ? 0 : err;
}

static int learn_rdma(struct search *search, void **state, struct reason *why)
{
	struct types *types = &search->probe->types;
	struct rdma_layout *layout = calloc(1, sizeof(*layout));
	struct reason ignored;
	int err;

	if (!layout)
		return fail_errno(why, ENOMEM, "RDMA");
	err = learn_files(search, layout, why);
	if (!err) {
		/* Each may be built in. */
		types_add_module(types, "ib_core", &ignored);
		types_add_module(types, "ib_uverbs", &ignored);
		if (learn_layout(types, layout))
			err = fail(why, ENOENT,
				   "this kernel does not tell the types of RDMA (modules do since 5.11)");
		else if (!learn_drivers(types, layout))
			err = fail(why, ENOENT, "no RDMA driver that is known: %s, %s, %s, %s",
				   drivers[0].module, drivers[1].module, drivers[2].module,
				   drivers[3].module);
	}
	if (err)
		free(layout);
	else
		*state = layout;
	return err;
}

static uint64_t number(const unsigned char *raw, struct member member)
{
	uint64_t value = 0;

	memcpy(&value, raw + member.offset, member.size);
	return value;
}

/* Page frames, one a page of the region, from its scatterlists, which are chained. */
static int read_pages(struct search *search, const struct rdma_layout *layout, uint64_t list,
		      uint64_t *pfns, size_t pages, struct reason *why)
{
	size_t page_size = search->inspection->host->page_size, done = 0;
	unsigned char raw[ENTRY_MAX];
	int err = 0;

	for (unsigned i = 0; !err && i < OBJECTS_MAX && done < pages; i++) {
		uint64_t link, pfn;

		err = probe_read(search->probe, list, raw, layout->list_size, why);
		if (err)
			break;
		link = number(raw, layout->link);
		list += layout->list_size;
		if (link & LINK_CHAIN) {
			list = link & ~(uint64_t)LINK_FLAGS;
			continue;
		}
		err = probe_page_pfn(search->probe, link & ~(uint64_t)LINK_FLAGS, &pfn);
		pfn += number(raw, layout->list_offset) / page_size;
		for (uint64_t left = number(raw, layout->list_length) / page_size;
		     !err && left && done < pages; left--)
			pfns[done++] = pfn++;
	}
	return err;
}

static int read_driver(struct search *search, const struct rdma_layout *layout, uint64_t region,
		       size_t *driver, int *node, struct reason *why)
{
	uint64_t device, parent, id;
	struct reason ignored;
	int err = read_member(search->probe, region, layout->device, &device, why);

	if (!err)
		err = read_member(search->probe, device, layout->driver, &id, why);
	if (err)
		return err;
	*driver = 0;
	while (*driver < DRIVERS && (drivers[*driver].id != id || !layout->known[*driver]))
		++*driver;
	*node = -1;
	if (layout->nodes && !read_member(search->probe, device, layout->parent, &parent, &ignored))
		*node = read_node(search->probe, parent, layout->numa_node);
	return 0;
}

/* What a struct ib_umem says. */
struct umem {
	uint64_t mm, address, length, list, count;
};

static int read_umem(struct search *search, const struct rdma_layout *layout, uint64_t at,
		     struct umem *umem, struct reason *why)
{
	const struct {
		struct member member;
		uint64_t *value;
	} wanted[] = {
		{ layout->mm, &umem->mm },         { layout->address, &umem->address },
		{ layout->length, &umem->length }, { layout->list, &umem->list },
		{ layout->count, &umem->count },
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(wanted) / sizeof(wanted[0]); i++)
		err = read_member(search->probe, at, wanted[i].member, wanted[i].value, why);
	return err;
}

static int add_region(struct search *search, const struct rdma_layout *layout,
		      const struct probe_file *file, uint64_t region, struct reason *why)
{
	uint64_t page_size = search->inspection->host->page_size;
	uint64_t at, id, first, pages, *pfns;
	struct umem umem;
	struct holder *holder;
	size_t driver;
	int node, err = read_driver(search, layout, region, &driver, &node, why);

	if (err || driver == DRIVERS)
		return err;
	err = read_member(search->probe, region - layout->region[driver].offset,
			  layout->umem[driver], &at, why);
	if (err || !at)
		return err;
	err = read_umem(search, layout, at, &umem, why);
	if (!err)
		err = read_member(search->probe, region, layout->id, &id, why);
	if (err || umem.mm != search->target_mm)
		return err;
	first = umem.address / page_size * page_size;
	pages = (umem.address + umem.length - first + page_size - 1) / page_size;
	if (!umem.list || !umem.count || !umem.length || umem.address >> 63 ||
	    pages > HOLDER_RANGE_MAX)
		return 0;
	if (pages > HOLDER_PAGES_MAX) {
		fail(&search->inspection->blind[HOLDER_RDMA], EFBIG,
		     "one memory region has %" PRIu64 " pages, of which no list is read", pages);
		return 0;
	}
	pfns = calloc(pages, sizeof(*pfns));
	if (!pfns)
		return fail_errno(why, ENOMEM, "memory region");
	err = read_pages(search, layout, umem.list, pfns, pages, why);
	holder = err ? NULL : holders_add(search, HOLDER_RDMA, file);
	if (holder) {
		holder->class = PIN_CLASS_LONGTERM;
		holder->confidence = CONFIDENCE_EXACT;
		holder->index = (unsigned)id;
		holder->edge = umem.address % page_size || (umem.address + umem.length) % page_size;
		holder->start = first;
		holder->end = first + pages * page_size;
		holder->device_node = node;
		err = compare_pages(search, holder, pfns, why);
	}
	free(pfns);
	return err;
}

/* An object of any type. */
static int look_at_object(struct search *search, const struct rdma_layout *layout,
			  const struct probe_file *file, uint64_t object, struct reason *why)
{
	uint64_t api, id = 0, region;
	int err = read_member(search->probe, object, layout->api_object, &api, why);

	if (!err)
		err = read_member(search->probe, api, layout->api_id, &id, why);
	if (err || id != OBJECT_MR)
		return err;
	err = read_member(search->probe, object, layout->object, &region, why);
	return err || !region ? err : add_region(search, layout, file, region, why);
}

static int look_rdma(struct search *search, void *state, const struct probe_file *file,
		     struct reason *why)
{
	const struct rdma_layout *layout = state;
	uint64_t head = file->private_data + layout->objects.offset, next;
	int err;

	if (file->f_op != layout->f_op[0] && file->f_op != layout->f_op[1])
		return 0;
	err = probe_read(search->probe, head, &next, sizeof(next), why);
	for (unsigned i = 0; !err && next != head && i < OBJECTS_MAX; i++) {
		err = look_at_object(search, layout, file, next - layout->next.offset, why);
		if (!err)
			err = probe_read(search->probe, next, &next, sizeof(next), why);
	}
	return err;
}

const struct holder_source holder_rdma = {
	.kind = HOLDER_RDMA,
	.learn = learn_rdma,
	.look = look_rdma,
};
