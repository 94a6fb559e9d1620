// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "boot/boot.h"
#include "boot/frames.h"
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
	int log;  /* of the console, -1: none */
	int stop; /* signalfd */
	struct frame_reader reader;
	bool hello, ended;
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

/* 0 at the end of the stream. */
static int take_console(struct session *session)
{
	char data[4096];
	ssize_t size = read(session->qemu.console, data, sizeof(data));

	if (size <= 0)
		return 0;
	keep_tail(session, data, (size_t)size);
	if (session->log >= 0)
		write_all(session->log, data, (size_t)size);
	if (session->plan->verbose)
		write_all(session->err, data, (size_t)size);
	return 1;
}

static void obey(struct session *session, const struct frame *frame)
{
	switch (frame->kind) {
	case FRAME_HELLO:
		session->hello = true;
		break;
	case FRAME_STDOUT:
		if (write_all(session->out, frame->data, frame->size)) {
			session->code = fail(session->why, EPIPE, "standard output is closed") ?
						BOOT_FAILED :
						0;
			session->ended = true;
		}
		break;
	case FRAME_STDERR:
		write_all(session->err, frame->data, frame->size);
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

/* Until the exit frame, the end of QEMU, a signal or the time limit. */
static void converse(struct session *session, unsigned limit_s)
{
	uint64_t deadline = clock_ns() + limit_s * UINT64_C(1000000000);

	while (!session->ended) {
		struct pollfd ready[] = {
			{ .fd = session->qemu.frames, .events = POLLIN },
			{ .fd = session->qemu.console, .events = POLLIN },
			{ .fd = session->stop, .events = POLLIN },
		};
		uint64_t now = clock_ns();
		bool more = true;

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
			fail(session->why, EIO,
			     session->hello ?
				     "the guest ended before the subcommand did (panic?)" :
				     "the kernel ended before it reached PID 1 (no kernel, or panic?)");
			return;
		}
	}
}

static int run_once(struct session *session, int initramfs, bool kvm, unsigned limit_s)
{
	int err = qemu_start(&session->qemu, session->plan, initramfs, kvm, session->why);

	session->code = BOOT_NO_ANSWER;
	session->hello = session->ended = false;
	session->reader.used = session->tail_used = 0;
	if (err) {
		session->code = BOOT_FAILED;
		return err;
	}
	converse(session, limit_s);
	qemu_stop(&session->qemu);
	return 0;
}

static char *last_lines(const struct session *session)
{
	return session->tail_used ? strndup(session->tail, session->tail_used) : NULL;
}

/* An x86 bzImage (Documentation/arch/x86/boot.rst) or an ELF with a PVH note. */
static int check_kernel(const char *path, struct reason *why)
{
	unsigned char head[0x206] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return fail_errno(why, errno, "--kernel %s", path);
	err = pread_all(fd, head, sizeof(head), 0);
	close(fd);
	if (!err && (!memcmp(head + 0x202, "HdrS", 4) || !memcmp(head, "\177ELF", 4)))
		return 0;
	return fail(why, ENOEXEC, "--kernel %s is not a kernel (no x86 boot header)", path);
}

static int boot(struct session *session, int initramfs)
{
	const struct boot_plan *plan = session->plan;
	bool kvm = plan->accel != ACCEL_TCG && !access("/dev/kvm", R_OK | W_OK);
	unsigned limit_s = plan->timeout_s;

	if (plan->accel == ACCEL_KVM && !kvm) {
		session->code = BOOT_FAILED;
		return fail_errno(session->why, errno, "/dev/kvm (--accel tcg needs none)");
	}
	/* /dev/kvm of a virtual machine may be there and still boot nothing. */
	if (kvm && plan->accel == ACCEL_AUTO) {
		if (KVM_PATIENCE_S < limit_s)
			limit_s = KVM_PATIENCE_S;
		run_once(session, initramfs, true, limit_s);
		if (session->hello || session->code == BOOT_STOPPED)
			return 0;
		session->why->text[0] = '\0';
		kvm = false;
	}
	return run_once(session, initramfs, kvm, plan->timeout_s);
}

int boot_run(const struct boot_plan *plan, int out, int err, char **console, struct reason *why)
{
	struct session *session = calloc(1, sizeof(*session));
	sigset_t stop, before;
	int initramfs, code;

	*console = NULL;
	if (!session)
		return fail_errno(why, ENOMEM, "boot"), BOOT_FAILED;
	*session = (struct session){ .plan = plan, .out = out, .err = err, .log = -1, .why = why };
	why->text[0] = '\0';
	session->code = BOOT_NO_ANSWER;
	if (check_kernel(plan->kernel, why)) {
		free(session);
		return BOOT_NO_ANSWER;
	}
	session->code = BOOT_FAILED;
	if (plan->keep_log) {
		session->log = open(plan->keep_log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (session->log < 0)
			fail_errno(why, errno, "--keep-log %s", plan->keep_log);
	}
	initramfs = why->text[0] ? -1 : initramfs_make(plan, why);
	if (initramfs >= 0) {
		sigemptyset(&stop);
		sigaddset(&stop, SIGINT);
		sigaddset(&stop, SIGTERM);
		sigprocmask(SIG_BLOCK, &stop, &before);
		session->stop = signalfd(-1, &stop, SFD_CLOEXEC);
		boot(session, initramfs);
		close_fd(&session->stop);
		sigprocmask(SIG_SETMASK, &before, NULL);
		close(initramfs);
	}
	if (session->code == BOOT_NO_ANSWER && !session->ended)
		*console = last_lines(session);
	close_fd(&session->log);
	code = session->code;
	free(session);
	return code;
}
