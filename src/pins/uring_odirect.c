// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IORING_OP_READ of files of the hold server opened O_DIRECT, without a registered
 * buffer: the pin lives as long as the read. io_uring itself pins nothing here, the
 * file does (io_read(), io_uring/rw.c; fuse_direct_IO(), fs/fuse/file.c). The read is
 * asynchronous: no thread waits in it, and a killed worker does not, either
 * (io_uring_files_cancel() waits for requests on rings only).
 */
#include "config.h"

#include "pins/fuse.h"
#include "pins/uring.h"

static int odirect_probe(const struct host *host, struct reason *why)
{
	int err = uring_probe(host, why);

	return err ? err : fuse_probe(host, why);
}

#if HAVE_LIBURING

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "memory/memory.h"

struct uring {
	struct fuse fuse;
	struct io_uring ring;
	bool open;
	unsigned in_flight;
};

static int odirect_open(struct pin *pin, size_t size, struct reason *why)
{
	struct uring *uring = calloc(1, sizeof(*uring));

	if (!uring)
		return fail_errno(why, ENOMEM, "io_uring");
	pin->private = uring;
	return fuse_start_files(&uring->fuse, FUSE_HOLD_READ, pin, size, why);
}

static int submit(struct uring *uring, unsigned index, struct region *region, struct reason *why)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
	size_t size = fuse_part(&uring->fuse, index);
	int fd = fuse_open(&uring->fuse, index, O_RDWR | O_DIRECT, why);
	int done, err = 0;

	if (fd < 0)
		return fd;
	io_uring_prep_read(sqe, fd, region->base + index * uring->fuse.plan.chunk, (unsigned)size,
			   0);
	io_uring_sqe_set_data(sqe, (void *)size);
	done = io_uring_submit(&uring->ring);
	if (done == 1)
		uring->in_flight++;
	else
		err = fail_errno(why, done < 0 ? -done : EIO, "io_uring_enter");
	/* The read has its own reference; children must not inherit this one. */
	close(fd);
	return err;
}

static int odirect_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct uring *uring = pin->private;
	int err = uring_start(&uring->ring, uring->fuse.files, why);

	if (err)
		return err;
	uring->open = true;
	err = fuse_arm(&uring->fuse, why);
	for (unsigned i = 0; !err && i < uring->fuse.files; i++)
		err = submit(uring, i, region, why);
	return err ? err : fuse_wait_held(&uring->fuse, why);
}

static int reap_one(struct uring *uring, struct reason *why)
{
	struct io_uring_cqe *cqe;
	int done = uring_wait(&uring->ring, uring->fuse.patience_ms, &cqe, why);
	size_t size;

	if (done)
		return done;
	uring->in_flight--;
	done = cqe->res;
	size = (size_t)io_uring_cqe_get_data(cqe);
	io_uring_cqe_seen(&uring->ring, cqe);
	if (done < 0)
		return fail_errno(why, -done, "the held io_uring read");
	if ((size_t)done != size)
		return fail(why, EIO, "the held io_uring read ended after %d of %zu bytes", done,
			    size);
	return 0;
}

static int odirect_device_write(struct pin *pin, struct reason *why)
{
	struct uring *uring = pin->private;
	int err = fuse_release(&uring->fuse, why);

	while (!err && uring->in_flight)
		err = reap_one(uring, why);
	return err;
}

static void odirect_drop(struct pin *pin)
{
	struct uring *uring = pin->private;
	struct reason ignored;

	if (!uring)
		return;
	/* An aborted connection ends the reads; only then are they unpinned. */
	fuse_stop(&uring->fuse);
	while (uring->open && uring->in_flight && reap_one(uring, &ignored) != -ETIME)
		;
	if (uring->open)
		io_uring_queue_exit(&uring->ring);
}

#else

#define odirect_open NULL
#define odirect_take NULL
#define odirect_device_write NULL
#define odirect_drop NULL

#endif

const struct pin_ops pin_uring_odirect = {
	.name = "uring-odirect",
	.help = "io_uring O_DIRECT read of a held FUSE file, without a registered buffer",
	.held_by = "an io_uring O_DIRECT read in flight",
	.directions = DEVICE_WRITES,
	.modules = "fuse",
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.class = fuse_class,
	.probe = odirect_probe,
	.open = odirect_open,
	.take = odirect_take,
	.device_write = odirect_device_write,
	.drop = odirect_drop,
};
