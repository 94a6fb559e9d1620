/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_RDMA_REGIONS_H
#define THPIN_HOST_RDMA_REGIONS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The memory regions of all RDMA devices, as rdma-resource(8) lists them, for which
 * no rights are needed. The kernel does not tell their addresses, nor whether they
 * are pinned or paged on demand (fill_res_mr_entry(), drivers/infiniband/core/nldev.c).
 */
struct rdma_region {
	uint32_t number; /* MRN, of its device */
	uint64_t length; /* bytes, 0: the driver does not tell */
	pid_t pid;       /* of the thread that made it, 0: the kernel, or it has exited */
};

/* Returns 0, or -errno to end it. */
typedef int rdma_region_fn(const struct rdma_region *region, void *context);

/*
 * Returns 0, also where there are no devices, or -errno, also what @each returned.
 * Loads no module.
 */
int rdma_regions(rdma_region_fn *each, void *context);

/* The regions of one datagram of the answer. Returns 1: more is to come; else as above. */
int rdma_regions_parse(const unsigned char *data, size_t size, rdma_region_fn *each, void *context);

#endif
