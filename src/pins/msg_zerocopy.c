// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * send(2) with MSG_ZEROCOPY, Linux 4.14: FOLL_GET without FOLL_WRITE on every kernel
 * so far (__zerocopy_sg_from_iter(), net/core/datagram.c). The connection is stalled;
 * what its receiver gets once it reads on is the device read.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "pins/stalled.h"
#include "util/io.h"

static enum pin_class zerocopy_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_GET;
}

static int allow(int socket, struct reason *why)
{
	int one = 1;

	if (!setsockopt(socket, SOL_SOCKET, SO_ZEROCOPY, &one, sizeof(one)))
		return 0;
	return fail_errno(why, errno, "SO_ZEROCOPY of a TCP socket (Linux 4.14)");
}

static int zerocopy_probe(const struct host *host, struct reason *why)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	(void)host;
	if (fd < 0)
		return fail_errno(why, errno, "socket(AF_INET)");
	err = allow(fd, why);
	close_fd(&fd);
	return err;
}

static int zerocopy_open(struct pin *pin, size_t size, struct reason *why)
{
	struct stalled *stalled = calloc(1, sizeof(*stalled));

	(void)size;
	if (!stalled)
		return fail_errno(why, ENOMEM, "MSG_ZEROCOPY");
	pin->private = stalled;
	return stalled_begin(stalled, pin, why);
}

static ssize_t send_part(void *context, int socket, void *data, size_t size, struct reason *why)
{
	ssize_t sent;
	int err = allow(socket, why);

	(void)context;
	if (err)
		return err;
	sent = send(socket, data, size, MSG_ZEROCOPY | MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent >= 0)
		return sent;
	if (errno == EAGAIN)
		return -EAGAIN;
	if (errno == ENOBUFS)
		return fail(why, EPERM,
			    "MSG_ZEROCOPY of %zu KiB: RLIMIT_MEMLOCK too small (raise ulimit -l), or sysctl net.core.optmem_max",
			    size / 1024);
	return fail_errno(why, errno, "send(MSG_ZEROCOPY)");
}

static int zerocopy_take(struct pin *pin, struct region *region, struct reason *why)
{
	return stalled_take(pin->private, region, send_part, NULL, why);
}

static int zerocopy_device_read(struct pin *pin, struct reason *why)
{
	return stalled_receive(pin->private, pin->device, why);
}

static void zerocopy_drop(struct pin *pin)
{
	if (pin->private)
		stalled_end(pin->private);
}

const struct pin_ops pin_msg_zerocopy = {
	.name = "msg-zerocopy",
	.help = "MSG_ZEROCOPY to a TCP receiver that does not read; what it gets is the device read",
	.held_by = "a TCP queue, by MSG_ZEROCOPY",
	.directions = DEVICE_READS,
	.level = LEVEL_SELECTED,
	.class = zerocopy_class,
	.probe = zerocopy_probe,
	.open = zerocopy_open,
	.take = zerocopy_take,
	.device_read = zerocopy_device_read,
	.drop = zerocopy_drop,
};
