/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_KMSG_H
#define THPIN_PROCFS_KMSG_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Watch /dev/kmsg for warnings that appear while a case runs
 * (Documentation/ABI/testing/dev-kmsg).
 */

/* Open at the end of the log. Returns a descriptor or -errno (EPERM: dmesg_restrict). */
int kmsg_open(void);

/*
 * Count the warnings logged since the last call; the text of the first one goes
 * to @first (cut at @size), which is left alone when there is none. Returns the
 * count or -errno.
 */
int kmsg_warnings(int fd, char *first, size_t size);

/* True when a raw /dev/kmsg record is a kernel WARNING, BUG, Oops or the like. */
bool kmsg_is_warning(const char *record);

#endif
