// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mounting for the hold server. The mounts are detached (fsmount(2), Linux 5.2):
 * they never appear in a mount table and go with their last descriptor, also
 * after SIGKILL.
 */
#include "pins/fuse.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"
#include "pins/namespace.h"
#include "util/io.h"

#define FUSE_DEVICE "/dev/fuse"

int fuse_probe(const struct host *host, struct reason *why)
{
	int fd = open(FUSE_DEVICE, O_RDWR | O_CLOEXEC);

	(void)host;
	if (fd < 0) {
		if (errno == ENOENT || errno == ENODEV || errno == ENXIO)
			return fail_errno(why, errno, FUSE_DEVICE " (modprobe fuse)");
		return fail_errno(why, errno, FUSE_DEVICE " (needs root, or mode 0666)");
	}
	close(fd);
	return 0;
}

/* One file system: its device in *device, its root in *root. */
static int mount_one(int *device, int *root, struct reason *why)
{
	char number[16];
	int context, err;

	*device = open(FUSE_DEVICE, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (*device < 0)
		return fail_descriptors(why, errno, FUSE_DEVICE);
	context = fsopen("fuse", FSOPEN_CLOEXEC);
	if (context < 0)
		return fail_descriptors(why, errno, "fsopen(fuse)");
	snprintf(number, sizeof(number), "%d", *device);
	if (fsconfig(context, FSCONFIG_SET_STRING, "fd", number, 0) ||
	    fsconfig(context, FSCONFIG_SET_STRING, "rootmode", "40700", 0))
		goto failed;
	snprintf(number, sizeof(number), "%u", geteuid());
	if (fsconfig(context, FSCONFIG_SET_STRING, "user_id", number, 0))
		goto failed;
	snprintf(number, sizeof(number), "%u", getegid());
	if (fsconfig(context, FSCONFIG_SET_STRING, "group_id", number, 0) ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		goto failed;
	*root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (*root < 0)
		goto failed;
	close(context);
	return 0;
failed:
	err = fail_descriptors(why, errno, "cannot mount FUSE");
	close(context);
	return err;
}

static int spawn_server(struct fuse *fuse, const int *devices, struct reason *why)
{
	pid_t parent = getpid();
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return fail_descriptors(why, errno, "socketpair");
	fuse->server = fork();
	if (fuse->server < 0)
		return fail_errno(why, errno, "cannot fork the FUSE server");
	if (!fuse->server) {
		/* Its death is what aborts the requests of a killed worker. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		close(sockets[0]);
		for (unsigned i = 0; i < fuse->files; i++)
			close(fuse->mount[i]);
		_exit(fuse_serve(fuse, devices, sockets[1]) ? 1 : 0);
	}
	close(sockets[1]);
	fuse->control = sockets[0];
	return 0;
}

int fuse_start(struct fuse *fuse, const struct fuse_plan *plan, const struct pin *pin,
	       struct reason *why)
{
	const struct host *host = pin->host;
	int *devices, err = 0;

	fuse->plan = *plan;
	fuse->patience_ms = pin->patience_ms;
	fuse->request = FUSE_PAGES * host->page_size;
	fuse->files = (unsigned)((plan->size + plan->chunk - 1) / plan->chunk);
	fuse->control = -1;
	fuse->mount = calloc(fuse->files, sizeof(*fuse->mount));
	devices = calloc(fuse->files, sizeof(*devices));
	if (!fuse->mount || !devices) {
		free(devices);
		return fail_errno(why, ENOMEM, "%u FUSE mounts", fuse->files);
	}
	/* FS_USERNS_MOUNT since Linux 4.18 */
	if (!host->admin)
		err = namespace_enter(CLONE_NEWNS, "to mount FUSE", host, why);
	for (unsigned i = 0; !err && i < fuse->files; i++)
		err = mount_one(&devices[i], &fuse->mount[i], why);
	if (!err)
		err = spawn_server(fuse, devices, why);
	/* The server alone must hold the devices: its end ends the connections. */
	for (unsigned i = 0; i < fuse->files; i++)
		if (devices[i] > 0)
			close(devices[i]);
	free(devices);
	return err;
}

int fuse_start_files(struct fuse *fuse, enum fuse_hold hold, const struct pin *pin, size_t size,
		     struct reason *why)
{
	size_t most = FUSE_PAGES * pin->host->page_size;
	struct fuse_plan plan = {
		.hold = hold,
		.size = size,
		.data = pin->device,
		.chunk = size < most ? size : most,
		.file_size = most,
	};

	return fuse_start(fuse, &plan, pin, why);
}

size_t fuse_part(const struct fuse *fuse, unsigned index)
{
	size_t left = fuse->plan.size - index * fuse->plan.chunk;

	return left < fuse->plan.chunk ? left : fuse->plan.chunk;
}

enum pin_class fuse_class(const struct host *host)
{
	return host->kernel < KERNEL(6, 9) ? PIN_CLASS_GET : PIN_CLASS_PIN;
}

int fuse_open(const struct fuse *fuse, unsigned index, int flags, struct reason *why)
{
	int fd = openat(fuse->mount[index], "data", flags | O_CLOEXEC);

	if (fd < 0)
		return fail_descriptors(why, errno, "cannot open the FUSE file");
	return fd;
}

/* One command and, unless @answer is 0, its answer of one byte. */
static int converse(struct fuse *fuse, char command, char answer, const char *what,
		    struct reason *why)
{
	struct pollfd ready = { .fd = fuse->control, .events = POLLIN };
	struct {
		char answer;
		struct reason why;
	} reply;

	if (command && send(fuse->control, &command, 1, MSG_NOSIGNAL) != 1)
		return fail_errno(why, errno, "the FUSE server is gone");
	if (poll(&ready, 1, (int)fuse->patience_ms) != 1)
		return fail_late(why, what, fuse->patience_ms);
	if (recv(fuse->control, &reply, sizeof(reply), 0) != (ssize_t)sizeof(reply))
		return fail(why, EPIPE, "the FUSE server is gone");
	if (reply.answer != answer) {
		*why = reply.why;
		return -EPROTO;
	}
	return 0;
}

int fuse_arm(struct fuse *fuse, struct reason *why)
{
	return converse(fuse, 'a', 'a', "the start of the FUSE server", why);
}

int fuse_wait_held(struct fuse *fuse, struct reason *why)
{
	return converse(fuse, 0, 'h', "the I/O that the FUSE server is to hold", why);
}

int fuse_release(struct fuse *fuse, struct reason *why)
{
	return converse(fuse, 'r', 'r', "the I/O of the FUSE server", why);
}

void fuse_stop(struct fuse *fuse)
{
	if (fuse->server > 0) {
		kill(fuse->server, SIGKILL);
		waitpid(fuse->server, NULL, 0);
		fuse->server = 0;
	}
	close_fd(&fuse->control);
}
