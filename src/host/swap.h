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
 * See to it that @size bytes can be swapped out: nothing when so much swap is
 * free already, else a loop device over a memfd is turned on. The guardian turns
 * it off again (NULL: it stays on); the loop device then clears itself. Returns
 * 0 or -errno.
 */
int swap_ensure(size_t size, struct guardian *guardian, struct reason *why);

#endif
