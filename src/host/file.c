// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of a file that the user names: its size and, by the magic number
 * of its file system (statfs(2), linux/magic.h), who pins for O_DIRECT.
 */
#include "host/file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static const struct {
	unsigned magic;
	const char *name;
	enum file_layer layer;
} types[] = {
	{ EXT4_SUPER_MAGIC, "ext4", FILE_LAYER_BLOCK },
	{ XFS_SUPER_MAGIC, "xfs", FILE_LAYER_BLOCK },
	{ BTRFS_SUPER_MAGIC, "btrfs", FILE_LAYER_BLOCK },
	{ F2FS_SUPER_MAGIC, "f2fs", FILE_LAYER_BLOCK },
	{ OVERLAYFS_SUPER_MAGIC, "overlay", FILE_LAYER_BLOCK },
	{ MSDOS_SUPER_MAGIC, "vfat", FILE_LAYER_BLOCK },
	{ FUSE_SUPER_MAGIC, "fuse", FILE_LAYER_FUSE },
	{ CIFS_SUPER_MAGIC, "cifs", FILE_LAYER_CIFS },
	{ SMB2_SUPER_MAGIC, "smb3", FILE_LAYER_CIFS },
	{ V9FS_MAGIC, "9p", FILE_LAYER_NETFS },
	{ AFS_FS_MAGIC, "afs", FILE_LAYER_NETFS },
	{ NFS_SUPER_MAGIC, "nfs", FILE_LAYER_GET },
	{ CEPH_SUPER_MAGIC, "ceph", FILE_LAYER_GET },
	{ TMPFS_MAGIC, "tmpfs", FILE_LAYER_COPY },
	{ RAMFS_MAGIC, "ramfs", FILE_LAYER_COPY },
	{ HUGETLBFS_MAGIC, "hugetlbfs", FILE_LAYER_COPY },
};

static void name_type(struct file *file, unsigned magic)
{
	/* Most of those not listed are on disks. */
	file->layer = FILE_LAYER_BLOCK;
	snprintf(file->type, sizeof(file->type), "%#x", magic);
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (types[i].magic != magic)
			continue;
		file->layer = types[i].layer;
		snprintf(file->type, sizeof(file->type), "%s", types[i].name);
	}
}

int file_look(const char *path, struct file *file, struct reason *why)
{
	struct statfs system;
	struct stat status;
	off_t end;
	int fd;

	*file = (struct file){ .path = path };
	/* Before open(2), which a FIFO would stop. */
	if (stat(path, &status))
		return fail_errno(why, errno, "%s", path);
	if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
		return fail(why, EINVAL, "%s is neither a regular file nor a block device", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fail_errno(why, errno, "%s", path);
	end = lseek(fd, 0, SEEK_END);
	if (end < 0 || fstatfs(fd, &system)) {
		close(fd);
		return fail_errno(why, errno, "%s", path);
	}
	close(fd);
	file->size = (uint64_t)end;
	file->block_device = S_ISBLK(status.st_mode);
	if (file->block_device)
		snprintf(file->type, sizeof(file->type), "block device");
	else
		name_type(file, (unsigned)system.f_type);
	return 0;
}
