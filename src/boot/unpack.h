/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_BOOT_UNPACK_H
#define THPIN_BOOT_UNPACK_H

#include <stddef.h>

#include "util/reason.h"

/*
 * Undo whatever compression @data has: all that libarchive knows, which is all
 * that kernels and modules are compressed with. Data without any comes out as
 * it is. *out is the caller's to free. Returns 0 or -errno; -ENOTSUP without
 * libarchive.
 */
int unpack(const void *data, size_t size, char **out, size_t *out_size, struct reason *why);

#endif
