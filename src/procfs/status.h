/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_STATUS_H
#define THPIN_PROCFS_STATUS_H

#include <stdint.h>
#include <sys/types.h>

/*
 * The number behind "@key:" in the text of /proc/PID/status; sizes are in KiB,
 * CapEff is hexadecimal. Returns 0, -ENOENT without such a line, or -EINVAL.
 */
int status_number(const char *text, const char *key, uint64_t *value);

#endif
