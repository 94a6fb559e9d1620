// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/loop.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "host/host.h"
#include "util/io.h"

#define CONTROL "/dev/loop-control"

int loop_probe(const struct host *host, struct reason *why)
{
	int fd;

	if (!host->admin)
		return fail(why, EPERM, "a loop device needs CAP_SYS_ADMIN");
	fd = open(CONTROL, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(why, errno, CONTROL "%s",
				  errno == ENOENT ? " (modprobe loop)" : "");
	close(fd);
	return 0;
}

int loop_bind(int backing, uint32_t lo_flags, int open_flags, char *path, size_t size,
	      struct reason *why)
{
	struct loop_config config = {
		.fd = (uint32_t)backing,
		.block_size = 4096,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR | lo_flags,
	};
	int control, err = EBUSY, fd = -1;

	control = open(CONTROL, O_RDWR | O_CLOEXEC);
	if (control < 0)
		return fail_errno(why, errno, CONTROL);
	/* Others may take the device between the two calls. */
	for (unsigned tries = 0; err == EBUSY && tries < 64; tries++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		if (number < 0) {
			err = errno;
			break;
		}
		snprintf(path, size, "/dev/loop%d", number);
		fd = open(path, O_RDWR | O_CLOEXEC | open_flags);
		if (fd < 0) {
			err = errno;
			break;
		}
		err = ioctl(fd, LOOP_CONFIGURE, &config) ? errno : 0;
		if (err)
			close_fd(&fd);
	}
	close(control);
	return err ? fail_errno(why, err, "cannot set up a loop device") : fd;
}
