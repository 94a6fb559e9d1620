/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_NODE_H
#define THPIN_HOST_NODE_H

#include <stdint.h>
#include <sys/types.h>

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

/* The nodes, as a mask, that memory of the caller comes from; 0: not known. */
uint64_t nodes_bound(void);

/*
 * The nodes, as a mask, of the CPUs that threads of process @pid may run on. Those
 * from 64 on are left out. Needs no rights. Returns 0, -ENOTSUP (no libnuma, or no
 * NUMA), -ESRCH when the process is gone.
 */
int nodes_of_process(pid_t pid, uint64_t *nodes);

#endif
