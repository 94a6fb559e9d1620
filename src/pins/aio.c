// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernel AIO, io_submit(2): O_DIRECT reads of files of the hold server, queued and
 * not answered until the device writes. FUSE hands an asynchronous read over to its
 * queue and returns (fuse_direct_IO(), fs/fuse/file.c, with FUSE_ASYNC_DIO), so no
 * thread waits in it.
 */
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory/memory.h"
#include "pins/fuse.h"
#include "util/io.h"

#define KEEPER_STACK (64UL * 1024)

struct aio {
	struct fuse fuse;
	aio_context_t context;
	bool open;
	struct iocb *iocb; /* one a file */
	unsigned in_flight;
	pid_t worker, keeper;
	unsigned char *stack; /* of the keeper */
};

static int setup(unsigned events, aio_context_t *context, struct reason *why)
{
	*context = 0;
	if (!syscall(SYS_io_setup, events, context))
		return 0;
	if (errno == ENOSYS)
		return fail(why, ENOSYS, "this kernel has no AIO (needs CONFIG_AIO)");
	if (errno == EAGAIN)
		return fail(why, EAGAIN, "io_setup: sysctl fs.aio-max-nr is used up");
	return fail_errno(why, errno, "io_setup");
}

static int aio_probe(const struct host *host, struct reason *why)
{
	aio_context_t context;
	int err = fuse_probe(host, why);

	if (!err)
		err = setup(1, &context, why);
	if (!err)
		syscall(SYS_io_destroy, context);
	return err;
}

static int aio_open(struct pin *pin, size_t size, struct reason *why)
{
	struct aio *aio = calloc(1, sizeof(*aio));

	if (!aio)
		return fail_errno(why, ENOMEM, "AIO");
	pin->private = aio;
	return fuse_start_files(&aio->fuse, FUSE_HOLD_READ, pin, size, why);
}

static int keep(void *argument)
{
	const struct aio *aio = argument;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == aio->worker)
		pause();
	return 0;
}

/*
 * The last user of an mm waits for its AIO before it tells anyone that it is dying
 * (exit_aio(), before exit_files() and exit_notify()): a killed worker would wait for
 * a server that waits for the worker's end. So another process uses the mm, too,
 * until the worker is gone.
 */
static int start_keeper(struct aio *aio, struct reason *why)
{
	aio->worker = getpid();
	aio->stack = malloc(KEEPER_STACK);
	if (!aio->stack)
		return fail_errno(why, ENOMEM, "AIO");
	aio->keeper = clone(keep, aio->stack + KEEPER_STACK, CLONE_VM | SIGCHLD, aio);
	if (aio->keeper < 0)
		return fail_errno(why, errno, "cannot clone a process");
	return 0;
}

static int submit(struct aio *aio, unsigned index, struct region *region, struct reason *why)
{
	struct iocb *iocb = &aio->iocb[index];
	int fd = fuse_open(&aio->fuse, index, O_RDWR | O_DIRECT, why);
	int done, err = 0;

	if (fd < 0)
		return fd;
	*iocb = (struct iocb){
		.aio_lio_opcode = IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)fd,
		.aio_buf = (uintptr_t)(region->base + index * aio->fuse.plan.chunk),
		.aio_nbytes = fuse_part(&aio->fuse, index),
	};
	done = (int)syscall(SYS_io_submit, aio->context, 1, &iocb);
	if (done == 1)
		aio->in_flight++;
	else
		err = fail_errno(why, done < 0 ? errno : EIO, "io_submit");
	/* The I/O has its own reference; children must not inherit this one. */
	close(fd);
	return err;
}

static int aio_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct aio *aio = pin->private;
	int err;

	aio->iocb = calloc(aio->fuse.files, sizeof(*aio->iocb));
	if (!aio->iocb)
		return fail_errno(why, ENOMEM, "%u iocbs", aio->fuse.files);
	err = start_keeper(aio, why);
	if (!err)
		err = setup(aio->fuse.files, &aio->context, why);
	if (err)
		return err;
	aio->open = true;
	err = fuse_arm(&aio->fuse, why);
	for (unsigned i = 0; !err && i < aio->fuse.files; i++)
		err = submit(aio, i, region, why);
	return err ? err : fuse_wait_held(&aio->fuse, why);
}

static int reap_one(struct aio *aio, struct reason *why)
{
	unsigned patience_ms = aio->fuse.patience_ms;
	struct timespec patience = { .tv_sec = patience_ms / 1000,
				     .tv_nsec = patience_ms % 1000 * 1000000L };
	struct io_event event;
	int done = (int)syscall(SYS_io_getevents, aio->context, 1, 1, &event, &patience);
	const struct iocb *iocb;

	if (done < 0)
		return fail_errno(why, errno, "io_getevents");
	if (!done)
		return fail_late(why, "the held AIO read", patience_ms);
	aio->in_flight--;
	iocb = (const struct iocb *)(uintptr_t)event.obj;
	if (event.res < 0)
		return fail_errno(why, (int)-event.res, "the held AIO read");
	if ((uint64_t)event.res != iocb->aio_nbytes)
		return fail(why, EIO, "the held AIO read ended after %lld of %llu bytes", event.res,
			    iocb->aio_nbytes);
	return 0;
}

static int aio_device_write(struct pin *pin, struct reason *why)
{
	struct aio *aio = pin->private;
	int err = fuse_release(&aio->fuse, why);

	while (!err && aio->in_flight)
		err = reap_one(aio, why);
	return err;
}

static void aio_drop(struct pin *pin)
{
	struct aio *aio = pin->private;

	if (!aio)
		return;
	/* An aborted connection ends the I/O that io_destroy() would wait for. */
	fuse_stop(&aio->fuse);
	if (aio->open)
		syscall(SYS_io_destroy, aio->context);
	if (aio->keeper > 0) {
		kill(aio->keeper, SIGKILL);
		waitpid(aio->keeper, NULL, 0);
	}
}

const struct pin_ops pin_aio = {
	.name = "aio",
	.help = "kernel AIO: io_submit(2) of an O_DIRECT read of a held FUSE file",
	.held_by = "a kernel AIO O_DIRECT read in flight",
	.directions = DEVICE_WRITES,
	.modules = "fuse",
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.class = fuse_class,
	.probe = aio_probe,
	.open = aio_open,
	.take = aio_take,
	.device_write = aio_device_write,
	.drop = aio_drop,
};
