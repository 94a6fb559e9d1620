// SPDX-License-Identifier: GPL-2.0-or-later
// timeout: 60
// cores: 1
/*
 * What holds memory may be in flight: sent to a socket (SCM_RIGHTS), closed by the
 * sender, received by nobody. thpin inspect has to find it, and which pages have parted.
 * tests/vm/probe.sh runs this program in guests, where --all makes a level that does
 * not work a failure, and --some not.
 */
#include <linux/if_xdp.h>
#include <linux/udmabuf.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "config.h"
#include "held_pages.h"

#if HAVE_LIBURING
#include <liburing.h>
#endif

#define PAGES 8u

#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef SOL_XDP
#define SOL_XDP 283
#endif

enum thing_name { SPLICED, NESTED, UMEM, RING, DMABUF, THINGS };

/* Of which PAGES are held from start on, and the second has parted. */
struct thing {
	uint64_t start; /* 0: it could not be made */
	pid_t pid;      /* who has the socket */
	int refused;    /* -errno of sendmsg() */
	struct reason why;
};

static const struct {
	enum holder_kind kind;
	const char *name;
} things[THINGS] = {
	[SPLICED] = { HOLDER_PIPE, "a pipe in flight" },
	[NESTED] = { HOLDER_PIPE, "a pipe in flight to a socket in flight to another process" },
	[UMEM] = { HOLDER_XDP, "a umem in flight to a connection that nobody has accepted" },
	[RING] = { HOLDER_URING, "a ring in flight" },
	[DMABUF] = { HOLDER_UDMABUF, "a DMA buffer in flight" },
};

/* --- the factory ------------------------------------------------------------- */

/* Another page in the place of the second. */
static uint64_t part(char *memory, int advice)
{
	if (madvise(memory + PAGE, PAGE, advice))
		_exit(1);
	memory[PAGE] = 2;
	return (uintptr_t)memory;
}

/* Send a descriptor, and close it. Returns 0 or -errno. */
static int send_off(int socket, int fd)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .room = { 0 } };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int err;

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	err = sendmsg(socket, &message, 0) == 1 ? 0 : -errno;
	close(fd);
	return err;
}

static void give(struct thing *thing, int socket, int fd, uint64_t start)
{
	thing->refused = send_off(socket, fd);
	thing->start = thing->refused ? 0 : start;
	if (thing->refused)
		fail_errno(&thing->why, -thing->refused, "sendmsg");
}

static void make_spliced(struct thing *thing, int socket)
{
	char *memory = lone_memory(PAGES, -1);
	struct iovec vector = { memory, PAGES * PAGE };
	int ends[2];

	if (pipe(ends) || vmsplice(ends[1], &vector, 1, 0) != (ssize_t)vector.iov_len)
		_exit(1);
	close(ends[1]);
	give(thing, socket, ends[0], part(memory, MADV_DONTNEED));
}

static void make_nested(struct thing *thing, int socket)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		_exit(1);
	make_spliced(thing, ends[0]);
	if (send_off(socket, ends[1]))
		_exit(1);
}

/* A socket whose other end is in the queue of one that listens. */
static int connect_own(void)
{
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(address.sun_family);

	/* With no name it gets one. */
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1))
		_exit(1);
	size = sizeof(address);
	if (getsockname(listener, (struct sockaddr *)&address, &size) ||
	    connect(client, (struct sockaddr *)&address, size))
		_exit(1);
	return client;
}

static void make_umem(struct thing *thing)
{
	int xdp = socket(AF_XDP, SOCK_RAW, 0);
	char *memory = lone_memory(PAGES, -1);
	struct xdp_umem_reg umem = {
		.addr = (uintptr_t)memory,
		.len = PAGES * PAGE,
		.chunk_size = PAGE,
	};

	if (xdp < 0 || setsockopt(xdp, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)))
		fail_errno(&thing->why, errno, "AF_XDP");
	else
		give(thing, connect_own(), xdp, part(memory, MADV_DONTNEED));
}

static void make_ring(struct thing *thing, int socket)
{
#if HAVE_LIBURING
	struct io_uring ring;
	char *memory = lone_memory(PAGES, -1);
	struct iovec buffer = { memory, PAGES * PAGE };
	int err = io_uring_queue_init(1, &ring, 0);

	if (err)
		fail_errno(&thing->why, -err, "io_uring_setup");
	else if ((err = io_uring_register_buffers(&ring, &buffer, 1)))
		fail_errno(&thing->why, -err, "io_uring_register");
	if (err)
		return;
	give(thing, socket, dup(ring.ring_fd), part(memory, MADV_DONTNEED));
	/* A ring that is closed lets go of its buffers some time later. */
	if (thing->refused)
		io_uring_unregister_buffers(&ring);
	/* It stays mapped otherwise, and is found by that. */
	io_uring_queue_exit(&ring);
#else
	(void)socket;
	fail(&thing->why, ENOTSUP, LIBURING_REASON);
#endif
}

static void make_dmabuf(struct thing *thing, int socket)
{
	int file = memfd_create("thpin-test", MFD_ALLOW_SEALING), device, own;
	struct udmabuf_create create = { .memfd = (uint32_t)file, .size = PAGES * PAGE };
	char *memory;

	if (ftruncate(file, PAGES * PAGE) || fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK))
		_exit(1);
	memory = lone_memory(PAGES, file);
	device = open("/dev/udmabuf", O_RDWR);
	own = device < 0 ? -1 : ioctl(device, UDMABUF_CREATE, &create);
	if (device < 0 && errno == ENOENT)
		fail(&thing->why, ENOENT, "this kernel has none (CONFIG_UDMABUF)");
	else if (own < 0)
		fail_errno(&thing->why, errno, "/dev/udmabuf");
	else
		give(thing, socket, own, part(memory, MADV_REMOVE));
}

static void make(int out, int until)
{
	struct thing made[THINGS] = { { .start = 0 } };
	int own[2], other[2];
	pid_t pid;
	char c;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, own) ||
	    socketpair(AF_UNIX, SOCK_DGRAM, 0, other))
		_exit(1);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(out);
		close(own[0]);
		close(own[1]);
		close(other[0]);
		(void)!read(until, &c, 1);
		_exit(0);
	}
	close(other[1]);
	for (unsigned i = 0; i < THINGS; i++)
		made[i].pid = i == NESTED ? pid : getpid();
	make_spliced(&made[SPLICED], own[0]);
	make_nested(&made[NESTED], other[0]);
	make_umem(&made[UMEM]);
	make_ring(&made[RING], own[0]);
	make_dmabuf(&made[DMABUF], own[0]);
	factory_tell(out, until, made, sizeof(made));
}

/* --- what is found ----------------------------------------------------------- */

static void test_thing(const struct inspection *inspection, enum thing_name which,
		       const struct thing *thing)
{
	const char *name = things[which].name, *level = inspection->probe->ops->name;
	const struct holder *holder;

	if (which == RING && thing->refused) {
		/* Since 6.7 (705318a99a13), and in older kernels that are kept. */
		is_int(thing->refused, -EINVAL, "%s: a ring cannot be sent", level);
		return;
	}
	if (!thing->start) {
		skip(thing->why.text, "%s: %s", level, name);
		return;
	}
	holder = holder_at(inspection, thing->start);
	ok(holder && holder->kind == things[which].kind, "%s: %s", level, name);
	if (!holder)
		return;
	is_int(holder->pid, thing->pid, "%s: ... by who has the socket", level);
	is_int(holder->fd, -1, "%s: ... and by no descriptor", level);
	ok(holder->pages[SYNC_IN] == PAGES - 1 && holder->pages[SYNC_OUT] == 1 &&
		   holder->first_bad == thing->start + PAGE,
	   "%s: ... and the page that has parted", level);
}

static unsigned test_things(const struct inspection *inspection, const void *made)
{
	const struct thing *all = made;
	unsigned wanted = 0;

	for (unsigned i = 0; i < THINGS; i++) {
		test_thing(inspection, i, &all[i]);
		wanted += all[i].start != 0;
	}
	return wanted;
}

int main(int argc, char **argv)
{
	struct thing made[THINGS];
	struct factory factory = factory_begin(make, made, sizeof(made));

	test_holders(factory.pid, argc > 1 && strcmp(argv[1], "--some") != 0, test_things, made);
	factory_end(&factory);
	return done_testing();
}
