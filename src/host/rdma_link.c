// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Three messages of RDMA netlink (include/uapi/rdma/rdma_netlink.h,
 * drivers/infiniband/core/nldev.c), without libmnl: each library that thpin is
 * linked with has to be carried into every guest.
 */
#include "host/rdma_link.h"

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "util/io.h"

/* A kernel that does not answer must not hang thpin. */
#define PATIENCE_S 10

struct request {
	struct nlmsghdr head;
	unsigned char attributes[256];
};

static void begin(struct request *request, unsigned command, unsigned flags)
{
	*request = (struct request){
		.head = { .nlmsg_len = NLMSG_HDRLEN,
			  .nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, command),
			  .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) },
	};
}

/* Names are checked by who calls: all fit into the request. */
static void put(struct request *request, unsigned type, const void *data, size_t size)
{
	unsigned char *at = (unsigned char *)request + request->head.nlmsg_len;
	struct nlattr attribute = {
		.nla_len = (uint16_t)(NLA_HDRLEN + size),
		.nla_type = (uint16_t)type,
	};

	memcpy(at, &attribute, sizeof(attribute));
	memcpy(at + NLA_HDRLEN, data, size);
	request->head.nlmsg_len += (uint32_t)NLA_ALIGN(attribute.nla_len);
}

/* A connected socket, or -errno. */
static int open_netlink(void)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_RDMA);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&kernel, sizeof(kernel)))
		return fd;
	close(fd);
	return -errno;
}

/* What is looked for in the list of devices. */
struct wanted {
	const char *name;
	uint32_t index;
	bool found;
};

static void look_at_device(const struct nlmsghdr *head, struct wanted *wanted)
{
	const unsigned char *at = (const unsigned char *)head + NLMSG_HDRLEN;
	const unsigned char *end = (const unsigned char *)head + head->nlmsg_len;
	uint32_t index = 0;
	bool named = false;

	while (at + NLA_HDRLEN <= end) {
		struct nlattr attribute;
		size_t size;

		memcpy(&attribute, at, sizeof(attribute));
		if (attribute.nla_len < NLA_HDRLEN || at + attribute.nla_len > end)
			break;
		size = attribute.nla_len - NLA_HDRLEN;
		if (attribute.nla_type == RDMA_NLDEV_ATTR_DEV_INDEX && size == sizeof(index))
			memcpy(&index, at + NLA_HDRLEN, sizeof(index));
		if (attribute.nla_type == RDMA_NLDEV_ATTR_DEV_NAME)
			named = size == strlen(wanted->name) + 1 &&
				!memcmp(at + NLA_HDRLEN, wanted->name, size);
		at += NLA_ALIGN(attribute.nla_len);
	}
	if (named) {
		wanted->index = index;
		wanted->found = true;
	}
}

/* The answers of one datagram. Returns 1: more to come; else 0 or -errno. */
static int take_answers(const unsigned char *data, size_t size, struct wanted *wanted)
{
	while (size >= NLMSG_HDRLEN) {
		struct nlmsghdr head;
		size_t length;
		int err;

		memcpy(&head, data, sizeof(head));
		if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > size)
			return -EBADMSG;
		if (head.nlmsg_type == NLMSG_DONE)
			return 0;
		if (head.nlmsg_type == NLMSG_ERROR) {
			if (head.nlmsg_len < NLMSG_HDRLEN + sizeof(err))
				return -EBADMSG;
			memcpy(&err, data + NLMSG_HDRLEN, sizeof(err));
			return err;
		}
		if (wanted)
			look_at_device((const struct nlmsghdr *)(const void *)data, wanted);
		length = NLMSG_ALIGN(head.nlmsg_len);
		if (length >= size)
			break;
		data += length;
		size -= length;
	}
	return 1;
}

/* Send it and read to the end of the answer. Returns 0 or -errno. */
static int converse(const struct request *request, struct wanted *wanted)
{
	unsigned char data[16384] __attribute__((aligned(NLMSG_ALIGNTO)));
	int fd = open_netlink(), err = 1;

	if (fd < 0)
		return fd;
	if (send(fd, request, request->head.nlmsg_len, 0) < 0)
		err = -errno;
	while (err > 0) {
		ssize_t size = recv(fd, data, sizeof(data), 0);

		err = size < 0 ? -errno : take_answers(data, (size_t)size, wanted);
	}
	close(fd);
	return err;
}

int rdma_link_add(const char *name, const char *type, const char *interface, struct reason *why)
{
	struct request request;
	int err;

	if (strlen(name) + strlen(type) + strlen(interface) > 160)
		return fail(why, ENAMETOOLONG, "RDMA link %s", name);
	begin(&request, RDMA_NLDEV_CMD_NEWLINK, NLM_F_ACK);
	put(&request, RDMA_NLDEV_ATTR_DEV_NAME, name, strlen(name) + 1);
	put(&request, RDMA_NLDEV_ATTR_LINK_TYPE, type, strlen(type) + 1);
	put(&request, RDMA_NLDEV_ATTR_NDEV_NAME, interface, strlen(interface) + 1);
	err = converse(&request, NULL);
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
	struct request request;
	int err;

	begin(&request, RDMA_NLDEV_CMD_GET, NLM_F_DUMP);
	err = converse(&request, &wanted);
	if (err || !wanted.found)
		return err;
	begin(&request, RDMA_NLDEV_CMD_DELLINK, NLM_F_ACK);
	put(&request, RDMA_NLDEV_ATTR_DEV_INDEX, &wanted.index, sizeof(wanted.index));
	err = converse(&request, NULL);
	return err == -ENODEV ? 0 : err;
}
