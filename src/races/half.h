/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_RACES_HALF_H
#define THPIN_RACES_HALF_H

#include "races/races.h"

/*
 * The upper half of each THP of a region, which is what splits a PMD; of a
 * region smaller than a THP, its own upper half.
 */
struct half {
	size_t stride; /* bytes from one half to the next */
	size_t size;   /* bytes of one */
};

struct half half_of(const struct region *region);
bool in_upper_half(const struct region *region, unsigned page);

/* Have the watched page in an upper half, or a lower one: before there is a child. */
void watch_half(struct race *race, bool upper);

/*
 * Call @act for the start of each upper half and its size in bytes, until it
 * returns other than 0, which is returned.
 */
int for_each_half(struct race *race,
		  int (*act)(struct race *race, unsigned char *at, size_t size, struct reason *why),
		  struct reason *why);

/* Store the CPU's mark to every lower half, one event. */
void write_lower_halves(struct race *race);

#endif
