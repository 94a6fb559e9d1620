// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/rdma_link.h"
#include "util/io.h"

#define OWNED_MAX 64
#define OWNED_VALUE 64

/*
 * A kernel that never ends swapoff(2) must not hang thpin. Beside four busy processes on
 * two CPUs it was seen to take over five seconds to write the settings of KSM back.
 */
#define PATIENCE_MS 20000

/* How long another thpin may keep a setting: less than the above. */
#define LOCK_MS 4000

enum order { ORDER_OWN, ORDER_UNDO };

struct message {
	enum order order;
	unsigned token;
	enum owned_kind kind;
	char path[OWNED_PATH];
};

struct owned {
	enum owned_kind kind;
	char path[OWNED_PATH];
	char value[OWNED_VALUE]; /* of a setting: what it held */
	int lock;                /* of a setting: it open and locked, else -1 */
	bool stuck;              /* could not be undone: once more in the end */
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

/* What the setting @path holds, in @value of OWNED_VALUE bytes; 0 or -errno. */
static int read_setting(const char *path, char *value)
{
	char *text, *held;
	int err = read_text(path, &text, NULL);

	if (err)
		return err;
	held = chosen(text);
	if (strlen(held) < OWNED_VALUE)
		memcpy(value, held, strlen(held) + 1);
	else
		err = -E2BIG;
	free(text);
	return err;
}

/* Without a write, which needs a right to, where it holds @value already. */
static int write_setting(const char *path, const char *value)
{
	char held[OWNED_VALUE];

	if (!read_setting(path, held) && !strcmp(held, value))
		return 0;
	return write_text(path, value);
}

static int own_setting(struct owned *owned)
{
	/* By the clock: on a busy machine a short sleep is a long one. */
	uint64_t until = clock_ns() + LOCK_MS * UINT64_C(1000000);
	int err = 0;

	owned->lock = open(owned->path, O_RDONLY | O_CLOEXEC);
	if (owned->lock < 0)
		return errno;
	while (flock(owned->lock, LOCK_EX | LOCK_NB) && !err) {
		if (errno != EWOULDBLOCK || clock_ns() > until)
			err = errno == EWOULDBLOCK ? EUSERS : errno;
		usleep(1000);
	}
	if (!err)
		err = -read_setting(owned->path, owned->value);
	if (err)
		close_fd(&owned->lock);
	return err;
}

static int undo_setting(const struct owned *owned)
{
	int err = -write_setting(owned->path, owned->value), lock = owned->lock;

	/* As long as it does not hold what it held no other thpin is to read it. */
	if (err && err != ENOENT)
		return err;
	close_fd(&lock);
	return 0;
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

static int undo_rdma_link(const struct owned *owned)
{
	return -rdma_link_remove(owned->path);
}

static int (*const undo[OWNED_KIND_COUNT])(const struct owned *owned) = {
	[OWNED_SWAP] = undo_swap,
	[OWNED_SETTING] = undo_setting,
	[OWNED_DIRECTORY] = undo_directory,
	[OWNED_RDMA_LINK] = undo_rdma_link,
};

/*
 * The last first. What cannot be undone stays: it was told of, is left alone when the
 * next case ends, and may be possible in the end.
 */
static int undo_all(struct belongings *belongings)
{
	unsigned kept = 0;
	int err = 0;

	for (unsigned i = belongings->count; i-- > 0;) {
		struct owned *owned = &belongings->owned[i];
		int failed = owned->stuck ? 0 : undo[owned->kind](owned);

		if (failed) {
			err = failed;
			owned->stuck = true;
		}
	}
	for (unsigned i = 0; i < belongings->count; i++)
		if (belongings->owned[i].stuck)
			belongings->owned[kept++] = belongings->owned[i];
	belongings->count = kept;
	return err;
}

static void undo_stuck(struct belongings *belongings)
{
	for (unsigned i = 0; i < belongings->count; i++)
		belongings->owned[i].stuck = false;
	undo_all(belongings);
}

static int own(struct belongings *belongings, const struct message *message)
{
	struct owned *owned = &belongings->owned[belongings->count];
	int err = 0;

	if (belongings->count == OWNED_MAX)
		return ENOSPC;
	/* What it held before the first change is what counts. */
	for (unsigned i = 0; message->kind == OWNED_SETTING && i < belongings->count; i++)
		if (!strcmp(belongings->owned[i].path, message->path)) {
			belongings->owned[i].stuck = false;
			return 0;
		}
	*owned = (struct owned){ .kind = message->kind, .lock = -1 };
	memcpy(owned->path, message->path, sizeof(owned->path));
	if (owned->kind == OWNED_SETTING)
		err = own_setting(owned);
	belongings->count += !err;
	return err;
}

static int obey(struct belongings *belongings, const struct message *message)
{
	if (message->order == ORDER_UNDO)
		return undo_all(belongings);
	return own(belongings, message);
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
	undo_stuck(&belongings);
}

int guardian_start(struct guardian *guardian, struct reason *why)
{
	int sockets[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return fail_errno(why, errno, "socketpair");
	guardian->token = 0;
	guardian->owns = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (guardian->owns == MAP_FAILED) {
		guardian->owns = NULL;
		return fail_errno(why, errno, "cannot map a page");
	}
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
	if (answer.err && message->order == ORDER_UNDO)
		return fail_errno(why, answer.err, "the guardian cannot undo what a case did");
	if (answer.err == EUSERS)
		return fail(why, EUSERS, "another thpin holds %s", message->path);
	return answer.err ? fail_errno(why, answer.err, "guardian: %s", message->path) : 0;
}

int guardian_owns(struct guardian *guardian, enum owned_kind kind, const char *path,
		  struct reason *why)
{
	struct message message = { .order = ORDER_OWN, .kind = kind };

	if (strlen(path) >= sizeof(message.path))
		return fail(why, ENAMETOOLONG, "%s: too long for the guardian", path);
	memcpy(message.path, path, strlen(path) + 1);
	*guardian->owns = 1;
	return converse(guardian, &message, why);
}

/* The guardian owns @path. */
static int change(const char *path, const char *value, struct reason *why)
{
	int err = write_setting(path, value);

	return err ? fail_errno(why, -err, "cannot write %s to %s", value, path) : 0;
}

int guardian_set(struct guardian *guardian, const char *path, const char *value, struct reason *why)
{
	int err = guardian_owns(guardian, OWNED_SETTING, path, why);

	return err ? err : change(path, value, why);
}

int guardian_raise(struct guardian *guardian, const char *path, long by, struct reason *why)
{
	int err = guardian_owns(guardian, OWNED_SETTING, path, why);
	char value[OWNED_VALUE];

	if (err)
		return err;
	err = read_setting(path, value);
	if (err)
		return fail_errno(why, -err, "%s", path);
	snprintf(value, sizeof(value), "%ld", strtol(value, NULL, 10) + by);
	return change(path, value, why);
}

int guardian_undo(struct guardian *guardian, struct reason *why)
{
	struct message message = { .order = ORDER_UNDO };

	struct pollfd gone = { .fd = guardian->socket, .events = 0 };

	/* What had told it is dead by now, so that nobody sets this at the same time. */
	if (!*guardian->owns && !poll(&gone, 1, 0))
		return 0;
	*guardian->owns = 0;
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
	if (guardian->owns)
		munmap(guardian->owns, 1);
	guardian->owns = NULL;
}
