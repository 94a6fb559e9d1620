// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * process_vm_readv(2) and process_vm_writev(2) by a helper process: FOLL_PIN since
 * Linux 5.6 (803e4572d7c5, "mm/process_vm_access: set FOLL_PIN via
 * pin_user_pages_remote()"), FOLL_GET before. process_vm_rw_single_vec()
 * (mm/process_vm_access.c) pins the pages of the other process, lets go of its
 * mmap_lock, and copies page by page from or to memory of the caller. That is
 * registered with userfaultfd(2) and missing, so that the first copy waits with all
 * pages pinned: the helper's fault is the proof, and its page lets the copies go on.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"
#include "host/userfault.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "util/io.h"

enum command { TAKE_WRITE, TAKE_READ, DEVICE_READ, DEVICE_WRITE };

struct message {
	enum command command;
	pid_t target; /* whose region it is */
	void *base;
	size_t size;
};

struct answer {
	int err;
	struct reason why;
};

/* One call that is held, a thread of the helper. */
struct held {
	pthread_t thread;
	bool running, writes;
	pid_t target;
	size_t size;
	void *local, *remote;
	ssize_t done; /* bytes, or -errno */
};

struct process_vm {
	pid_t helper;
	int control; /* socket to the other one */
	size_t size;
	unsigned patience_ms;  /* of the pin */
	unsigned char *device; /* shared, of the pin */

	/* Of the helper */
	pid_t worker;
	int faults; /* userfaultfd */
	struct held read, write;
};

static enum pin_class process_vm_class(const struct host *host)
{
	return host->kernel < KERNEL(5, 6) ? PIN_CLASS_GET : PIN_CLASS_PIN;
}

static int process_vm_probe(const struct host *host, struct reason *why)
{
	int fd;

	(void)host;
	if (process_vm_readv(getpid(), NULL, 0, NULL, 0, 0) && errno == ENOSYS)
		return fail(why, ENOSYS,
			    "this kernel has no process_vm_readv (needs CONFIG_CROSS_MEMORY_ATTACH)");
	fd = userfault_open_kernel(why);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* --- the helper ------------------------------------------------------------ */

static void *call(void *argument)
{
	struct held *held = argument;
	struct iovec local = { held->local, held->size }, remote = { held->remote, held->size };

	held->done = held->writes ? process_vm_writev(held->target, &local, 1, &remote, 1, 0) :
				    process_vm_readv(held->target, &local, 1, &remote, 1, 0);
	if (held->done < 0)
		held->done = -errno;
	return NULL;
}

static const char *call_name(const struct held *held)
{
	return held->writes ? "process_vm_writev" : "process_vm_readv";
}

static int finish(struct held *held, struct reason *why)
{
	pthread_join(held->thread, NULL);
	held->running = false;
	if (held->done == -EPERM)
		return fail(why, EPERM,
			    "%s of the parent is forbidden (see sysctl kernel.yama.ptrace_scope)",
			    call_name(held));
	if (held->done < 0)
		return fail_errno(why, (int)-held->done, "%s", call_name(held));
	if ((size_t)held->done != held->size)
		return fail(why, EIO, "%s ended after %zd of %zu bytes", call_name(held),
			    held->done, held->size);
	return 0;
}

/* Start a call and wait for its first fault. */
static int hold(struct process_vm *vm, struct held *held, bool writes,
		const struct message *message, struct reason *why)
{
	struct pollfd ready = { .fd = vm->faults, .events = POLLIN };
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	struct uffd_msg fault;
	int err;

	vm->size = message->size;
	held->writes = writes;
	held->target = message->target;
	held->size = vm->size;
	held->remote = message->base;
	held->local = mmap(NULL, vm->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			   0);
	if (held->local == MAP_FAILED)
		return fail_errno(why, errno, "cannot map %zu bytes", vm->size);
	err = userfault_register(vm->faults, held->local, vm->size, UFFDIO_REGISTER_MODE_MISSING,
				 why);
	if (err)
		return err;
	err = pthread_create(&held->thread, NULL, call, held);
	if (err)
		return fail_errno(why, err, "cannot start a thread");
	held->running = true;
	/* A call that fails ends without a fault. The worker does not wait forever. */
	while (poll(&ready, 1, 10) != 1)
		if (held->done < 0)
			return finish(held, why);
	if (read(vm->faults, &fault, sizeof(fault)) != (ssize_t)sizeof(fault) ||
	    fault.event != UFFD_EVENT_PAGEFAULT ||
	    (void *)(uintptr_t)(fault.arg.pagefault.address & ~(page_size - 1)) != held->local)
		return fail(why, EPROTO, "%s faults elsewhere", call_name(held));
	return 0;
}

static int device_read(struct process_vm *vm, struct reason *why)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)vm->read.local, .len = vm->size },
	};
	int err;

	if (!vm->read.running)
		return fail(why, EPROTO, "%s was not begun", call_name(&vm->read));
	if (ioctl(vm->faults, UFFDIO_ZEROPAGE, &zero))
		return fail_errno(why, errno, "UFFDIO_ZEROPAGE");
	err = finish(&vm->read, why);
	if (!err)
		memcpy(vm->device, vm->read.local, vm->size);
	return err;
}

static int device_write(struct process_vm *vm, struct reason *why)
{
	struct uffdio_copy copy = {
		.src = (uintptr_t)vm->device,
		.dst = (uintptr_t)vm->write.local,
		.len = vm->size,
	};

	if (!vm->write.running)
		return fail(why, EPROTO, "%s was not begun", call_name(&vm->write));
	if (ioctl(vm->faults, UFFDIO_COPY, &copy))
		return fail_errno(why, errno, "UFFDIO_COPY");
	return finish(&vm->write, why);
}

static int obey(struct process_vm *vm, const struct message *message, struct reason *why)
{
	switch (message->command) {
	case TAKE_WRITE:
		return hold(vm, &vm->write, true, message, why);
	case TAKE_READ:
		return hold(vm, &vm->read, false, message, why);
	case DEVICE_READ:
		return device_read(vm, why);
	case DEVICE_WRITE:
		return device_write(vm, why);
	}
	return fail(why, EINVAL, "process-vm: command %d", message->command);
}

/* Until the worker closes its end, or dies. */
static void serve(struct process_vm *vm)
{
	struct answer answer = { .err = 0 };
	struct message message;

	vm->faults = userfault_open_kernel(&answer.why);
	if (vm->faults < 0)
		answer.err = vm->faults;
	while (recv(vm->control, &message, sizeof(message), 0) == (ssize_t)sizeof(message)) {
		if (!answer.err)
			answer.err = obey(vm, &message, &answer.why);
		send(vm->control, &answer, sizeof(answer), MSG_NOSIGNAL);
	}
}

/* --- the worker ------------------------------------------------------------ */

static int process_vm_open(struct pin *pin, size_t size, struct reason *why)
{
	struct process_vm *vm = calloc(1, sizeof(*vm));
	int sockets[2];

	if (!vm)
		return fail_errno(why, ENOMEM, "process_vm");
	pin->private = vm;
	vm->size = size;
	vm->device = pin->device;
	vm->patience_ms = pin->patience_ms;
	vm->worker = getpid();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return fail_errno(why, errno, "socketpair");
	vm->helper = fork();
	if (vm->helper < 0)
		return fail_errno(why, errno, "cannot fork a helper");
	if (!vm->helper) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != vm->worker)
			_exit(0);
		close(sockets[0]);
		vm->control = sockets[1];
		serve(vm);
		_exit(0);
	}
	close(sockets[1]);
	vm->control = sockets[0];
	return 0;
}

static int converse(struct process_vm *vm, enum command command, void *base, struct reason *why)
{
	struct pollfd ready = { .fd = vm->control, .events = POLLIN };
	struct message message = { command, getpid(), base, vm->size };
	struct answer answer;

	if (send(vm->control, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		return fail_errno(why, errno, "the process_vm helper is gone");
	if (poll(&ready, 1, (int)vm->patience_ms) != 1)
		return fail_late(why, "process_vm", vm->patience_ms);
	if (recv(vm->control, &answer, sizeof(answer), 0) != (ssize_t)sizeof(answer))
		return fail(why, EPIPE, "the process_vm helper is gone");
	if (answer.err)
		*why = answer.why;
	return answer.err;
}

/*
 * More are pinned one lot after the other: the kernel has two pages for the pointers
 * (PVM_MAX_KMALLOC_PAGES, mm/process_vm_access.c), however large a page is.
 */
static size_t pages_at_once(const struct region *region)
{
	return 2 * region->page_size / sizeof(void *);
}

static int process_vm_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct process_vm *vm = pin->private;
	int err = 0;

	if (region->pages > pages_at_once(region))
		return fail(why, ENOTSUP,
			    "process_vm_readv() pins %zu pages at a time (--size %zuK at most)",
			    pages_at_once(region),
			    pages_at_once(region) * region->page_size / 1024);
	vm->size = region->size;
	/* With kernel.yama.ptrace_scope 1 a child may not look into its parent unasked. */
	prctl(PR_SET_PTRACER, vm->helper, 0, 0, 0);
	if (pin->ops->directions & DEVICE_WRITES)
		err = converse(vm, TAKE_WRITE, region->base, why);
	return err ? err : converse(vm, TAKE_READ, region->base, why);
}

static int process_vm_device_read(struct pin *pin, struct reason *why)
{
	return converse(pin->private, DEVICE_READ, NULL, why);
}

static int process_vm_device_write(struct pin *pin, struct reason *why)
{
	return converse(pin->private, DEVICE_WRITE, NULL, why);
}

static void process_vm_drop(struct pin *pin)
{
	struct process_vm *vm = pin->private;

	if (!vm)
		return;
	if (vm->helper > 0) {
		kill(vm->helper, SIGKILL);
		waitpid(vm->helper, NULL, 0);
		close_fd(&vm->control);
	}
}

const struct pin_ops pin_process_vm = {
	.name = "process-vm",
	.help = "process_vm_writev and process_vm_readv by another process, held in a fault of its own",
	.held_by = "process_vm_writev and process_vm_readv in progress",
	.directions = DEVICE_WRITES | DEVICE_READS,
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.class = process_vm_class,
	.probe = process_vm_probe,
	.open = process_vm_open,
	.take = process_vm_take,
	.device_write = process_vm_device_write,
	.device_read = process_vm_device_read,
	.drop = process_vm_drop,
};

const struct pin_ops pin_process_vm_ro = {
	.name = "process-vm-ro",
	.help = "process_vm_readv alone: a short pin that only reads",
	.held_by = "process_vm_readv in progress",
	.directions = DEVICE_READS,
	.level = LEVEL_SELECTED,
	.class = process_vm_class,
	.probe = process_vm_probe,
	.open = process_vm_open,
	.take = process_vm_take,
	.device_read = process_vm_device_read,
	.drop = process_vm_drop,
};
