// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/frames.h"

#include <stdlib.h>
#include <string.h>

#include "procfs/pagemap.h"

/* A key is the page frame above the index. */
#define INDEX_BITS 18

/* Page frames sorted by this many bits a pass. */
#define DIGIT_BITS 11
#define DIGITS ((size_t)1 << DIGIT_BITS)

/* States that are read together. */
#define PIECE 4096u

int frames_open(struct frames *frames)
{
	frames->keys = malloc(FRAMES_MAX * sizeof(*frames->keys));
	frames->spare = malloc(FRAMES_MAX * sizeof(*frames->spare));
	frames->pfns = malloc(PIECE * sizeof(*frames->pfns));
	frames->states = malloc(PIECE * sizeof(*frames->states));
	return frames->keys && frames->spare && frames->pfns && frames->states ? 0 : -ENOMEM;
}

void frames_close(struct frames *frames)
{
	free(frames->keys);
	free(frames->spare);
	free(frames->pfns);
	free(frames->states);
}

/* One pass of a radix sort, from keys to spare, by the digit at @shift. */
static void sort_digit(struct frames *frames, size_t count, unsigned shift)
{
	size_t places[DIGITS] = { 0 }, at = 0;
	uint64_t *keys = frames->keys;

	for (size_t i = 0; i < count; i++)
		places[keys[i] >> shift & (DIGITS - 1)]++;
	for (size_t digit = 0; digit < DIGITS; digit++) {
		size_t here = places[digit];

		places[digit] = at;
		at += here;
	}
	for (size_t i = 0; i < count; i++)
		frames->spare[places[keys[i] >> shift & (DIGITS - 1)]++] = keys[i];
	frames->keys = frames->spare;
	frames->spare = keys;
}

static void sort(struct frames *frames, size_t count, uint64_t highest)
{
	for (unsigned shift = INDEX_BITS; shift < 64 && highest >> shift; shift += DIGIT_BITS)
		sort_digit(frames, count, shift);
}

/* The keys of all entries that have a page frame, sorted. */
static size_t make_keys(struct frames *frames, const uint64_t *entries, size_t count)
{
	uint64_t highest = 0, last = 0;
	bool sorted = true;
	size_t keys = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t pfn = pagemap_pfn(entries[i]), key = pfn << INDEX_BITS | i;

		if (!pfn)
			continue;
		frames->keys[keys++] = key;
		highest |= key;
		sorted &= key > last;
		last = key;
	}
	if (!sorted)
		sort(frames, keys, highest);
	return keys;
}

int frames_each(struct frames *frames, struct probe *probe, const uint64_t *entries, size_t count,
		frame_fn *each, void *context, struct reason *why)
{
	size_t keys = make_keys(frames, entries, count);
	int err = 0;

	for (size_t first = 0; !err && first < keys; first += PIECE) {
		size_t piece = keys - first < PIECE ? keys - first : PIECE;

		for (size_t i = 0; i < piece; i++)
			frames->pfns[i] = frames->keys[first + i] >> INDEX_BITS;
		err = probe_page_list(probe, frames->pfns, piece, frames->states, why);
		for (size_t i = 0; !err && i < piece; i++)
			each(frames->keys[first + i] & (FRAMES_MAX - 1), &frames->states[i],
			     context);
	}
	return err;
}
