// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * O_DIRECT read of a raw loop device whose backing file is the hold server's:
 * here the block layer pins. It took FOLL_GET until Linux 6.4 and takes
 * FOLL_PIN since 6.5 (a7e689dd1c06, "block: Convert bio_iov_iter_get_pages to
 * use iov_iter_extract_pages").
 *
 * The loop device does direct I/O itself, so its reads are queued to the server
 * side by side, and "all bytes held" means that every bio has been built, hence
 * every page pinned. It clears itself with its last close.
 */
#include <fcntl.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "host/host.h"
#include "host/loop.h"
#include "memory/memory.h"
#include "pins/fuse.h"
#include "pins/held_io.h"
#include "util/io.h"

/* Reads of others, udev's and blkid's, are near the ends of a device. */
#define WINDOW (UINT64_C(16) << 20)

/*
 * What a loop device can have in flight: 128 requests of 128 segments
 * (drivers/block/loop.c, BLK_MAX_SEGMENTS), each at least a page.
 */
#define SIZE_MAX_HELD (UINT64_C(64) << 20)

struct block {
	struct fuse fuse;
	int backing, loop;
	struct held_io *io;
	unsigned ios;
};

static enum pin_class block_class(const struct host *host)
{
	return host->kernel < KERNEL(6, 5) ? PIN_CLASS_GET : PIN_CLASS_PIN;
}

static int block_probe(const struct host *host, struct reason *why)
{
	int err = loop_probe(host, why);

	return err ? err : fuse_probe(host, why);
}

static int block_open(struct pin *pin, size_t size, struct reason *why)
{
	struct fuse_plan plan = {
		.hold = FUSE_HOLD_READ,
		.size = size,
		.data = pin->device,
		.chunk = size,
		.window = WINDOW,
		.file_size = size + 2 * WINDOW,
	};
	struct block *block;

	if (size > SIZE_MAX_HELD)
		return fail(why, ENOTSUP,
			    "a loop device has at most %u MiB in flight: smaller --size",
			    (unsigned)(SIZE_MAX_HELD >> 20));
	block = calloc(1, sizeof(*block));
	if (!block)
		return fail_errno(why, ENOMEM, "loop device");
	block->backing = block->loop = -1;
	pin->private = block;
	return fuse_start(&block->fuse, &plan, pin, why);
}

static int block_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct block *block = pin->private;
	size_t most = block->fuse.request;
	struct loop_info64 info;
	char path[32];
	int err;

	block->backing = fuse_open(&block->fuse, 0, O_RDWR, why);
	if (block->backing < 0)
		return block->backing;
	block->loop = loop_bind(block->backing, LO_FLAGS_DIRECT_IO, O_DIRECT, path, sizeof(path),
				why);
	if (block->loop < 0)
		return block->loop;
	if (ioctl(block->loop, LOOP_GET_STATUS64, &info))
		return fail_errno(why, errno, "LOOP_GET_STATUS64");
	if (!(info.lo_flags & LO_FLAGS_DIRECT_IO))
		return fail(why, ENOTSUP, "the loop device refused direct I/O on a FUSE file");
	block->ios = (unsigned)((region->size + most - 1) / most);
	block->io = calloc(block->ios, sizeof(*block->io));
	if (!block->io)
		return fail_errno(why, ENOMEM, "%u I/O threads", block->ios);
	err = fuse_arm(&block->fuse, why);
	for (unsigned i = 0; !err && i < block->ios; i++) {
		size_t at = i * most, left = region->size - at;
		struct held_io *io = &block->io[i];

		io->fd = block->loop;
		io->data = region->base + at;
		io->size = left < most ? left : most;
		io->offset = (off_t)(WINDOW + at);
		err = held_io_start(io, why);
	}
	return err ? err : fuse_wait_held(&block->fuse, why);
}

static int block_device_write(struct pin *pin, struct reason *why)
{
	struct block *block = pin->private;
	int err;

	err = fuse_release(&block->fuse, why);
	if (err)
		fuse_stop(&block->fuse);
	for (unsigned i = 0; i < block->ios; i++) {
		struct reason other;
		int io_err = held_io_finish(&block->io[i], err ? &other : why);

		err = err ? err : io_err;
	}
	return err;
}

static void block_drop(struct pin *pin)
{
	struct block *block = pin->private;
	struct reason ignored;
	bool held = false;

	if (!block)
		return;
	for (unsigned i = 0; i < block->ios; i++)
		held |= block->io[i].running;
	/* Clearing the loop device syncs its file: the server has to be there, */
	if (!held)
		close_fd(&block->loop);
	/* or, with I/O still held, to be dead. */
	fuse_stop(&block->fuse);
	for (unsigned i = 0; i < block->ios; i++)
		held_io_finish(&block->io[i], &ignored);
	close_fd(&block->loop);
	close_fd(&block->backing);
}

const struct pin_ops pin_odirect_block = {
	.name = "odirect-block",
	.help = "O_DIRECT read of a raw loop device over a held FUSE file",
	.held_by = "an O_DIRECT read of a block device in flight",
	.directions = DEVICE_WRITES,
	.modules = "fuse loop",
	.write_pin = true,
	.class = block_class,
	.probe = block_probe,
	.open = block_open,
	.take = block_take,
	.device_write = block_device_write,
	.drop = block_drop,
};
