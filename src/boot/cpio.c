// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/cpio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/io.h"

static int put(struct cpio *cpio, const void *data, size_t size)
{
	cpio->offset += size;
	return size && fwrite(data, size, 1, cpio->stream) != 1 ? -EIO : 0;
}

/* Names and data end on a multiple of four. */
static int pad(struct cpio *cpio)
{
	return put(cpio, "\0\0\0", (4 - cpio->offset % 4) % 4);
}

static int entry(struct cpio *cpio, const char *path, mode_t mode, unsigned dev_major,
		 unsigned dev_minor, const void *data, size_t size)
{
	char header[192]; /* 110 bytes, as long as every field fits */
	int err;

	while (*path == '/')
		path++;
	snprintf(header, sizeof(header),
		 "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", ++cpio->inode,
		 mode, 0, 0, 1, 0, size, 0, 0, dev_major, dev_minor, strlen(path) + 1, 0);
	err = put(cpio, header, 110);
	if (!err)
		err = put(cpio, path, strlen(path) + 1);
	if (!err)
		err = pad(cpio);
	if (!err)
		err = put(cpio, data, size);
	return err ? err : pad(cpio);
}

int cpio_directory(struct cpio *cpio, const char *path)
{
	return entry(cpio, path, S_IFDIR | 0755, 0, 0, NULL, 0);
}

int cpio_node(struct cpio *cpio, const char *path, unsigned dev_major, unsigned dev_minor)
{
	return entry(cpio, path, S_IFCHR | 0600, dev_major, dev_minor, NULL, 0);
}

int cpio_data(struct cpio *cpio, const char *path, mode_t mode, const void *data, size_t size)
{
	return entry(cpio, path, S_IFREG | mode, 0, 0, data, size);
}

int cpio_file(struct cpio *cpio, const char *path, mode_t mode, const char *source)
{
	size_t size;
	char *data;
	int err;

	err = read_text(source, &data, &size);
	if (err)
		return err;
	err = cpio_data(cpio, path, mode, data, size);
	free(data);
	return err;
}

int cpio_end(struct cpio *cpio)
{
	int err = entry(cpio, "TRAILER!!!", 0, 0, 0, NULL, 0);

	return err || fflush(cpio->stream) ? -EIO : 0;
}
