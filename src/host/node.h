/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_NODE_H
#define THPIN_HOST_NODE_H

#include "util/reason.h"

/*
 * NUMA nodes as a list: "1" or "0,2-3". Each of these returns 0, or -errno with
 * a reason: -EINVAL when the list is none or names a node without memory.
 */
int nodes_check(const char *nodes, struct reason *why);

/* Run the caller on the CPUs of @nodes and allocate its memory there only. */
int nodes_bind(const char *nodes, struct reason *why);

/*
 * Run the calling thread, one of several of which it is the @number-th, on one
 * CPU: the threads take the nodes in turn, and on each node its CPUs.
 */
int nodes_bind_thread(const char *nodes, unsigned number, struct reason *why);

#endif
