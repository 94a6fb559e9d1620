/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_BOOT_CPIO_H
#define THPIN_BOOT_CPIO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * A writer of the "newc" cpio format, as the kernel unpacks it
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Forty lines of
 * our own and not libarchive, because each library that thpin is linked with
 * has to be carried into every guest, and libarchive brings an XML parser and a
 * cryptography library.
 */
struct cpio {
	FILE *stream;
	uint32_t inode;
	size_t offset;
};

/* Each returns 0 or -errno. Paths are those of the guest. */
int cpio_directory(struct cpio *cpio, const char *path);
int cpio_node(struct cpio *cpio, const char *path, unsigned dev_major, unsigned dev_minor);
int cpio_data(struct cpio *cpio, const char *path, mode_t mode, const void *data, size_t size);

/* The file @source of this machine, with its contents. */
int cpio_file(struct cpio *cpio, const char *path, mode_t mode, const char *source);

int cpio_end(struct cpio *cpio);

#endif
