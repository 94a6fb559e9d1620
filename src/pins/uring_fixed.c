// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An io_uring registered ("fixed") buffer: FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE
 * since Linux 5.6 (io_sqe_buffer_register(), io_uring/rsrc.c;
 * Documentation/core-api/pin_user_pages.rst). READ_FIXED from a pipe has the
 * kernel store through the pinned pages, WRITE_FIXED load from them; neither
 * looks at the page tables again.
 */
#include "config.h"

#include "host/host.h"
#include "pins/pins.h"
#include "pins/uring.h"

static enum pin_class uring_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_LONGTERM;
}

#if HAVE_LIBURING

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory/memory.h"
#include "util/io.h"

struct uring {
	struct io_uring ring;
	bool open;
	int pipe[2]; /* the device's side */
	size_t pipe_size;
};

static int start(struct pin *pin, struct reason *why)
{
	struct uring *uring = calloc(1, sizeof(*uring));
	int err;

	if (!uring)
		return fail_errno(why, ENOMEM, "io_uring");
	pin->private = uring;
	uring->pipe[0] = uring->pipe[1] = -1;
	if (pipe2(uring->pipe, O_CLOEXEC))
		return fail_errno(why, errno, "pipe");
	/* Larger is quicker; without the right to it the pipe stays as it is. */
	fcntl(uring->pipe[1], F_SETPIPE_SZ, 256 * 1024);
	uring->pipe_size = (size_t)fcntl(uring->pipe[1], F_GETPIPE_SZ);
	err = uring_start(&uring->ring, 4, why);
	if (err)
		return err;
	uring->open = true;
	return 0;
}

/* Another time it only pins: what a race repeats has to be short. */
static int uring_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct uring *uring;
	int err = pin->private ? 0 : start(pin, why);

	uring = pin->private;
	return err ? err : uring_register(&uring->ring, region->base, region->size, why);
}

/* One READ_FIXED or WRITE_FIXED of @size bytes at @at of the buffer and the pipe. */
static int transfer(struct uring *uring, bool read, unsigned char *at, size_t size,
		    struct reason *why)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
	struct io_uring_cqe *cqe;
	int err;

	if (read)
		io_uring_prep_read_fixed(sqe, uring->pipe[0], at, (unsigned)size, 0, 0);
	else
		io_uring_prep_write_fixed(sqe, uring->pipe[1], at, (unsigned)size, 0, 0);
	err = io_uring_submit_and_wait(&uring->ring, 1);
	if (err >= 0)
		err = io_uring_wait_cqe(&uring->ring, &cqe);
	if (err < 0)
		return fail_errno(why, -err, "io_uring");
	err = cqe->res;
	io_uring_cqe_seen(&uring->ring, cqe);
	if (err < 0)
		return fail_errno(why, -err, read ? "READ_FIXED" : "WRITE_FIXED");
	if ((size_t)err != size)
		return fail(why, EIO, "%s moved %d of %zu bytes",
			    read ? "READ_FIXED" : "WRITE_FIXED", err, size);
	return 0;
}

/*
 * Both ways the data goes through a pipe, a pipe's size at a time. The address
 * only chooses the place in the registered buffer (io_import_fixed(),
 * io_uring/rsrc.c); the pages are those that were pinned.
 */
static int uring_device_write(struct pin *pin, struct reason *why)
{
	struct uring *uring = pin->private;
	struct region *region = pin->region;

	for (size_t at = 0; at < region->size; at += uring->pipe_size) {
		size_t left = region->size - at;
		size_t size = left < uring->pipe_size ? left : uring->pipe_size;
		int err = write_all(uring->pipe[1], pin->device + at, size);

		if (err)
			return fail_errno(why, -err, "pipe");
		err = transfer(uring, true, region->base + at, size, why);
		if (err)
			return err;
	}
	return 0;
}

static int uring_device_read(struct pin *pin, struct reason *why)
{
	struct uring *uring = pin->private;
	struct region *region = pin->region;

	for (size_t at = 0; at < region->size; at += uring->pipe_size) {
		size_t left = region->size - at;
		size_t size = left < uring->pipe_size ? left : uring->pipe_size;
		int err = transfer(uring, false, region->base + at, size, why);

		if (err)
			return err;
		err = read_all(uring->pipe[0], pin->device + at, size);
		if (err)
			return fail_errno(why, -err, "pipe");
	}
	return 0;
}

static void uring_drop(struct pin *pin)
{
	struct uring *uring = pin->private;

	/* The end of a ring unpins later, in a kworker; this unpins now. */
	if (uring && uring->open)
		io_uring_unregister_buffers(&uring->ring);
}

#else

#define uring_take NULL
#define uring_device_write NULL
#define uring_device_read NULL
#define uring_drop NULL

#endif

const struct pin_ops pin_uring_fixed = {
	.name = "uring-fixed",
	.help = "io_uring registered buffer; READ_FIXED and WRITE_FIXED are the device",
	.held_by = "an io_uring registered buffer",
	.directions = DEVICE_WRITES | DEVICE_READS,
	.write_pin = true,
	.repeatable = true,
	.class = uring_class,
	.probe = uring_probe,
	.take = uring_take,
	.device_write = uring_device_write,
	.device_read = uring_device_read,
	.drop = uring_drop,
};
