// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/rdma_regions.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/rdma_netlink.h"

/* Where devices are, if ib_core is loaded: opening a netlink socket would load it. */
#define DEVICES "/sys/class/infiniband"

/* More devices than a machine has slots for. */
#define DEVICES_MAX 1024u

struct listing {
	rdma_region_fn *each;
	void *context;
};

static int take_member(unsigned type, const unsigned char *data, size_t size, void *context)
{
	struct rdma_region *region = context;
	uint32_t pid;

	if (type == RDMA_NLDEV_ATTR_RES_MRN && size == sizeof(region->number))
		memcpy(&region->number, data, size);
	if (type == RDMA_NLDEV_ATTR_RES_MRLEN && size == sizeof(region->length))
		memcpy(&region->length, data, size);
	if (type == RDMA_NLDEV_ATTR_RES_PID && size == sizeof(pid)) {
		memcpy(&pid, data, size);
		region->pid = pid <= INT32_MAX ? (pid_t)pid : 0;
	}
	return 0;
}

static int take_entry(unsigned type, const unsigned char *data, size_t size, void *context)
{
	const struct listing *listing = context;
	struct rdma_region region = { 0 };

	if (type != RDMA_NLDEV_ATTR_RES_MR_ENTRY)
		return 0;
	rdma_attributes(data, size, take_member, &region);
	return listing->each(&region, listing->context);
}

static int take_table(unsigned type, const unsigned char *data, size_t size, void *context)
{
	return type == RDMA_NLDEV_ATTR_RES_MR ? rdma_attributes(data, size, take_entry, context) :
						0;
}

static int take_message(const unsigned char *attributes, size_t size, void *context)
{
	return rdma_attributes(attributes, size, take_table, context);
}

int rdma_regions_parse(const unsigned char *data, size_t size, rdma_region_fn *each, void *context)
{
	struct listing listing = { each, context };

	return rdma_take_answers(data, size, take_message, &listing);
}

/* Indices of devices. */
struct devices {
	uint32_t index[DEVICES_MAX];
	size_t count;
};

static int take_index(unsigned type, const unsigned char *data, size_t size, void *context)
{
	struct devices *devices = context;

	if (type == RDMA_NLDEV_ATTR_DEV_INDEX && size == sizeof(devices->index[0]) &&
	    devices->count < DEVICES_MAX)
		memcpy(&devices->index[devices->count++], data, size);
	return 0;
}

static int take_device(const unsigned char *attributes, size_t size, void *context)
{
	return rdma_attributes(attributes, size, take_index, context);
}

int rdma_regions(rdma_region_fn *each, void *context)
{
	struct listing listing = { each, context };
	struct devices *devices;
	struct rdma_request request;
	int err;

	if (access(DEVICES, F_OK))
		return 0;
	devices = calloc(1, sizeof(*devices));
	if (!devices)
		return -ENOMEM;
	rdma_request_begin(&request, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	err = rdma_converse(&request, take_device, devices);
	for (size_t i = 0; !err && i < devices->count; i++) {
		rdma_request_begin(&request, RDMA_NLDEV_CMD_RES_MR_GET, NLM_F_DUMP);
		rdma_request_put(&request, RDMA_NLDEV_ATTR_DEV_INDEX, &devices->index[i],
				 sizeof(devices->index[i]));
		err = rdma_converse(&request, take_message, &listing);
		/* Removed meanwhile. */
		if (err == -EINVAL || err == -ENODEV)
			err = 0;
	}
	free(devices);
	return err;
}
