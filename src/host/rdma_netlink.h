/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_RDMA_NETLINK_H
#define THPIN_HOST_RDMA_NETLINK_H

#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stddef.h>

/*
 * Messages of RDMA netlink (include/uapi/rdma/rdma_netlink.h,
 * drivers/infiniband/core/nldev.c), without libmnl: each library that thpin is
 * linked with has to be carried into every guest.
 */

struct rdma_request {
	struct nlmsghdr head;
	unsigned char attributes[256];
};

/* A request without attributes yet; @command and @flags: RDMA_NLDEV_CMD_..., NLM_F_... */
void rdma_request_begin(struct rdma_request *request, unsigned command, unsigned flags);

/* One attribute more. All of a request have to fit, which is the caller's to see to. */
void rdma_request_put(struct rdma_request *request, unsigned type, const void *data, size_t size);

/* Of an answer, the attributes of one message. Returns 0, or -errno to end it. */
typedef int rdma_message_fn(const unsigned char *attributes, size_t size, void *context);

/*
 * Send it and read to the end of the answer; @each (or NULL) gets its messages.
 * The kernel may load ib_core for it. Returns 0 or -errno, also what @each returned.
 */
int rdma_converse(const struct rdma_request *request, rdma_message_fn *each, void *context);

/* The messages of one datagram. Returns 1: more is to come; else as rdma_converse(). */
int rdma_take_answers(const unsigned char *data, size_t size, rdma_message_fn *each, void *context);

/* One attribute, its type without flags. Returns 0, or -errno to end it. */
typedef int rdma_attribute_fn(unsigned type, const unsigned char *data, size_t size, void *context);

/* Each attribute, up to one that is not whole. Returns 0 or what @each returned. */
int rdma_attributes(const unsigned char *data, size_t size, rdma_attribute_fn *each, void *context);

#endif
