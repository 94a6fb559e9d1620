/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_RDMA_LINK_H
#define THPIN_HOST_RDMA_LINK_H

#include "util/reason.h"

/*
 * RDMA devices in software on a network interface, as rdma-link(8) makes them.
 * They are of the whole machine and outlive whoever made them: have the guardian
 * own one (OWNED_RDMA_LINK) before it is added.
 */

/*
 * Add the RDMA device @name of @type ("rxe") on the interface @interface.
 * Needs CAP_NET_ADMIN. Returns 0 or -errno with a reason.
 */
int rdma_link_add(const char *name, const char *type, const char *interface, struct reason *why);

/* Remove the RDMA device @name. Returns 0, also when there is none, or -errno. */
int rdma_link_remove(const char *name);

#endif
