/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_KSM_H
#define THPIN_HOST_KSM_H

#include "util/reason.h"

/* Same-page merging, Documentation/admin-guide/mm/ksm.rst. */
#define KSM "/sys/kernel/mm/ksm/"

struct guardian;
struct host;

/*
 * 0 when ksmd can be set to work, and what it has merged can be seen, else -errno
 * with a reason.
 */
int ksm_probe(const struct host *host, struct reason *why);

/* Run ksmd at full speed until the guardian undoes it. Returns 0 or -errno. */
int ksm_run(struct guardian *guardian, struct reason *why);

#endif
