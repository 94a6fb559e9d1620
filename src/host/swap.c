// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Swap of our own: a loop device over a file in a detached ramfs. Not over a
 * memfd or tmpfs, whose pages reclaim may swap out, even to the very swap that
 * they are: the loop device then waits for itself, for ever (seen on Linux 6.18
 * with DAMON's proactive reclaim on). Pages of ramfs are unevictable
 * (Documentation/filesystems/ramfs-rootfs-initramfs.rst).
 */
#include "host/swap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "host/loop.h"
#include "util/io.h"

/* Before all other swap, so that nothing of a case reaches a disk. */
#define FIRST_OF_ALL (SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK)

#define PAGES_A_CALL 512

static uint64_t free_swap(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : (uint64_t)info.freeswap * info.mem_unit;
}

int swap_probe(const struct host *host, struct reason *why)
{
	struct reason loop;
	int err = loop_probe(host, &loop);

	if (!err || free_swap())
		return 0;
	return fail(why, -err, "no swap is on, and none can be made: %s", loop.text);
}

/* A new file on a file system that nobody else sees; a descriptor or -errno. */
static int ramfs_file(struct reason *why)
{
	int root = -1, fd = -1, context = fsopen("ramfs", FSOPEN_CLOEXEC);

	if (context >= 0 && !fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (root >= 0)
		fd = openat(root, "swap", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = fail_errno(why, errno, "cannot make a ramfs for swap");
	close_fd(&root);
	close_fd(&context);
	return fd;
}

/* Zeros, many pages a call: in emulation calls are what takes the time. */
static int fill(int fd, size_t size)
{
	static const char zeros[4096];
	struct iovec pages[PAGES_A_CALL];

	for (unsigned i = 0; i < PAGES_A_CALL; i++)
		pages[i] = (struct iovec){ (void *)zeros, sizeof(zeros) };
	for (size_t at = 0; at < size;) {
		size_t left = (size - at + sizeof(zeros) - 1) / sizeof(zeros);
		int count = left < PAGES_A_CALL ? (int)left : PAGES_A_CALL;
		ssize_t done = pwritev(fd, pages, count, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		/* Short: the file system is full, or a signal came between two pages. */
		if (done < (ssize_t)sizeof(zeros))
			return done < 0 ? -errno : -ENOSPC;
		at += (size_t)done & ~(sizeof(zeros) - 1);
	}
	return 0;
}

int swap_format(int fd, size_t size, size_t page_size)
{
	struct {
		char boot[1024];
		uint32_t version, last_page, bad_pages;
		unsigned char uuid[16], label[16];
	} info = { .version = 1, .last_page = (uint32_t)(size / page_size - 1) };
	int err = fill(fd, size);

	if (!err)
		err = pwrite_all(fd, &info, sizeof(info), 0);
	return err ? err : pwrite_all(fd, "SWAPSPACE2", 10, page_size - 10);
}

static int turn_on(const struct host *host, size_t size, struct guardian *guardian,
		   struct reason *why)
{
	int file, loop, err;
	char path[64];

	file = ramfs_file(why);
	if (file < 0)
		return file;
	err = swap_format(file, size, host->page_size);
	if (err) {
		close(file);
		return fail_errno(why, -err, "swap header");
	}
	loop = loop_bind(file, 0, 0, path, sizeof(path), why);
	close(file); /* the loop device has it */
	if (loop < 0)
		return loop;
	err = guardian ? guardian_owns(guardian, OWNED_SWAP, path, why) : 0;
	if (!err && swapon(path, FIRST_OF_ALL))
		err = fail_errno(why, errno, "swapon %s", path);
	close(loop); /* from here on the swap keeps it */
	return err;
}

int swap_ensure(const struct host *host, size_t size, struct guardian *guardian, struct reason *why)
{
	size_t total = size + (UINT64_C(4) << 20);
	struct reason loop;

	if (!loop_probe(host, &loop))
		return turn_on(host, total, guardian, why);
	if (free_swap() >= total)
		return 0;
	return fail(why, ENOSPC, "less than %zu MiB of swap are free, and none can be made: %s",
		    total >> 20, loop.text);
}
