// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The server side of the hold server: the FUSE protocol of <linux/fuse.h>, as
 * much of it as one file needs.
 *
 * How a READ is held: the kernel has pinned the reader's pages and queued the
 * request (fuse_direct_io(), fs/fuse/file.c); the answer, written to /dev/fuse,
 * is copied into those pages (fuse_dev_do_write()). So the answer is the device
 * write.
 *
 * How a WRITE is held: its payload is copied out of the writer's pages only when
 * the request is read from /dev/fuse (fuse_dev_do_read(), fuse_copy_args()).
 * Nothing is copied when the request is queued, since direct I/O hands over the
 * pages themselves (fuse_get_user_pages()). So the server leaves the request in
 * the queue: poll(2) tells that it is there, and reading it later is the device
 * read. Reading it early into a pipe with splice(2) would not do: since Linux
 * 5.17 and its stable back-ports (0c4bcfdecb1a) user pages are copied there.
 */
#include <errno.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pins/fuse.h"
#include "util/shared.h"

#define FILE_NODE 2
/* Beside the payload of a request. */
#define HEADERS 4096
#define FOREVER UINT64_C(1000000)

/* Newer than the oldest headers we build with. */
#ifndef FOPEN_NOFLUSH
#define FOPEN_NOFLUSH (1 << 5)
#endif

struct request {
	unsigned device;
	uint64_t unique;
	size_t at; /* bytes from the start of fuse->plan.data */
	size_t size;
};

struct server {
	const struct fuse *fuse;
	const int *devices;
	int control;
	bool armed, releasing;
	struct request *held;
	unsigned held_count;
	size_t held_bytes; /* of READs held, or of WRITEs fetched */
	bool *queued;      /* a WRITE waits in the queue of this device */
	unsigned queued_count;
	unsigned char *buffer; /* one request, with its headers */
	size_t buffer_size;
	struct reason why;
};

static int reply(const struct server *server, unsigned device, uint64_t unique, int error,
		 const void *data, size_t size)
{
	struct fuse_out_header header = {
		.len = (uint32_t)(sizeof(header) + size),
		.error = error,
		.unique = unique,
	};
	struct iovec parts[] = {
		{ &header, sizeof(header) },
		{ (void *)data, size },
	};

	/* ENOENT: the request was interrupted meanwhile; nobody waits for it. */
	if (writev(server->devices[device], parts, size ? 2 : 1) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

static int tell(const struct server *server, char answer)
{
	struct {
		char answer;
		struct reason why;
	} message = { answer, server->why };

	return send(server->control, &message, sizeof(message), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static struct fuse_attr attributes(const struct server *server, uint64_t node)
{
	struct fuse_attr attr = {
		.ino = node,
		.nlink = 1,
		.uid = geteuid(),
		.gid = getegid(),
		.blksize = 4096,
		.mode = node == FILE_NODE ? S_IFREG | 0600 : S_IFDIR | 0700,
	};

	if (node == FILE_NODE)
		attr.size = server->fuse->plan.file_size;
	return attr;
}

static int answer_init(const struct server *server, unsigned device, uint64_t unique,
		       const struct fuse_init_in *in)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = in->minor < FUSE_KERNEL_MINOR_VERSION ? in->minor :
								 FUSE_KERNEL_MINOR_VERSION,
		.flags = in->flags & (FUSE_MAX_PAGES | FUSE_ASYNC_DIO | FUSE_BIG_WRITES),
		/* Each request that is held is one in the background. */
		.max_background = UINT16_MAX,
		.congestion_threshold = UINT16_MAX,
		.max_write = (uint32_t)server->fuse->request,
		.max_pages = FUSE_PAGES,
		.time_gran = 1,
	};

	return reply(server, device, unique, 0, &out, sizeof(out));
}

static int answer_lookup(const struct server *server, unsigned device, uint64_t unique,
			 const char *name)
{
	struct fuse_entry_out out = {
		.nodeid = FILE_NODE,
		.entry_valid = FOREVER,
		.attr_valid = FOREVER,
		.attr = attributes(server, FILE_NODE),
	};

	if (strcmp(name, "data"))
		return reply(server, device, unique, -ENOENT, NULL, 0);
	return reply(server, device, unique, 0, &out, sizeof(out));
}

static int answer_attributes(const struct server *server, unsigned device, uint64_t unique,
			     uint64_t node)
{
	struct fuse_attr_out out = { .attr_valid = FOREVER, .attr = attributes(server, node) };

	return reply(server, device, unique, 0, &out, sizeof(out));
}

/* True when the bytes belong to those that are to be held. */
static bool in_window(const struct server *server, unsigned device, uint64_t offset, size_t size,
		      size_t *at)
{
	const struct fuse_plan *plan = &server->fuse->plan;

	if (!server->armed || offset < plan->window || offset + size > plan->window + plan->chunk)
		return false;
	*at = device * plan->chunk + (offset - plan->window);
	return *at + size <= plan->size;
}

static int take_read(struct server *server, unsigned device, uint64_t unique,
		     const struct fuse_read_in *in)
{
	struct request *grown;
	size_t at;

	if (!in_window(server, device, in->offset, in->size, &at)) {
		/* Somebody else's read of the block device, or a warm-up. */
		size_t most = server->fuse->request, size = in->size < most ? in->size : most;

		memset(server->buffer, 0, size); /* which overwrites *in */
		return reply(server, device, unique, 0, server->buffer, size);
	}
	grown = realloc(server->held, (server->held_count + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	server->held = grown;
	grown[server->held_count++] = (struct request){ device, unique, at, in->size };
	server->held_bytes += in->size;
	return server->held_bytes == server->fuse->plan.size ? tell(server, 'h') : 0;
}

/* Nothing is kept of it: what is held was read to its place, see fetch_write(). */
static int take_write(const struct server *server, unsigned device, uint64_t unique,
		      const struct fuse_write_in *in)
{
	struct fuse_write_out out = { .size = in->size };

	return reply(server, device, unique, 0, &out, sizeof(out));
}

static int answer(struct server *server, unsigned device, size_t size)
{
	const struct fuse_in_header *in = (const void *)server->buffer;
	const void *body = in + 1;
	uint64_t unique = in->unique;

	if (size < sizeof(*in))
		return -EIO;
	switch (in->opcode) {
	case FUSE_INIT:
		return answer_init(server, device, unique, body);
	case FUSE_LOOKUP:
		return answer_lookup(server, device, unique, body);
	case FUSE_GETATTR:
	case FUSE_SETATTR:
		return answer_attributes(server, device, unique, in->nodeid);
	case FUSE_OPEN: {
		struct fuse_open_out out = { .open_flags = FOPEN_DIRECT_IO | FOPEN_NOFLUSH };

		return reply(server, device, unique, 0, &out, sizeof(out));
	}
	case FUSE_READ:
		return take_read(server, device, unique, body);
	case FUSE_WRITE: {
		const struct fuse_write_in *write = body;

		if (size < sizeof(*in) + sizeof(*write) + write->size)
			return -EIO;
		return take_write(server, device, unique, write);
	}
	case FUSE_RELEASE:
	case FUSE_FSYNC:
		return reply(server, device, unique, 0, NULL, 0);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return 0; /* these have no answer */
	default:
		/*
		 * FLUSH above all: answered once with ENOSYS it is never sent
		 * again, so that the exit of a child that inherited the file
		 * does not queue behind a held WRITE.
		 */
		return reply(server, device, unique, -ENOSYS, NULL, 0);
	}
}

/* Read and answer one request; 0, 1 when there was none, or -errno. */
static int serve_one(struct server *server, unsigned device)
{
	ssize_t size = read(server->devices[device], server->buffer, server->buffer_size);

	if (size < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENOENT ? 1 : -errno;
	return answer(server, device, (size_t)size);
}

static bool holds_writes(const struct server *server)
{
	return server->armed && !server->releasing && server->fuse->plan.hold == FUSE_HOLD_WRITE;
}

static int note_queued(struct server *server, unsigned device)
{
	if (server->queued[device])
		return 0;
	server->queued[device] = true;
	return ++server->queued_count == server->fuse->files ? tell(server, 'h') : 0;
}

static int release_reads(struct server *server)
{
	for (unsigned i = 0; i < server->held_count; i++) {
		const struct request *held = &server->held[i];
		int err = reply(server, held->device, held->unique, 0,
				server->fuse->plan.data + held->at, held->size);

		if (err)
			return err;
	}
	return 0;
}

/*
 * Read the request that waits and answer it. The payload of a WRITE of the expected
 * size, whose header has this length, goes straight to where the device has it. The
 * kernel asks for room for the largest request (fuse_dev_do_read()).
 */
static int fetch_write(struct server *server, unsigned device)
{
	const struct fuse_plan *plan = &server->fuse->plan;
	const size_t header = sizeof(struct fuse_in_header) + sizeof(struct fuse_write_in);
	const struct fuse_in_header *in = (const void *)server->buffer;
	const struct fuse_write_in *write = (const void *)(in + 1);
	struct iovec parts[] = {
		{ server->buffer, header },
		{ plan->data + device * plan->chunk, fuse_part(server->fuse, device) },
		{ server->buffer + header, server->buffer_size - header },
	};
	ssize_t size = readv(server->devices[device], parts, 3);
	size_t at;

	if (size < 0)
		return -errno;
	if ((size_t)size != header + parts[1].iov_len || in->opcode != FUSE_WRITE ||
	    write->size != parts[1].iov_len ||
	    !in_window(server, device, write->offset, write->size, &at))
		return fail(&server->why, EPROTO, "the request held was no WRITE (opcode %u)",
			    (size_t)size < sizeof(*in) ? 0 : in->opcode);
	server->held_bytes += write->size;
	return take_write(server, device, in->unique, write);
}

/*
 * The proof that WRITEs were what waited: the first request in the queue of
 * every device is one, of the expected size.
 */
static int release_writes(struct server *server)
{
	int err = 0;

	for (unsigned i = 0; !err && i < server->fuse->files; i++)
		err = fetch_write(server, i);
	if (err)
		return err;
	if (server->held_bytes != server->fuse->plan.size)
		return fail(&server->why, EPROTO, "%zu of %zu bytes were held", server->held_bytes,
			    server->fuse->plan.size);
	return 0;
}

static int obey(struct server *server)
{
	char command;
	int err;

	if (recv(server->control, &command, 1, 0) != 1)
		return -EPIPE; /* the worker is done or dead */
	switch (command) {
	case 'a':
		server->armed = true;
		return tell(server, 'a');
	case 'r':
		server->releasing = true;
		shared_map(server->fuse->plan.data, server->fuse->plan.size);
		err = server->fuse->plan.hold == FUSE_HOLD_READ ? release_reads(server) :
								  release_writes(server);
		if (err && !server->why.text[0])
			fail_errno(&server->why, -err, "/dev/fuse");
		server->armed = false;
		return tell(server, err ? 'e' : 'r');
	default:
		return -EINVAL;
	}
}

static int serve(struct server *server)
{
	unsigned files = server->fuse->files;
	struct pollfd *ready = calloc(files + 1, sizeof(*ready));
	int err = ready ? 0 : -ENOMEM;

	while (!err) {
		ready[files] = (struct pollfd){ .fd = server->control, .events = POLLIN };
		for (unsigned i = 0; i < files; i++) {
			bool waits = holds_writes(server) && server->queued[i];

			ready[i] = (struct pollfd){
				.fd = waits ? -1 : server->devices[i],
				.events = POLLIN,
			};
		}
		if (poll(ready, files + 1, -1) < 0) {
			err = errno == EINTR ? 0 : -errno;
			continue;
		}
		for (unsigned i = 0; !err && i < files; i++) {
			if (!(ready[i].revents & POLLIN))
				continue;
			err = holds_writes(server) ? note_queued(server, i) : serve_one(server, i);
			if (err > 0)
				err = 0;
		}
		if (!err && ready[files].revents)
			err = obey(server);
	}
	free(ready);
	return err;
}

int fuse_serve(const struct fuse *fuse, const int *devices, int control)
{
	struct server server = {
		.fuse = fuse,
		.devices = devices,
		.control = control,
		.buffer_size = fuse->request + HEADERS,
	};
	int err = -ENOMEM;

	server.buffer = malloc(server.buffer_size);
	server.queued = calloc(fuse->files, sizeof(*server.queued));
	if (server.buffer && server.queued)
		err = serve(&server);
	free(server.held);
	free(server.queued);
	free(server.buffer);
	return err == -EPIPE ? 0 : err;
}
