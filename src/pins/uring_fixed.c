// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An io_uring registered ("fixed") buffer: FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE
 * since Linux 5.6 (io_sqe_buffer_register(), io_uring/rsrc.c;
 * Documentation/core-api/pin_user_pages.rst). READ_FIXED of a file has the
 * kernel store through the pinned pages, WRITE_FIXED load from them; neither
 * looks at the page tables again. The file is the device's side of the data
 * itself: a pipe would have the kernel wait for it page by page.
 */
#include "config.h"

#include "host/host.h"
#include "pins/pins.h"
#include "pins/uring.h"
#include "util/shared.h"

static enum pin_class uring_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_LONGTERM;
}

#if HAVE_LIBURING

#include <stdlib.h>

#include "memory/memory.h"

/* Of one READ_FIXED or WRITE_FIXED, in bytes: less than MAX_RW_COUNT, which cuts it. */
#define TRANSFER_MAX (1UL << 30)

struct uring {
	struct io_uring ring;
	bool open;
};

static int start(struct pin *pin, struct reason *why)
{
	struct uring *uring = calloc(1, sizeof(*uring));
	int err;

	if (!uring)
		return fail_errno(why, ENOMEM, "io_uring");
	pin->private = uring;
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

/*
 * READ_FIXED or WRITE_FIXED of the whole buffer. The address only chooses the place
 * in the registered buffer (io_import_fixed(), io_uring/rsrc.c); the pages are those
 * that were pinned.
 */
static int transfer(struct pin *pin, bool read, struct reason *why)
{
	const char *name = read ? "READ_FIXED" : "WRITE_FIXED";
	const struct shared *file = pin->device_file;
	struct uring *uring = pin->private;
	struct region *region = pin->region;

	for (size_t at = 0; at < region->size;) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
		size_t left = region->size - at;
		unsigned size = (unsigned)(left < TRANSFER_MAX ? left : TRANSFER_MAX);
		uint64_t there = (uint64_t)file->at + at;
		struct io_uring_cqe *cqe;
		int done;

		if (read)
			io_uring_prep_read_fixed(sqe, file->fd, region->base + at, size, there, 0);
		else
			io_uring_prep_write_fixed(sqe, file->fd, region->base + at, size, there, 0);
		done = io_uring_submit_and_wait(&uring->ring, 1);
		if (done >= 0)
			done = io_uring_wait_cqe(&uring->ring, &cqe);
		if (done < 0)
			return fail_errno(why, -done, "io_uring");
		done = cqe->res;
		io_uring_cqe_seen(&uring->ring, cqe);
		if (done < 0)
			return fail_errno(why, -done, "%s", name);
		if (!done)
			return fail(why, EIO, "%s moved %zu of %zu bytes", name, at, region->size);
		at += (unsigned)done;
	}
	return 0;
}

static int uring_device_write(struct pin *pin, struct reason *why)
{
	return transfer(pin, true, why);
}

static int uring_device_read(struct pin *pin, struct reason *why)
{
	return transfer(pin, false, why);
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
