/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_FILE_H
#define THPIN_HOST_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "util/reason.h"

/* Who takes the pages of an O_DIRECT read. */
enum file_layer {
	FILE_LAYER_BLOCK, /* the block layer: most file systems, and block devices */
	FILE_LAYER_FUSE,
	FILE_LAYER_CIFS,
	FILE_LAYER_NETFS, /* 9P and AFS */
	FILE_LAYER_GET,   /* NFS, Ceph: the file system itself, still by FOLL_GET */
	FILE_LAYER_COPY,  /* nobody: memory file systems copy */
};

/* The user's own file or block device, as --file names it. */
struct file {
	const char *path; /* NULL: none was named */
	uint64_t size;    /* bytes */
	bool block_device;
	enum file_layer layer;
	char type[16]; /* of the file system: "ext4", "0x1234" when it is not known */
};

/*
 * Look at @path, which has to outlive @file: a regular file or a block device
 * that may be read. Returns 0 or -errno.
 */
int file_look(const char *path, struct file *file, struct reason *why);

#endif
