// SPDX-License-Identifier: GPL-2.0-or-later
/* Documentation/admin-guide/mm/userfaultfd.rst */
#include "host/userfault.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/io.h"

/* Linux 6.1: access to it is enough for faults of the kernel. */
#define DEVICE "/dev/userfaultfd"

static int open_any(bool of_kernel, struct reason *why)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK), device;

	if (fd >= 0)
		return fd;
	if (errno == ENOSYS)
		return fail(why, ENOSYS, "this kernel has no userfaultfd (CONFIG_USERFAULTFD)");
	device = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (device >= 0) {
		fd = ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK);
		close(device);
	}
	/* Linux 5.11: nothing more is needed for faults of user mode. */
	if (fd < 0 && !of_kernel)
		fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
	if (fd < 0)
		return fail_errno(why, errno,
				  "userfaultfd (root, access to " DEVICE
				  ", or vm.unprivileged_userfaultfd = 1)");
	return fd;
}

/* Open one and agree on @features; 0 asks what there is, which is stored there. */
static int agree(uint64_t *features, bool of_kernel, struct reason *why)
{
	struct uffdio_api api = { .api = UFFD_API, .features = *features };
	int fd = open_any(of_kernel, why);

	if (fd < 0)
		return fd;
	if (ioctl(fd, UFFDIO_API, &api)) {
		fail_errno(why, errno, "UFFDIO_API");
		close(fd);
		return -EIO;
	}
	*features = api.features;
	return fd;
}

int userfault_open(uint64_t needed, uint64_t wanted, struct reason *why)
{
	uint64_t features = 0;
	int fd = agree(&features, false, why);

	if (fd < 0)
		return fd;
	close(fd);
	if (needed & ~features)
		return fail(why, ENOTSUP,
			    "userfaultfd of this kernel cannot do that (has features 0x%llx, not 0x%llx)",
			    (unsigned long long)features, (unsigned long long)(needed & ~features));
	features &= needed | wanted;
	return agree(&features, false, why);
}

int userfault_open_kernel(struct reason *why)
{
	uint64_t features = 0;

	return agree(&features, true, why);
}

int userfault_register(int fd, const void *at, size_t size, uint64_t modes, struct reason *why)
{
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)at, .len = size },
		.mode = modes,
	};

	if (!ioctl(fd, UFFDIO_REGISTER, &range))
		return 0;
	if (errno == EINVAL)
		return fail(why, ENOTSUP, "userfaultfd of this kernel cannot watch such memory");
	return fail_errno(why, errno, "UFFDIO_REGISTER");
}
