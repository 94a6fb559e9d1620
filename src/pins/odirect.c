// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * O_DIRECT on a file of the hold server: odirect-read and odirect-write.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory/memory.h"
#include "pins/fuse.h"
#include "pins/held_io.h"
#include "util/io.h"

struct odirect {
	struct fuse fuse;
	struct held_io *io; /* one a file */
};

static int odirect_open(struct pin *pin, size_t size, struct reason *why)
{
	enum fuse_hold hold = pin->ops->directions & DEVICE_WRITES ? FUSE_HOLD_READ :
								     FUSE_HOLD_WRITE;
	struct odirect *odirect = calloc(1, sizeof(*odirect));

	if (!odirect)
		return fail_errno(why, ENOMEM, "O_DIRECT");
	pin->private = odirect;
	return fuse_start_files(&odirect->fuse, hold, pin, size, why);
}

/*
 * Have the kernel ask now what it asks only once (GETXATTR security.capability
 * before a write, FLUSH at a close), so that nothing but the WRITE itself is in
 * the queue later.
 */
static int warm_up(int fd, struct reason *why)
{
	void *page = NULL;
	ssize_t done;
	int copy;

	if (posix_memalign(&page, 4096, 4096))
		return fail_errno(why, ENOMEM, "O_DIRECT");
	memset(page, 0, 4096);
	done = pwrite(fd, page, 4096, 0);
	free(page);
	copy = dup(fd);
	close_fd(&copy);
	if (done != 4096)
		return fail_errno(why, done < 0 ? errno : EIO, "first write to the FUSE file");
	return 0;
}

static int odirect_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct odirect *odirect = pin->private;
	struct fuse *fuse = &odirect->fuse;
	bool write = fuse->plan.hold == FUSE_HOLD_WRITE;
	int err = 0;

	odirect->io = calloc(fuse->files, sizeof(*odirect->io));
	if (!odirect->io)
		return fail_errno(why, ENOMEM, "%u I/O threads", fuse->files);
	for (unsigned i = 0; !err && i < fuse->files; i++) {
		struct held_io *io = &odirect->io[i];

		io->write = write;
		io->own_files = true;
		io->data = region->base + i * fuse->plan.chunk;
		io->size = fuse_part(fuse, i);
		io->fd = fuse_open(fuse, i, O_RDWR | O_DIRECT, why);
		err = io->fd < 0 ? io->fd : write ? warm_up(io->fd, why) : 0;
	}
	if (!err)
		err = fuse_arm(fuse, why);
	for (unsigned i = 0; !err && i < fuse->files; i++)
		err = held_io_start(&odirect->io[i], why);
	return err ? err : fuse_wait_held(fuse, why);
}

static int odirect_release(struct pin *pin, struct reason *why)
{
	struct odirect *odirect = pin->private;
	int err = fuse_release(&odirect->fuse, why);

	/* An aborted connection ends the I/O that the server did not. */
	if (err)
		fuse_stop(&odirect->fuse);
	for (unsigned i = 0; i < odirect->fuse.files; i++) {
		struct reason other;
		int io_err = held_io_finish(&odirect->io[i], err ? &other : why);

		err = err ? err : io_err;
	}
	return err;
}

static void odirect_drop(struct pin *pin)
{
	struct odirect *odirect = pin->private;
	struct reason ignored;

	if (!odirect)
		return;
	fuse_stop(&odirect->fuse);
	for (unsigned i = 0; odirect->io && i < odirect->fuse.files; i++)
		held_io_finish(&odirect->io[i], &ignored);
}

const struct pin_ops pin_odirect_read = {
	.name = "odirect-read",
	.help = "O_DIRECT read of a FUSE file, unanswered until the device writes",
	.held_by = "an O_DIRECT read in flight",
	.directions = DEVICE_WRITES,
	.modules = "fuse",
	.write_pin = true,
	.class = fuse_class,
	.probe = fuse_probe,
	.open = odirect_open,
	.take = odirect_take,
	.device_write = odirect_release,
	.drop = odirect_drop,
};

const struct pin_ops pin_odirect_write = {
	.name = "odirect-write",
	.help = "O_DIRECT write to a FUSE file, its payload not fetched until the device reads",
	.held_by = "an O_DIRECT write in flight",
	.directions = DEVICE_READS,
	.modules = "fuse",
	.class = fuse_class,
	.probe = fuse_probe,
	.open = odirect_open,
	.take = odirect_take,
	.device_read = odirect_release,
	.drop = odirect_drop,
};
