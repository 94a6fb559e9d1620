/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_SWAP_H
#define THPIN_HOST_SWAP_H

#include <stddef.h>

#include "util/reason.h"

struct guardian;
struct host;

/* 0 when swap of some size is on or can be made here, else -errno with a reason. */
int swap_probe(const struct host *host, struct reason *why);

/*
 * See to it that @size bytes can be swapped out: by swap of our own, which is
 * used before any other, or, without the right to make some, by what is free.
 * The guardian turns ours off again (NULL: it stays on); its loop device then
 * clears itself. Returns 0 or -errno.
 */
int swap_ensure(const struct host *host, size_t size, struct guardian *guardian,
		struct reason *why);

/*
 * Write what mkswap(8) does (union swap_header, include/linux/swap.h) to an empty file
 * of @size bytes, for a kernel with pages of @page_size bytes, which are the unit of
 * the header and its size. And every other page, so that swapping out needs no memory.
 * Returns 0 or -errno.
 */
int swap_format(int fd, size_t size, size_t page_size);

#endif
