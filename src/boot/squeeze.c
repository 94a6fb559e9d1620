// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/squeeze.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#if HAVE_ZLIB

#include <zlib.h>

struct squeeze {
	z_stream stream;
};

struct squeeze *squeeze_new(void)
{
	struct squeeze *new = calloc(1, sizeof(*new));

	if (new &&deflateInit(&new->stream, Z_BEST_SPEED) == Z_OK)
		return new;
	free(new);
	return NULL;
}

struct squeeze *unsqueeze_new(void)
{
	struct squeeze *new = calloc(1, sizeof(*new));

	if (new &&inflateInit(&new->stream) == Z_OK)
		return new;
	free(new);
	return NULL;
}

void squeeze_free(struct squeeze *squeeze)
{
	if (squeeze)
		deflateEnd(&squeeze->stream);
	free(squeeze);
}

void unsqueeze_free(struct squeeze *squeeze)
{
	if (squeeze)
		inflateEnd(&squeeze->stream);
	free(squeeze);
}

static void set(z_stream *stream, const void *data, size_t size, void *out, size_t room)
{
	stream->next_in = (unsigned char *)data;
	stream->avail_in = (unsigned)size;
	stream->next_out = out;
	stream->avail_out = (unsigned)room;
}

size_t squeeze(struct squeeze *squeeze, const void *data, size_t size, void *out)
{
	/* There is room for the worst, five bytes for each 16 KiB and the flush: it cannot fail. */
	set(&squeeze->stream, data, size, out, SQUEEZE_OUT);
	deflate(&squeeze->stream, Z_SYNC_FLUSH);
	return SQUEEZE_OUT - squeeze->stream.avail_out;
}

int unsqueeze(struct squeeze *squeeze, const void *data, size_t size, void *out, size_t *out_size)
{
	int err;

	set(&squeeze->stream, data, size, out, SQUEEZE_IN);
	err = inflate(&squeeze->stream, Z_SYNC_FLUSH);
	*out_size = SQUEEZE_IN - squeeze->stream.avail_out;
	return err == Z_OK && !squeeze->stream.avail_in ? 0 : -EBADMSG;
}

#else

struct squeeze {
	char nothing;
};

struct squeeze *squeeze_new(void)
{
	return calloc(1, sizeof(struct squeeze));
}

struct squeeze *unsqueeze_new(void)
{
	return squeeze_new();
}

void squeeze_free(struct squeeze *squeeze)
{
	free(squeeze);
}

void unsqueeze_free(struct squeeze *squeeze)
{
	free(squeeze);
}

size_t squeeze(struct squeeze *squeeze, const void *data, size_t size, void *out)
{
	(void)squeeze;
	memcpy(out, data, size);
	return size;
}

int unsqueeze(struct squeeze *squeeze, const void *data, size_t size, void *out, size_t *out_size)
{
	(void)squeeze;
	if (size > SQUEEZE_IN)
		return -EBADMSG;
	memcpy(out, data, size);
	*out_size = size;
	return 0;
}

#endif
