// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vmsplice(2): the pages sit in a pipe by reference, FOLL_GET without
 * FOLL_WRITE, on every kernel so far (iter_to_pipe(), fs/splice.c). Reading the
 * pipe is the device read.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/host.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "util/io.h"

/* Pages a pipe: 1 MiB of 4 KiB pages, fs.pipe-max-size of a user without rights. */
#define PIPE_PAGES 256

struct spliced {
	unsigned pipes;
	int (*pipe)[2];
};

static enum pin_class vmsplice_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_GET;
}

static int vmsplice_probe(const struct host *host, struct reason *why)
{
	(void)host;
	(void)why;
	return 0;
}

static size_t part_size(const struct region *region, unsigned part)
{
	size_t whole = PIPE_PAGES * region->page_size, at = part * whole;

	return region->size - at < whole ? region->size - at : whole;
}

static int vmsplice_take(struct pin *pin, struct region *region, struct reason *why)
{
	size_t whole = PIPE_PAGES * region->page_size;
	struct spliced *spliced = calloc(1, sizeof(*spliced));

	if (!spliced)
		return fail_errno(why, ENOMEM, "vmsplice");
	pin->private = spliced;
	spliced->pipe = calloc((region->size + whole - 1) / whole, sizeof(*spliced->pipe));
	if (!spliced->pipe)
		return fail_errno(why, ENOMEM, "vmsplice");
	for (size_t at = 0; at < region->size; at += whole) {
		int *pipe = spliced->pipe[spliced->pipes];
		struct iovec part = { region->base + at, part_size(region, spliced->pipes) };
		ssize_t done;

		if (pipe2(pipe, O_CLOEXEC))
			return fail_descriptors(why, errno, "pipe");
		spliced->pipes++;
		if (fcntl(pipe[1], F_SETPIPE_SZ, (int)whole) < 0)
			return fail_errno(why, errno,
					  "F_SETPIPE_SZ %zu (see sysctl fs.pipe-max-size, fs.pipe-user-pages-soft)",
					  whole);
		done = vmsplice(pipe[1], &part, 1, SPLICE_F_NONBLOCK);
		if (done < 0)
			return fail_errno(why, errno, "vmsplice");
		if ((size_t)done != part.iov_len)
			return fail(why, EIO, "vmsplice took %zd of %zu bytes", done, part.iov_len);
	}
	return 0;
}

static int vmsplice_device_read(struct pin *pin, struct reason *why)
{
	struct spliced *spliced = pin->private;
	unsigned char *to = pin->device;

	for (unsigned i = 0; i < spliced->pipes; i++) {
		size_t size = part_size(pin->region, i);
		int err = read_all(spliced->pipe[i][0], to, size);

		if (err)
			return fail_errno(why, -err, "read of the pipe");
		to += size;
	}
	return 0;
}

static void vmsplice_drop(struct pin *pin)
{
	struct spliced *spliced = pin->private;

	for (unsigned i = 0; spliced && i < spliced->pipes; i++) {
		close_fd(&spliced->pipe[i][0]);
		close_fd(&spliced->pipe[i][1]);
	}
	/* Taken again and again by some races. */
	if (spliced)
		free(spliced->pipe);
	free(spliced);
	pin->private = NULL;
}

const struct pin_ops pin_vmsplice = {
	.name = "vmsplice",
	.help = "vmsplice(2) into a pipe; reading the pipe is the device read",
	.held_by = "vmsplice into a pipe",
	.directions = DEVICE_READS,
	.repeatable = true,
	.class = vmsplice_class,
	.probe = vmsplice_probe,
	.take = vmsplice_take,
	.device_read = vmsplice_device_read,
	.drop = vmsplice_drop,
};
