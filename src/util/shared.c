// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/shared.h"

#include <errno.h>
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

int shared_make(struct shared *shared, size_t size, size_t skew)
{
	size_t all = skew + size;
	unsigned char *start;

	*shared = (struct shared){ .size = size, .fd = huge_file(), .at = (off_t)skew };
	if (shared->fd < 0)
		shared->fd = memfd_create("thpin", MFD_CLOEXEC);
	if (shared->fd < 0 || ftruncate(shared->fd, (off_t)all))
		return -errno;
	start = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, shared->fd, 0);
	if (start == MAP_FAILED)
		return -errno;
	shared->data = start + skew;
	return 0;
}

void shared_drop(struct shared *shared)
{
	size_t skew = (size_t)shared->at;

	if (shared->data)
		munmap(shared->data - skew, skew + shared->size);
	shared->data = NULL;
	close_fd(&shared->fd);
}

void shared_map(const unsigned char *data, size_t size)
{
	for (size_t at = 0; at < size; at += STEP)
		(void)*(const volatile unsigned char *)(data + at);
}
