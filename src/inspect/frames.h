/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_FRAMES_H
#define THPIN_INSPECT_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "inspect/probe/probe.h"

/*
 * Looking up the pages of a process in the order of their page frames, not of
 * their addresses: struct pages that are near each other come with one read.
 */

/* As many pages as are looked up together; 6 MiB of memory. */
#define FRAMES_MAX ((size_t)1 << 18)

struct frames {
	uint64_t *keys, *spare; /* page frame and index, FRAMES_MAX each */
	uint64_t *pfns;
	struct page_state *states;
};

/* Returns 0 or -ENOMEM; frames_close() in any case. */
int frames_open(struct frames *frames);
void frames_close(struct frames *frames);

/* The state of the page of entries[index]. */
typedef void frame_fn(size_t index, const struct page_state *state, void *context);

/*
 * Call @each for those of @count pagemap entries (FRAMES_MAX at most) that are
 * present and show their page frame, in no order. Returns 0 or -errno with a
 * reason.
 */
int frames_each(struct frames *frames, struct probe *probe, const uint64_t *entries, size_t count,
		frame_fn *each, void *context, struct reason *why);

#endif
