// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "boot/boot.h"
#include "boot/frames.h"
#include "boot/kernel.h"
#include "boot/qemu.h"
#include "util/io.h"

/* The end of the console that is shown when a kernel does not answer. */
#define TAIL_SIZE 4096

/* With --accel auto: how long KVM may take to reach PID 1. */
#define KVM_PATIENCE_S 20

struct session {
	const struct boot_plan *plan;
	struct qemu qemu;
	int out, err;
	int log;     /* of the console, -1: none */
	int log_err; /* of writing it, 0: none so far */
	int stop;    /* signalfd */
	struct frame_reader reader;
	struct squeeze *unsqueezer;
	bool hello, ended;
	uint64_t deadline; /* of what is waited for, as clock_ns() */
	int code;
	struct reason *why;
	char tail[TAIL_SIZE];
	size_t tail_used;
};

static void keep_tail(struct session *session, const char *data, size_t size)
{
	if (size > TAIL_SIZE) {
		data += size - TAIL_SIZE;
		size = TAIL_SIZE;
	}
	if (session->tail_used + size > TAIL_SIZE) {
		size_t drop = session->tail_used + size - TAIL_SIZE;

		memmove(session->tail, session->tail + drop, session->tail_used - drop);
		session->tail_used -= drop;
	}
	memcpy(session->tail + session->tail_used, data, size);
	session->tail_used += size;
}

/*
 * write_all(), but only as long as there is time, and until a signal comes: a reader may
 * be slow, or none. Then the rest is dropped, which converse() finds out by itself.
 */
static int write_in_time(const struct session *session, int fd, const unsigned char *data,
			 size_t size)
{
	int err = 0;

	while (!err && size) {
		struct pollfd ready[] = {
			{ .fd = fd, .events = POLLOUT },
			{ .fd = session->stop, .events = POLLIN },
		};
		uint64_t now = clock_ns();
		/* What a pipe takes that takes anything (pipe(7)). */
		size_t part = size < PIPE_BUF ? size : PIPE_BUF;

		if (now >= session->deadline)
			return 0;
		if (poll(ready, 2, (int)((session->deadline - now) / 1000000) + 1) <= 0)
			continue;
		if (ready[1].revents)
			return 0;
		err = write_all(fd, data, part);
		data += part;
		size -= part;
	}
	return err;
}

/* 0 at the end of the stream. */
static int take_console(struct session *session)
{
	char data[4096];
	ssize_t size = read(session->qemu.console, data, sizeof(data));

	if (size <= 0)
		return 0;
	keep_tail(session, data, (size_t)size);
	if (session->log >= 0 && !session->log_err)
		session->log_err = write_all(session->log, data, (size_t)size);
	if (session->plan->verbose)
		write_in_time(session, session->err, (const unsigned char *)data, (size_t)size);
	return 1;
}

/* Returns 0, or -errno when the guest cannot go on. */
static int pass_on(struct session *session, const struct frame *frame)
{
	unsigned char data[SQUEEZE_IN];
	size_t size;
	int err;

	if (unsqueeze(session->unsqueezer, frame->data, frame->size, data, &size))
		return fail(session->why, EBADMSG, "the serial line has lost bytes of the guest");
	if (frame->kind == FRAME_STDERR)
		return write_in_time(session, session->err, data, size), 0;
	err = write_in_time(session, session->out, data, size);
	return err ? fail_errno(session->why, -err, "standard output") : 0;
}

static void obey(struct session *session, const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_HELLO:
		session->hello = true;
		break;
	case FRAME_STDOUT:
	case FRAME_STDERR:
		if (pass_on(session, frame)) {
			session->code = BOOT_FAILED;
			session->ended = true;
		}
		break;
	case FRAME_EXIT:
		session->code = frame->size ? frame->data[0] : BOOT_FAILED;
		session->ended = true;
		break;
	case FRAME_FAILED:
		fail(session->why, EIO, "%.*s", (int)frame->size, (const char *)frame->data);
		session->code = BOOT_FAILED;
		session->ended = true;
		break;
	}
}

static int take_frames(struct session *session)
{
	unsigned char data[2048];
	struct frame frame;
	ssize_t size = read(session->qemu.frames, data, sizeof(data));

	if (size <= 0)
		return 0;
	frame_feed(&session->reader, data, (size_t)size);
	while (!session->ended && frame_next(&session->reader, &frame))
		obey(session, &frame);
	return 1;
}

/*
 * What QEMU says of a kernel that it does not load (hw/i386/x86-common.c): no name of a
 * file is in it.
 */
static bool blames_kernel(const struct session *session)
{
	static const char *const refusals[] = { "uncompressed kernel", "elf kernel",
						"kernel header" };
	bool found = false;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		found |= !!memmem(session->tail, session->tail_used, refusals[i],
				  strlen(refusals[i]));
	return found;
}

/*
 * QEMU has ended. It exits with 0 when the kernel panics or reboots; another status is not
 * the kernel's fault, unless QEMU says so.
 */
static void explain_end(struct session *session)
{
	int status = qemu_status(&session->qemu);

	if (session->hello) {
		fail(session->why, EIO, "the guest ended before the subcommand did (panic?)");
	} else if (status && !blames_kernel(session)) {
		fail(session->why, EIO, "%s failed (exit status %d)", session->plan->qemu, status);
		session->code = BOOT_FAILED;
	} else {
		fail(session->why, EIO,
		     "the kernel ended before it reached PID 1 (no kernel, or panic?)");
	}
}

/*
 * Until the exit frame, the end of QEMU, a signal or the time limit: @patience_s is for
 * the way to PID 1, which has the time of the whole run from then on.
 */
static void converse(struct session *session, unsigned patience_s)
{
	uint64_t began = clock_ns();

	while (!session->ended) {
		struct pollfd ready[] = {
			{ .fd = session->qemu.frames, .events = POLLIN },
			{ .fd = session->qemu.console, .events = POLLIN },
			{ .fd = session->stop, .events = POLLIN },
		};
		unsigned limit_s = session->hello ? session->plan->timeout_s : patience_s;
		uint64_t deadline = began + limit_s * UINT64_C(1000000000), now = clock_ns();
		bool more = true;

		session->deadline = deadline;
		if (now >= deadline) {
			fail(session->why, ETIMEDOUT, "the guest did not answer within %u s",
			     limit_s);
			return;
		}
		if (poll(ready, 3, (int)((deadline - now) / 1000000) + 1) < 0)
			continue;
		if (ready[2].revents) {
			struct signalfd_siginfo taken;

			/* Else it ends thpin as soon as it is no longer blocked. */
			if (read(session->stop, &taken, sizeof(taken)) < 0)
				continue;
			fail(session->why, EINTR, "interrupted");
			session->code = BOOT_STOPPED;
			return;
		}
		if (ready[1].revents)
			more = take_console(session);
		if (ready[0].revents)
			more = take_frames(session) || more;
		if (!more && !session->ended) {
			explain_end(session);
			return;
		}
	}
}

static int run_once(struct session *session, const struct qemu_files *files, bool kvm,
		    unsigned patience_s)
{
	int err;

	session->unsqueezer = unsqueeze_new();
	err = session->unsqueezer ?
		      qemu_start(&session->qemu, session->plan, files, kvm, session->why) :
		      fail_errno(session->why, ENOMEM, "boot");
	session->code = BOOT_NO_ANSWER;
	session->hello = session->ended = false;
	session->reader.used = session->tail_used = 0;
	if (err) {
		session->code = BOOT_FAILED;
	} else {
		converse(session, patience_s);
		qemu_stop(&session->qemu);
	}
	unsqueeze_free(session->unsqueezer);
	return err;
}

static char *last_lines(const struct session *session)
{
	return session->tail_used ? strndup(session->tail, session->tail_used) : NULL;
}

static int boot(struct session *session, const struct qemu_files *files)
{
	const struct boot_plan *plan = session->plan;
	bool kvm = plan->accel != ACCEL_TCG && !access("/dev/kvm", R_OK | W_OK);
	unsigned patience_s = plan->timeout_s;

	if (plan->accel == ACCEL_KVM && !kvm) {
		session->code = BOOT_FAILED;
		return fail_errno(session->why, errno, "/dev/kvm (--accel tcg needs none)");
	}
	/* /dev/kvm of a virtual machine may be there and still boot nothing. */
	if (kvm && plan->accel == ACCEL_AUTO) {
		if (KVM_PATIENCE_S < patience_s)
			patience_s = KVM_PATIENCE_S;
		run_once(session, files, true, patience_s);
		if (session->hello || session->code == BOOT_STOPPED)
			return 0;
		session->why->text[0] = '\0';
		kvm = false;
	}
	return run_once(session, files, kvm, plan->timeout_s);
}

static int open_log(struct session *session)
{
	const char *path = session->plan->keep_log;

	if (!path)
		return 0;
	session->log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return session->log < 0 ? fail_errno(session->why, errno, "--keep-log %s", path) : 0;
}

/* Where SIGINT and SIGTERM end the guest instead of thpin. */
static void boot_stoppable(struct session *session, const struct qemu_files *files)
{
	sigset_t stop, before;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &before);
	session->stop = signalfd(-1, &stop, SFD_CLOEXEC);
	boot(session, files);
	close_fd(&session->stop);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

int boot_run(const struct boot_plan *plan, int out, int err, char **console, struct reason *why)
{
	struct session *session = calloc(1, sizeof(*session));
	struct qemu_files files = { .kernel = -1, .initramfs = -1 };
	int code;

	*console = NULL;
	if (!session)
		return fail_errno(why, ENOMEM, "boot"), BOOT_FAILED;
	*session = (struct session){ .plan = plan, .out = out, .err = err, .log = -1, .why = why };
	why->text[0] = '\0';
	session->code = BOOT_NO_ANSWER;
	files.kernel = kernel_open(plan->kernel, why);
	if (files.kernel >= 0) {
		session->code = BOOT_FAILED;
		if (!open_log(session))
			files.initramfs = initramfs_make(plan, why);
		if (files.initramfs >= 0)
			boot_stoppable(session, &files);
	}
	close_fd(&files.kernel);
	close_fd(&files.initramfs);
	/* QEMU says there why it did not start. */
	if (session->code != BOOT_STOPPED && !session->ended)
		*console = last_lines(session);
	close_fd(&session->log);
	if (session->log_err && !why->text[0])
		fail_errno(why, -session->log_err, "--keep-log %s", plan->keep_log);
	code = session->code;
	free(session);
	return code;
}
