// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/rdma_netlink.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* A kernel that does not answer must not hang thpin. */
#define PATIENCE_S 10

void rdma_request_begin(struct rdma_request *request, unsigned command, unsigned flags)
{
	*request = (struct rdma_request){
		.head = { .nlmsg_len = NLMSG_HDRLEN,
			  .nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, command),
			  .nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags) },
	};
}

void rdma_request_put(struct rdma_request *request, unsigned type, const void *data, size_t size)
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

int rdma_attributes(const unsigned char *data, size_t size, rdma_attribute_fn *each, void *context)
{
	int err = 0;

	while (!err && size >= NLA_HDRLEN) {
		struct nlattr attribute;
		size_t length;

		memcpy(&attribute, data, sizeof(attribute));
		if (attribute.nla_len < NLA_HDRLEN || attribute.nla_len > size)
			break;
		err = each(attribute.nla_type & NLA_TYPE_MASK, data + NLA_HDRLEN,
			   attribute.nla_len - (size_t)NLA_HDRLEN, context);
		length = NLA_ALIGN(attribute.nla_len);
		if (length >= size)
			break;
		data += length;
		size -= length;
	}
	return err;
}

int rdma_take_answers(const unsigned char *data, size_t size, rdma_message_fn *each, void *context)
{
	while (size >= NLMSG_HDRLEN) {
		struct nlmsghdr head;
		size_t length;
		int err = 0;

		memcpy(&head, data, sizeof(head));
		if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > size)
			return -EBADMSG;
		if (head.nlmsg_type == NLMSG_DONE)
			return 0;
		if (head.nlmsg_type == NLMSG_ERROR) {
			if (head.nlmsg_len < NLMSG_HDRLEN + sizeof(err))
				return -EBADMSG;
			memcpy(&err, data + NLMSG_HDRLEN, sizeof(err));
			/* 0 acknowledges; there are no positive ones. */
			return err > 0 ? -EBADMSG : err;
		}
		if (each)
			err = each(data + NLMSG_HDRLEN, head.nlmsg_len - (size_t)NLMSG_HDRLEN,
				   context);
		if (err)
			return err;
		length = NLMSG_ALIGN(head.nlmsg_len);
		if (length >= size)
			break;
		data += length;
		size -= length;
	}
	return 1;
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

int rdma_converse(const struct rdma_request *request, rdma_message_fn *each, void *context)
{
	unsigned char data[16384] __attribute__((aligned(NLMSG_ALIGNTO)));
	int fd = open_netlink(), err = 1;

	if (fd < 0)
		return fd;
	if (send(fd, request, request->head.nlmsg_len, 0) < 0)
		err = -errno;
	while (err > 0) {
		ssize_t size = recv(fd, data, sizeof(data), 0);

		err = size < 0 ? -errno : rdma_take_answers(data, (size_t)size, each, context);
	}
	close(fd);
	return err;
}
