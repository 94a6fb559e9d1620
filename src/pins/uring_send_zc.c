// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * IORING_OP_SEND_ZC, Linux 6.0, to a stalled TCP connection; what its receiver gets
 * once it reads on is the device read. Without a registered buffer it takes FOLL_GET
 * without FOLL_WRITE, as MSG_ZEROCOPY does (io_send_zc(), io_uring/net.c;
 * __zerocopy_sg_from_iter(), net/core/datagram.c). With one the fragments are pages
 * of the buffer (io_sg_from_iter()), which its registration holds by FOLL_PIN |
 * FOLL_LONGTERM | FOLL_WRITE.
 */
#include "config.h"

#include "pins/pins.h"
#include "pins/uring.h"

static enum pin_class send_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_GET;
}

static enum pin_class fixed_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_LONGTERM;
}

#if HAVE_LIBURING

#include <stdlib.h>
#include <sys/socket.h>

#include "memory/memory.h"
#include "pins/stalled.h"

/* With notifications of what has been sent, when a pin is dropped. */
#define LAST_PATIENCE_MS 1000

struct send_zc {
	struct stalled stalled;
	struct io_uring ring;
	bool open, fixed;
	unsigned notifications; /* to come: one a send, when its pages are let go */
};

static int send_open(struct pin *pin, size_t size, struct reason *why)
{
	struct send_zc *send_zc = calloc(1, sizeof(*send_zc));

	(void)size;
	if (!send_zc)
		return fail_errno(why, ENOMEM, "io_uring");
	pin->private = send_zc;
	send_zc->fixed = pin->ops->write_pin;
	return stalled_begin(&send_zc->stalled, pin, why);
}

/* The result of the send; completions that are notifications are only counted. */
static int completed(struct send_zc *send_zc, int *result, struct reason *why)
{
	for (;;) {
		struct io_uring_cqe *cqe;
		int err = uring_wait(&send_zc->ring, send_zc->stalled.patience_ms, &cqe, why);
		bool notification;

		if (err)
			return err;
		notification = cqe->flags & IORING_CQE_F_NOTIF;
		if (notification)
			send_zc->notifications--;
		else if (cqe->flags & IORING_CQE_F_MORE)
			send_zc->notifications++;
		*result = cqe->res;
		io_uring_cqe_seen(&send_zc->ring, cqe);
		if (!notification)
			return 0;
	}
}

static ssize_t send_part(void *context, int socket, void *data, size_t size, struct reason *why)
{
	struct send_zc *send_zc = context;
	struct io_uring_sqe *sqe = io_uring_get_sqe(&send_zc->ring);
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL, done, err;

	if (send_zc->fixed)
		io_uring_prep_send_zc_fixed(sqe, socket, data, size, flags, 0, 0);
	else
		io_uring_prep_send_zc(sqe, socket, data, size, flags, 0);
	done = io_uring_submit(&send_zc->ring);
	if (done != 1)
		return fail_errno(why, done < 0 ? -done : EIO, "io_uring_enter");
	err = completed(send_zc, &done, why);
	if (err)
		return err;
	if (done >= 0 || done == -EAGAIN)
		return done;
	if (done == -ENOMEM || done == -ENOBUFS)
		return fail(why, EPERM,
			    "SEND_ZC of %zu KiB: RLIMIT_MEMLOCK too small (raise ulimit -l)",
			    size / 1024);
	return fail_errno(why, -done, "SEND_ZC");
}

static int send_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct send_zc *send_zc = pin->private;
	int err = uring_start(&send_zc->ring, 2 * STALLED_MAX, why);

	if (err)
		return err;
	send_zc->open = true;
	if (send_zc->fixed)
		err = uring_register(&send_zc->ring, region->base, region->size, why);
	return err ? err : stalled_take(&send_zc->stalled, region, send_part, send_zc, why);
}

static int send_device_read(struct pin *pin, struct reason *why)
{
	struct send_zc *send_zc = pin->private;

	return stalled_receive(&send_zc->stalled, pin->device, why);
}

static void send_drop(struct pin *pin)
{
	struct send_zc *send_zc = pin->private;
	struct io_uring_cqe *cqe;
	struct reason ignored;

	if (!send_zc)
		return;
	stalled_end(&send_zc->stalled);
	if (!send_zc->open)
		return;
	while (send_zc->notifications &&
	       !uring_wait(&send_zc->ring, LAST_PATIENCE_MS, &cqe, &ignored)) {
		send_zc->notifications -= !!(cqe->flags & IORING_CQE_F_NOTIF);
		io_uring_cqe_seen(&send_zc->ring, cqe);
	}
	/* The end of a ring unpins later, in a kworker; this unpins now. */
	if (send_zc->fixed)
		io_uring_unregister_buffers(&send_zc->ring);
	io_uring_queue_exit(&send_zc->ring);
}

#else

#define send_open NULL
#define send_take NULL
#define send_device_read NULL
#define send_drop NULL

#endif

const struct pin_ops pin_uring_send_zc = {
	.name = "uring-send-zc",
	.help = "io_uring SEND_ZC to a TCP receiver that does not read; what it gets is the device read",
	.held_by = "a TCP queue, by io_uring SEND_ZC",
	.directions = DEVICE_READS,
	.level = LEVEL_SELECTED,
	.class = send_class,
	.probe = uring_probe_send_zc,
	.open = send_open,
	.take = send_take,
	.device_read = send_device_read,
	.drop = send_drop,
};

const struct pin_ops pin_uring_send_zc_fixed = {
	.name = "uring-send-zc-fixed",
	.help = "the same out of a registered buffer",
	.held_by = "a registered buffer and a TCP queue, by io_uring SEND_ZC",
	.directions = DEVICE_READS,
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.class = fixed_class,
	.probe = uring_probe_send_zc,
	.open = send_open,
	.take = send_take,
	.device_read = send_device_read,
	.drop = send_drop,
};
