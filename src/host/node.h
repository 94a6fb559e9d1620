/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_NODE_H
#define THPIN_HOST_NODE_H

#include "util/reason.h"

/* 0 when NUMA node @node exists and has memory, else -errno with a reason. */
int node_check(int node, struct reason *why);

/* Run the caller on the CPUs of @node and allocate its memory there only. */
int node_bind(int node, struct reason *why);

#endif
