// SPDX-License-Identifier: GPL-2.0-or-later
/* What the guest writes, piece by piece, comes out as it was, however it is cut up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/frames.h"
#include "boot/squeeze.h"
#include "config.h"
#include "tap.h"

static unsigned char data[SQUEEZE_IN], out[SQUEEZE_OUT], back[SQUEEZE_IN];

static bool comes_back(struct squeeze *to, struct squeeze *from, size_t size, size_t *squeezed)
{
	size_t back_size = 0;

	*squeezed = squeeze(to, data, size, out);
	memset(back, 0xa5, sizeof(back));
	return !unsqueeze(from, out, *squeezed, back, &back_size) && back_size == size &&
	       !memcmp(back, data, size);
}

static void pieces(void)
{
	struct squeeze *to = squeeze_new(), *from = unsqueeze_new();
	size_t size, text = 0;

	data[0] = 'x';
	ok(comes_back(to, from, 1, &size), "one byte");
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)"\"verdict\": \"in-sync\",\n    "[i % 26];
	for (int i = 0; i < 40; i++)
		ok(comes_back(to, from, sizeof(data), &text), "text, piece %d", i);
#if HAVE_ZLIB
	ok(text < sizeof(data) / 20, "text becomes small: %zu bytes", text);
#endif
	srand(1);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(rand() >> 8);
	ok(comes_back(to, from, sizeof(data), &size), "noise");
	ok(size <= SQUEEZE_OUT, "noise has room: %zu bytes", size);
	squeeze_free(to);
	unsqueeze_free(from);
}

static void framed(void)
{
	static const char noise[] = { 'S', 'e', 'a', 'B', 'I', 'O', 'S', '\r', '\n', '\177', 'T' };
	struct frame_reader *reader = calloc(1, sizeof(*reader));
	struct frame *frame = calloc(1, sizeof(*frame));
	unsigned char bytes[2 * FRAME_MAX];
	ssize_t size, got = 0;
	int pipe_fds[2];

	if (!reader || !frame || pipe(pipe_fds))
		bail_out("no memory, or no pipe");
	frame_write(pipe_fds[1], FRAME_STDOUT, data, sizeof(data));
	frame_write(pipe_fds[1], FRAME_EXIT, "\1", 1);
	memcpy(bytes, noise, sizeof(noise));
	size = (ssize_t)sizeof(noise);
	size += read(pipe_fds[0], bytes + size, sizeof(bytes) - (size_t)size);
	while (got < size && !frame_next(reader, frame))
		got += (ssize_t)frame_feed(reader, bytes + got, 1);
	is_int(frame->kind, FRAME_STDOUT, "a frame after noise, byte by byte");
	ok(frame->size == sizeof(data) && !memcmp(frame->data, data, sizeof(data)), "its data");
	frame_feed(reader, bytes + got, (size_t)(size - got));
	ok(frame_next(reader, frame) && frame->kind == FRAME_EXIT && frame->data[0] == 1,
	   "the next one");
	is_int(frame_next(reader, frame), 0, "no more");
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	free(frame);
	free(reader);
}

static void broken(void)
{
#if HAVE_ZLIB
	struct squeeze *from = unsqueeze_new();
	size_t size;

	is_int(unsqueeze(from, "not deflated", 12, back, &size), -EBADMSG, "no deflate stream");
	unsqueeze_free(from);
#endif
}

int main(void)
{
	pieces();
	framed();
	broken();
	return done_testing();
}
