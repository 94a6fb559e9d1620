// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/shared.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "util/io.h"

/* At most a page of any architecture: one read in each is enough. */
#define STEP 4096

/* The mount is of this descriptor only, and ends with the file. */
static int huge_file(void)
{
	int root = -1, fd = -1, context = fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (context >= 0 && !fsconfig(context, FSCONFIG_SET_STRING, "huge", "always", 0) &&
	    !fsconfig(context, FSCONFIG_SET_STRING, "size", "0", 0) &&
	    !fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (root >= 0)
		fd = openat(root, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	close_fd(&root);
	close_fd(&context);
	return fd;
}

int shared_file(size_t size)
{
	int fd = huge_file();

	if (fd < 0)
		fd = memfd_create("thpin", MFD_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, (off_t)size))
		close_fd(&fd);
	return fd;
}

unsigned char *shared_make(int fd, size_t size)
{
	int flags = MAP_SHARED | MAP_POPULATE | (fd < 0 ? MAP_ANONYMOUS : 0);
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	return data == MAP_FAILED ? NULL : data;
}

void shared_map(const unsigned char *data, size_t size)
{
	for (size_t at = 0; at < size; at += STEP)
		(void)*(const volatile unsigned char *)(data + at);
}
