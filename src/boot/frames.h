/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_BOOT_FRAMES_H
#define THPIN_BOOT_FRAMES_H

#include <stddef.h>
#include <stdint.h>

#include "boot/squeeze.h"

/*
 * What the guest says over its serial line: frames of one kind each. A line
 * noise before the first frame (firmware) is passed over.
 */
enum frame_kind {
	FRAME_HELLO = 'H',  /* thpin runs as PID 1 */
	FRAME_STDOUT = 'O', /* bytes of the subcommand, squeezed */
	FRAME_STDERR = 'E',
	FRAME_EXIT = 'X',   /* one byte: its exit code; the last frame */
	FRAME_FAILED = 'F', /* text: the guest could not run it */
};

#define FRAME_MAX SQUEEZE_OUT

struct frame {
	enum frame_kind kind;
	uint32_t size;
	unsigned char data[FRAME_MAX];
};

/* Write one frame of at most FRAME_MAX bytes. Returns 0 or -errno. */
int frame_write(int fd, enum frame_kind kind, const void *data, size_t size);

/* Taking frames out of a stream of bytes. */
struct frame_reader {
	unsigned char buffer[2 * FRAME_MAX];
	size_t used;
};

/* Add bytes; as many as have room are taken. Returns how many. */
size_t frame_feed(struct frame_reader *reader, const void *data, size_t size);

/* The next whole frame. Returns 1, or 0 when more bytes are needed. */
int frame_next(struct frame_reader *reader, struct frame *frame);

#endif
