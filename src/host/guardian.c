// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/io.h"

#define OWNED_MAX 8

/* A kernel that never ends swapoff(2) must not hang thpin. */
#define PATIENCE_MS 5000

enum order { ORDER_OWN_SWAP, ORDER_UNDO };

struct message {
	enum order order;
	unsigned token;
	char path[64];
};

struct answer {
	unsigned token;
	int err; /* positive errno */
};

struct owned {
	char swap[OWNED_MAX][sizeof(((struct message *)0)->path)];
	unsigned count;
};

/* EINVAL: it was never turned on, or is off already. */
static int undo_all(struct owned *owned)
{
	int err = 0;

	while (owned->count) {
		const char *path = owned->swap[--owned->count];

		if (swapoff(path) && errno != EINVAL && errno != ENOENT && errno != ENXIO)
			err = errno;
	}
	return err;
}

static int obey(struct owned *owned, const struct message *message)
{
	if (message->order == ORDER_UNDO)
		return undo_all(owned);
	if (owned->count == OWNED_MAX)
		return ENOSPC;
	memcpy(owned->swap[owned->count++], message->path, sizeof(message->path));
	return 0;
}

static void watch(int socket)
{
	struct owned owned = { .count = 0 };
	struct message message;

	while (recv(socket, &message, sizeof(message), 0) == (ssize_t)sizeof(message)) {
		struct answer answer = { message.token, 0 };

		message.path[sizeof(message.path) - 1] = '\0';
		answer.err = obey(&owned, &message);
		send(socket, &answer, sizeof(answer), MSG_NOSIGNAL);
	}
	undo_all(&owned);
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
					  "the guardian cannot turn swap off" :
					  "guardian");
	return 0;
}

int guardian_owns_swap(struct guardian *guardian, const char *path, struct reason *why)
{
	struct message message = { .order = ORDER_OWN_SWAP };

	snprintf(message.path, sizeof(message.path), "%s", path);
	return converse(guardian, &message, why);
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
