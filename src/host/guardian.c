// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/io.h"

#define OWNED_MAX 64

/* A kernel that never ends swapoff(2) must not hang thpin. */
#define PATIENCE_MS 5000

enum order { ORDER_OWN, ORDER_UNDO };

struct owned {
	enum owned_kind kind;
	char path[OWNED_PATH];
	char value[OWNED_VALUE];
};

struct message {
	enum order order;
	unsigned token;
	struct owned owned;
};

struct answer {
	unsigned token;
	int err; /* positive errno */
};

struct belongings {
	struct owned owned[OWNED_MAX];
	unsigned count;
};

/* EINVAL: it was never turned on, or is off already. */
static int undo_swap(const struct owned *owned)
{
	if (!swapoff(owned->path) || errno == EINVAL || errno == ENOENT || errno == ENXIO)
		return 0;
	return errno;
}

static int undo_setting(const struct owned *owned)
{
	int err = -write_text(owned->path, owned->value);

	return err == ENOENT ? 0 : err;
}

/* A cgroup is busy until the last of its processes, just killed, is gone. */
static int undo_directory(const struct owned *owned)
{
	for (unsigned tries = 0; tries < 1000; tries++) {
		if (!rmdir(owned->path) || errno == ENOENT)
			return 0;
		if (errno != EBUSY)
			break;
		usleep(1000);
	}
	return errno;
}

static int (*const undo[OWNED_KIND_COUNT])(const struct owned *owned) = {
	[OWNED_SWAP] = undo_swap,
	[OWNED_SETTING] = undo_setting,
	[OWNED_DIRECTORY] = undo_directory,
};

static int undo_all(struct belongings *belongings)
{
	int err = 0;

	while (belongings->count) {
		const struct owned *owned = &belongings->owned[--belongings->count];
		int failed = undo[owned->kind](owned);

		if (failed)
			err = failed;
	}
	return err;
}

static int obey(struct belongings *belongings, const struct message *message)
{
	if (message->order == ORDER_UNDO)
		return undo_all(belongings);
	if (belongings->count == OWNED_MAX)
		return ENOSPC;
	belongings->owned[belongings->count++] = message->owned;
	return 0;
}

static void watch(int socket)
{
	struct belongings belongings = { .count = 0 };
	struct message message;

	while (recv(socket, &message, sizeof(message), 0) == (ssize_t)sizeof(message)) {
		struct answer answer = { message.token, 0 };

		answer.err = obey(&belongings, &message);
		send(socket, &answer, sizeof(answer), MSG_NOSIGNAL);
	}
	undo_all(&belongings);
}

int guardian_start(struct guardian *guardian, struct reason *why)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return fail_errno(why, errno, "socketpair");
	guardian->token = 0;
	guardian->pid = fork();
	if (guardian->pid < 0)
		return fail_errno(why, errno, "cannot fork the guardian");
	if (!guardian->pid) {
		int null = open("/dev/null", O_RDWR);

		/*
		 * Out of reach of a signal to thpin's group, and holding nothing
		 * that a reader of thpin's output would wait for.
		 */
		setsid();
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		for (int fd = 0; null >= 0 && fd < 3; fd++)
			dup2(null, fd);
		close(sockets[0]);
		watch(sockets[1]);
		_exit(0);
	}
	close(sockets[1]);
	guardian->socket = sockets[0];
	return 0;
}

static int converse(struct guardian *guardian, struct message *message, struct reason *why)
{
	struct pollfd ready = { .fd = guardian->socket, .events = POLLIN };
	struct answer answer;

	message->token = ++guardian->token * 2 + (message->order == ORDER_UNDO);
	if (send(guardian->socket, message, sizeof(*message), MSG_NOSIGNAL) < 0)
		return fail_errno(why, errno, "the guardian process is gone");
	/* A worker killed while it waited leaves its answer behind. */
	do {
		if (poll(&ready, 1, PATIENCE_MS) != 1)
			return fail(why, ETIMEDOUT, "the guardian process is stuck in the kernel");
		if (recv(guardian->socket, &answer, sizeof(answer), 0) != (ssize_t)sizeof(answer))
			return fail(why, EPIPE, "the guardian process is gone");
	} while (answer.token != message->token);
	if (answer.err)
		return fail_errno(why, answer.err,
				  message->order == ORDER_UNDO ?
					  "the guardian cannot undo what a case did" :
					  "guardian");
	return 0;
}

int guardian_owns(struct guardian *guardian, enum owned_kind kind, const char *path,
		  const char *value, struct reason *why)
{
	struct message message = { .order = ORDER_OWN, .owned.kind = kind };
	struct owned *owned = &message.owned;

	if (strlen(path) >= sizeof(owned->path) || strlen(value ? value : "") >= OWNED_VALUE)
		return fail(why, ENAMETOOLONG, "%s: too long for the guardian", path);
	strcpy(owned->path, path);
	strcpy(owned->value, value ? value : "");
	return converse(guardian, &message, why);
}

/* Of "always [madvise] never" what is in brackets; @text itself when nothing is. */
static char *chosen(char *text)
{
	char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;

	text[strcspn(text, "\n")] = '\0';
	if (!close)
		return text;
	*close = '\0';
	return open + 1;
}

int guardian_set(struct guardian *guardian, const char *path, const char *value, struct reason *why)
{
	char *text, *before;
	int err = read_text(path, &text, NULL);

	if (err)
		return fail_errno(why, -err, "%s", path);
	before = chosen(text);
	if (strcmp(before, value)) {
		err = guardian_owns(guardian, OWNED_SETTING, path, before, why);
		if (!err && (err = write_text(path, value)))
			fail_errno(why, -err, "cannot write %s to %s", value, path);
	}
	free(text);
	return err;
}

int guardian_undo(struct guardian *guardian, struct reason *why)
{
	struct message message = { .order = ORDER_UNDO };

	return converse(guardian, &message, why);
}

void guardian_stop(struct guardian *guardian)
{
	close_fd(&guardian->socket);
	for (unsigned waited = 0; guardian->pid > 0 && waited < PATIENCE_MS; waited++) {
		if (waitpid(guardian->pid, NULL, WNOHANG))
			break;
		usleep(waited < 20 ? 50 : 1000);
	}
	guardian->pid = 0;
}
