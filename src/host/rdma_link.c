// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/rdma_link.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "host/rdma_netlink.h"

/* What is looked for in the list of devices. */
struct wanted {
	const char *name;
	uint32_t index;
	bool found;
};

/* What a message says of one device. */
struct device {
	const struct wanted *wanted;
	uint32_t index;
	bool named; /* as wanted */
};

static int take_attribute(unsigned type, const unsigned char *data, size_t size, void *context)
{
	struct device *device = context;
	const char *name = device->wanted->name;

	if (type == RDMA_NLDEV_ATTR_DEV_INDEX && size == sizeof(device->index))
		memcpy(&device->index, data, sizeof(device->index));
	if (type == RDMA_NLDEV_ATTR_DEV_NAME)
		device->named = size == strlen(name) + 1 && !memcmp(data, name, size);
	return 0;
}

static int look_at_device(const unsigned char *attributes, size_t size, void *context)
{
	struct wanted *wanted = context;
	struct device device = { .wanted = wanted };

	rdma_attributes(attributes, size, take_attribute, &device);
	if (device.named) {
		wanted->index = device.index;
		wanted->found = true;
	}
	return 0;
}

int rdma_link_add(const char *name, const char *type, const char *interface, struct reason *why)
{
	struct rdma_request request;
	int err;

	if (strlen(name) + strlen(type) + strlen(interface) > 160)
		return fail(why, ENAMETOOLONG, "RDMA link %s", name);
	rdma_request_begin(&request, RDMA_NLDEV_CMD_NEWLINK, NLM_F_ACK);
	rdma_request_put(&request, RDMA_NLDEV_ATTR_DEV_NAME, name, strlen(name) + 1);
	rdma_request_put(&request, RDMA_NLDEV_ATTR_LINK_TYPE, type, strlen(type) + 1);
	rdma_request_put(&request, RDMA_NLDEV_ATTR_NDEV_NAME, interface, strlen(interface) + 1);
	err = rdma_converse(&request, NULL, NULL);
	if (err == -EINVAL)
		return fail(why, ENODEV,
			    "the kernel knows no RDMA link of type %s (modprobe rdma_%s)", type,
			    type);
	return err ? fail_errno(why, -err, "cannot add an RDMA link of type %s on %s", type,
				interface) :
		     0;
}

int rdma_link_remove(const char *name)
{
	struct wanted wanted = { .name = name };
	struct rdma_request request;
	int err;

	rdma_request_begin(&request, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	err = rdma_converse(&request, look_at_device, &wanted);
	if (err || !wanted.found)
		return err;
	rdma_request_begin(&request, RDMA_NLDEV_CMD_DELLINK, NLM_F_ACK);
	rdma_request_put(&request, RDMA_NLDEV_ATTR_DEV_INDEX, &wanted.index, sizeof(wanted.index));
	err = rdma_converse(&request, NULL, NULL);
	return err == -ENODEV ? 0 : err;
}
