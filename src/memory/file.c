// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory of a file on a disk: unlinked, on the first file system that is not in
 * memory itself. Its data is on the disk before the race, so that reclaim could
 * drop the pages, and a file system with write-back (Documentation/core-api/
 * pin_user_pages.rst) is told of the first write to each.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host/host.h"
#include "memory/memory.h"

#define FILE_TRAITS (MEMORY_DIVISIBLE | MEMORY_SEVERAL | MEMORY_WRITTEN | MEMORY_RECLAIM)

static bool is_in_memory(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC;
}

/* A descriptor of a file without a name, or -1 */
static int open_in(const char *folder)
{
	char path[PATH_MAX];
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
		/* NFS, overlayfs before Linux 6.3 ... */
		if (snprintf(path, sizeof(path), "%s/thpin-XXXXXX", folder) < (int)sizeof(path))
			fd = mkostemp(path, O_CLOEXEC);
		if (fd >= 0)
			unlink(path);
	}
	if (fd >= 0 && is_in_memory(fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

static int open_file(struct reason *why)
{
	const char *folders[] = { getenv("TMPDIR"), "/var/tmp", ".", "/tmp" };
	int fd;

	for (unsigned i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		fd = folders[i] ? open_in(folders[i]) : -1;
		if (fd >= 0)
			return fd;
	}
	return fail(why, ENOTSUP,
		    "no file can be made on a disk in $TMPDIR, /var/tmp or the current directory (thpin boot --disk has one)");
}

static int file_probe(const struct host *host, struct reason *why)
{
	int fd = open_file(why);

	(void)host;
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int file_create(struct region *region, struct reason *why)
{
	int err, fd = open_file(why);

	if (fd < 0)
		return fd;
	err = posix_fallocate(fd, 0, (off_t)region->size);
	if (err)
		err = fail_errno(why, err, "a file of %zu bytes", region->size);
	else
		err = region_map_file(region, fd, MAP_SHARED, why);
	if (err) {
		close(fd);
		return err;
	}
	region_populate(region);
	return 0;
}

static int write_back(struct region *region, struct reason *why)
{
	if (fsync(region->fd))
		return fail_errno(why, errno, "fsync");
	return 0;
}

static int file_private_settle(struct region *region, struct reason *why)
{
	int err = write_back(region, why);

	return err ? err : region_map_privately(region, why);
}

const struct memory_ops memory_file_private = {
	.name = "file-private",
	.help = "file on a disk, MAP_PRIVATE, read but not written",
	.level = LEVEL_SELECTED,
	.traits = MEMORY_PRIVATE | FILE_TRAITS,
	.probe = file_probe,
	.create = file_create,
	.settle = file_private_settle,
};

const struct memory_ops memory_file_shared = {
	.name = "file-shared",
	.help = "file on a disk, MAP_SHARED, written back",
	.level = LEVEL_SELECTED,
	.traits = FILE_TRAITS,
	.probe = file_probe,
	.create = file_create,
	.settle = write_back,
};
