/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_CLAIMED_RDMA_H
#define THPIN_INSPECT_CLAIMED_RDMA_H

#include "inspect/holders.h"

/*
 * A holder without an address (start 0) for each RDMA memory region that a thread of
 * the target has made, as RDMA netlink tells; nothing is known of its pages but
 * their number. Returns 0 or -ENOMEM with a reason.
 */
int claimed_regions(struct search *search, struct reason *why);

#endif
