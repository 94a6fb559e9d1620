/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_CGROUP_H
#define THPIN_HOST_CGROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "util/reason.h"

struct guardian;

/*
 * A control group of our own for the memory of one worker
 * (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
 */
struct cgroup {
	char path[96];
	bool first; /* version 1 */
};

/* 0 when one can be made here, else -errno with a reason. */
int cgroup_probe(struct reason *why);

/*
 * Make one and move the caller there: what it maps from then on counts there.
 * The guardian removes it. Returns 0 or -errno.
 */
int cgroup_enter(struct cgroup *cgroup, struct guardian *guardian, struct reason *why);

/*
 * The memory that the cgroups of this process allow (proc_pid_cgroup(5)), in KiB;
 * UINT64_MAX: as much as there is.
 */
uint64_t cgroup_limit_kb(void);

/* Have the kernel reclaim all that it can of the group. Returns 0 or -errno. */
int cgroup_squeeze(const struct cgroup *cgroup, struct reason *why);

#endif
