// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/tags.h"

#include <string.h>

#include "memory/memory.h"

uint64_t tag_word(enum tag tag, unsigned page, uint64_t seed)
{
	uint32_t who = (uint32_t)tag * 0x01010101u;
	uint32_t where = page ^ (uint32_t)(seed * 0x9e3779b1u);

	return (uint64_t)where << 32 | who;
}

uint64_t tag_old(const struct region *region, unsigned page, uint64_t seed)
{
	return region->ops->traits & MEMORY_WRITTEN ? tag_word(TAG_OLD, page, seed) : 0;
}

void tag_fill(void *data, size_t size, enum tag tag, unsigned page, uint64_t seed)
{
	uint64_t line[8];
	size_t at = 0;

	for (unsigned i = 0; i < 8; i++)
		line[i] = tag_word(tag, page, seed);
	/* By lines: an emulated CPU takes as long for a word as for two. */
	for (; at + sizeof(line) <= size; at += sizeof(line))
		memcpy((char *)data + at, line, sizeof(line));
	memcpy((char *)data + at, line, size - at);
}

void tag_invert(unsigned char *data, const unsigned char *device, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (unsigned char)~device[i];
}

void tag_region(struct region *region, enum tag tag, uint64_t seed)
{
	if (tag == TAG_OLD && !(region->ops->traits & MEMORY_WRITTEN))
		return;
	for (unsigned i = 0; i < region->pages; i++)
		if (region->page[i])
			tag_fill(region->page[i], region->page_size, tag, i, seed);
}

static void note_range(struct loss_record *loss, unsigned page)
{
	struct page_range *last = NULL;

	if (loss->ranges_used)
		last = &loss->ranges[loss->ranges_used - 1];
	if (last && last->first + last->count == page)
		last->count++;
	else if (loss->ranges_used < LOSS_RANGES)
		loss->ranges[loss->ranges_used++] = (struct page_range){ page, 1 };
}

static enum sees classify(const unsigned char *cpu, unsigned page, uint64_t seed)
{
	uint64_t word;

	memcpy(&word, cpu, sizeof(word));
	if (word == tag_word(TAG_OLD, page, seed))
		return SEES_OLD;
	if (word == tag_word(TAG_CPU, page, seed))
		return SEES_CPU_WRITE;
	return word ? SEES_OTHER : SEES_ZERO;
}

/* Keep the first bytes that differ, of @size at @offset; returns where they are. */
static size_t note_first(struct loss_record *loss, uint64_t offset, size_t size,
			 const unsigned char *cpu, const unsigned char *device)
{
	size_t at = 0;

	/* Words are written whole, so the first differing word is the place. */
	while (at + SAMPLE_BYTES < size && !memcmp(cpu + at, device + at, 8))
		at += 8;
	loss->first_offset = offset + at;
	memcpy(loss->cpu, cpu + at, SAMPLE_BYTES);
	memcpy(loss->device, device + at, SAMPLE_BYTES);
	return at;
}

void tag_compare(const struct region *region, const unsigned char *device, uint64_t seed,
		 struct loss_record *loss, unsigned char *lost)
{
	for (unsigned i = 0; i < region->pages; i++) {
		const unsigned char *dma = device + (size_t)i * region->page_size;

		if (!region->page[i] || !memcmp(region->page[i], dma, region->page_size))
			continue;
		if (!loss->pages++) {
			size_t at = note_first(loss, (uint64_t)i * region->page_size,
					       region->page_size, region->page[i], dma);

			loss->cpu_sees = classify(region->page[i] + at, i, seed);
		}
		note_range(loss, i);
		lost[i] = 1;
	}
}

/* The first word of the page that one of the forbidden tags has stored, or NULL. */
static const unsigned char *find_leak(const struct region *region, const struct tag_view *view,
				      unsigned page, uint64_t seed, enum tag *tag)
{
	const unsigned char *at = view->bytes + (size_t)page * region->page_size;
	uint64_t old = tag_old(region, page, seed);

	/* Nothing stored since: the whole page is its first word. */
	if (!memcmp(at, &old, sizeof(old)) &&
	    !memcmp(at, at + sizeof(old), region->page_size - sizeof(old)))
		return NULL;
	for (size_t i = 0; i < region->page_size; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, at + i, sizeof(word));
		for (unsigned j = 0; j < 2; j++) {
			*tag = view->forbidden[j];
			if (word == tag_word(*tag, page, seed))
				return at + i;
		}
	}
	return NULL;
}

void tag_leaks(const struct region *region, const struct tag_view *view, uint64_t seed,
	       struct loss_record *loss)
{
	for (unsigned i = 0; i < region->pages; i++) {
		const unsigned char *at;
		enum tag tag;

		if (view->present && !view->present[i])
			continue;
		at = find_leak(region, view, i, seed, &tag);
		if (!at)
			continue;
		if (!loss->pages++) {
			uint64_t old = tag_old(region, i, seed);

			loss->first_offset = (uint64_t)(at - view->bytes);
			loss->seen_by = view->by;
			loss->cpu_sees = tag == TAG_DEVICE ? SEES_DEVICE_WRITE :
					 tag == TAG_CHILD  ? SEES_CHILD_WRITE :
							     SEES_CPU_WRITE;
			/* A page may end here: its word twice. */
			for (size_t j = 0; j < SAMPLE_BYTES; j += sizeof(old)) {
				memcpy(loss->seen + j, at, sizeof(old));
				memcpy(loss->wanted + j, &old, sizeof(old));
			}
		}
		note_range(loss, i);
	}
}

void tag_note_part(struct loss_record *loss, const struct region *region, size_t offset,
		   const unsigned char *device, size_t size, unsigned char *lost)
{
	unsigned page = (unsigned)(offset / region->page_size);
	const unsigned char *cpu = region->page[page] + offset % region->page_size;
	uint64_t sees, wrote;
	size_t at;

	if (lost[page])
		return;
	lost[page] = 1;
	note_range(loss, page);
	if (loss->pages++)
		return;
	at = note_first(loss, offset, size, cpu, device);
	memcpy(&sees, cpu + at, sizeof(sees));
	memcpy(&wrote, device + at, sizeof(wrote));
	loss->cpu_sees = sees == ~wrote ? SEES_OLD : sees ? SEES_OTHER : SEES_ZERO;
}
