// SPDX-License-Identifier: GPL-2.0-or-later
/* What the io_uring pins share: io_uring_setup(2), io_uring_register(2). */
#include "pins/uring.h"

#if HAVE_LIBURING

#include "pins/pins.h"

int uring_start(struct io_uring *ring, unsigned entries, struct reason *why)
{
	int err = -io_uring_queue_init(entries, ring, 0);

	if (err == EPERM)
		return fail(why, err,
			    "io_uring is forbidden (sysctl kernel.io_uring_disabled, or seccomp)");
	if (err == ENOSYS)
		return fail(why, err, "this kernel has no io_uring (needs CONFIG_IO_URING)");
	if (err == ENOMEM)
		return fail(why, EPERM, "io_uring: RLIMIT_MEMLOCK too small (raise ulimit -l)");
	return err ? fail_errno(why, err, "io_uring_setup") : 0;
}

/* io_buffer_validate(), io_uring/rsrc.c */
#define BUFFER_MAX ((size_t)1 << 30)

int uring_register(struct io_uring *ring, void *base, size_t size, struct reason *why)
{
	struct iovec buffer = { base, size };
	int err = -io_uring_register_buffers(ring, &buffer, 1);

	if (err == ENOMEM)
		return fail(why, EPERM,
			    "cannot register %zu KiB: RLIMIT_MEMLOCK too small (raise ulimit -l)",
			    size / 1024);
	if (err == EOPNOTSUPP)
		return fail(why, ENOTSUP, "io_uring takes no memory of a file before Linux 6.5");
	if (err == EFAULT && size > BUFFER_MAX)
		return fail(why, ENOTSUP, "io_uring takes no buffer above 1 GiB (smaller --size)");
	return err ? fail_errno(why, err, "cannot register a buffer") : 0;
}

int uring_wait(struct io_uring *ring, unsigned patience_ms, struct io_uring_cqe **cqe,
	       struct reason *why)
{
	struct __kernel_timespec patience = { .tv_sec = patience_ms / 1000,
					      .tv_nsec = patience_ms % 1000 * 1000000L };
	int err = -io_uring_wait_cqe_timeout(ring, cqe, &patience);

	if (err == ETIME)
		return fail_late(why, "io_uring", patience_ms);
	return err ? fail_errno(why, err, "io_uring") : 0;
}

/* @opcode < 0: any ring will do. */
static int probe(int opcode, const char *name, struct reason *why)
{
	struct io_uring_probe *known;
	struct io_uring ring;
	int err = uring_start(&ring, 4, why);

	if (err)
		return err;
	if (opcode >= 0) {
		known = io_uring_get_probe_ring(&ring);
		if (!known || !io_uring_opcode_supported(known, opcode))
			err = fail(why, ENOTSUP, "the io_uring of this kernel has no %s", name);
		io_uring_free_probe(known);
	}
	io_uring_queue_exit(&ring);
	return err;
}

int uring_probe(const struct host *host, struct reason *why)
{
	(void)host;
	return probe(-1, NULL, why);
}

int uring_probe_send_zc(const struct host *host, struct reason *why)
{
	(void)host;
	return probe(IORING_OP_SEND_ZC, "SEND_ZC (Linux 6.0)", why);
}

#else

int uring_probe(const struct host *host, struct reason *why)
{
	(void)host;
	return fail(why, ENOTSUP, LIBURING_REASON);
}

int uring_probe_send_zc(const struct host *host, struct reason *why)
{
	return uring_probe(host, why);
}

#endif
