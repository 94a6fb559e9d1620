// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decompression by libarchive. Like libkmod (boot/modules.c), it is loaded only
 * when it is wanted.
 */
#include "boot/unpack.h"

#include "config.h"

#if HAVE_LIBARCHIVE

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/library.h"

#define LIBARCHIVE "libarchive.so.13"

/* The functions that are used; each has the type that the header gives it. */
struct archive_calls {
	__typeof__(&archive_read_new) new;
	__typeof__(&archive_read_free) free;
	__typeof__(&archive_read_support_filter_all) filter_all;
	__typeof__(&archive_read_support_format_raw) format_raw;
	__typeof__(&archive_read_open_memory) open_memory;
	__typeof__(&archive_read_next_header) next_header;
	__typeof__(&archive_read_data) data;
	__typeof__(&archive_error_string) error;
};

#define CALL(member, function) LIBRARY_CALL(struct archive_calls, member, function)

static const struct library_call calls_wanted[] = {
	CALL(new, archive_read_new),
	CALL(free, archive_read_free),
	CALL(filter_all, archive_read_support_filter_all),
	CALL(format_raw, archive_read_support_format_raw),
	CALL(open_memory, archive_read_open_memory),
	CALL(next_header, archive_read_next_header),
	CALL(data, archive_read_data),
	CALL(error, archive_error_string),
};

static const struct library libarchive = {
	.soname = LIBARCHIVE,
	.wanted_by = "decompression needs",
	.packages = "Debian: libarchive13, Fedora: libarchive",
	.calls = calls_wanted,
	.count = sizeof(calls_wanted) / sizeof(calls_wanted[0]),
};

/* To the end of @archive, into memory. */
static int read_out(const struct archive_calls *calls, struct archive *archive, FILE *stream)
{
	char block[65536];
	ssize_t size;

	while ((size = calls->data(archive, block, sizeof(block))) > 0)
		if (fwrite(block, (size_t)size, 1, stream) != 1)
			return -1;
	return (int)size;
}

static int unpack_with(const struct archive_calls *calls, const void *data, size_t size, char **out,
		       size_t *out_size, struct reason *why)
{
	struct archive *archive = calls->new ();
	FILE *stream = open_memstream(out, out_size);
	struct archive_entry *entry;
	int bad = !archive || !stream;

	/* One that would need a program that is not here is no error. */
	if (!bad)
		bad = calls->filter_all(archive) < ARCHIVE_WARN || calls->format_raw(archive) ||
		      calls->open_memory(archive, data, size) ||
		      calls->next_header(archive, &entry) || read_out(calls, archive, stream);
	if (stream && fclose(stream))
		bad = 1;
	if (bad) {
		const char *text = archive ? calls->error(archive) : NULL;

		fail(why, EIO, "cannot decompress: %s", text ? text : "out of memory");
		if (stream)
			free(*out);
	}
	if (archive)
		calls->free(archive);
	return bad ? -EIO : 0;
}

int unpack(const void *data, size_t size, char **out, size_t *out_size, struct reason *why)
{
	struct archive_calls calls;
	void *loaded = library_load(&libarchive, &calls, why);
	int err;

	if (!loaded)
		return -ENOTSUP;
	err = unpack_with(&calls, data, size, out, out_size, why);
	dlclose(loaded);
	return err;
}

#else

int unpack(const void *data, size_t size, char **out, size_t *out_size, struct reason *why)
{
	(void)data;
	(void)size;
	(void)out;
	(void)out_size;
	return fail(why, ENOTSUP, LIBARCHIVE_REASON);
}

#endif
