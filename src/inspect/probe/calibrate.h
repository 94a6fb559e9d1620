/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_CALIBRATE_H
#define THPIN_INSPECT_PROBE_CALIBRATE_H

#include "inspect/probe/probe.h"

/*
 * Find probe->vmemmap and probe->direct_map, and prove them. Needs page frame
 * numbers (CAP_SYS_ADMIN) and a back end that reads. Returns 0 or -errno with a
 * reason; without a direct map it returns 0, and probe->no_direct_map says why.
 */
int calibrate(struct probe *probe, struct reason *why);

#endif
