// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/frames.h"

#include <stdbool.h>
#include <string.h>

#include "util/io.h"

/* Magic, kind, size (little endian), data. */
#define HEADER 9
static const unsigned char magic[4] = { 0x7f, 'T', 'P', 0x01 };

int frame_write(int fd, enum frame_kind kind, const void *data, size_t size)
{
	unsigned char bytes[HEADER + FRAME_MAX];

	memcpy(bytes, magic, sizeof(magic));
	bytes[4] = (unsigned char)kind;
	for (unsigned i = 0; i < 4; i++)
		bytes[5 + i] = (unsigned char)(size >> 8 * i);
	memcpy(bytes + HEADER, data, size);
	return write_all(fd, bytes, HEADER + size);
}

size_t frame_feed(struct frame_reader *reader, const void *data, size_t size)
{
	size_t room = sizeof(reader->buffer) - reader->used;

	if (size > room)
		size = room;
	memcpy(reader->buffer + reader->used, data, size);
	reader->used += size;
	return size;
}

static void skip(struct frame_reader *reader, size_t size)
{
	reader->used -= size;
	memmove(reader->buffer, reader->buffer + size, reader->used);
}

static bool is_kind(unsigned char kind)
{
	return kind == FRAME_HELLO || kind == FRAME_STDOUT || kind == FRAME_STDERR ||
	       kind == FRAME_EXIT || kind == FRAME_FAILED;
}

int frame_next(struct frame_reader *reader, struct frame *frame)
{
	while (reader->used >= HEADER) {
		const unsigned char *head = reader->buffer;
		uint32_t size = (uint32_t)head[5] | (uint32_t)head[6] << 8 |
				(uint32_t)head[7] << 16 | (uint32_t)head[8] << 24;

		if (memcmp(head, magic, sizeof(magic)) || !is_kind(head[4]) || size > FRAME_MAX) {
			skip(reader, 1);
			continue;
		}
		if (reader->used < HEADER + size)
			return 0;
		frame->kind = (enum frame_kind)head[4];
		frame->size = size;
		memcpy(frame->data, head + HEADER, size);
		skip(reader, HEADER + size);
		return 1;
	}
	return 0;
}
