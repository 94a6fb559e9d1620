// SPDX-License-Identifier: GPL-2.0-or-later
/* Documentation/networking/af_xdp.rst; <linux/if_xdp.h>. */
#include "pins/xsk.h"

#include <linux/if_xdp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pins/pins.h"
#include "util/io.h"

/* A frame at a time is on its way; the kernel wants a power of two. */
#define ENTRIES 8

static int set(const struct xsk *xsk, int option, const void *value, size_t size, const char *what,
	       struct reason *why)
{
	if (!setsockopt(xsk->fd, SOL_XDP, option, value, (socklen_t)size))
		return 0;
	if (option == XDP_UMEM_REG && errno == ENOBUFS)
		return fail(why, EPERM, "umem: RLIMIT_MEMLOCK too small (raise ulimit -l)");
	return fail_errno(why, errno, "AF_XDP %s", what);
}

static int map(const struct xsk *xsk, struct xsk_ring *ring, const struct xdp_ring_offset *at,
	       size_t entry, off_t offset, struct reason *why)
{
	size_t size = at->desc + ENTRIES * entry;
	unsigned char *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
				   xsk->fd, offset);

	if (base == MAP_FAILED)
		return fail_errno(why, errno, "AF_XDP ring");
	ring->map = base;
	ring->size = size;
	ring->producer = (uint32_t *)(base + at->producer);
	ring->consumer = (uint32_t *)(base + at->consumer);
	ring->entries = base + at->desc;
	return 0;
}

static int map_rings(struct xsk *xsk, struct reason *why)
{
	struct xdp_mmap_offsets at;
	socklen_t length = sizeof(at);
	int err;

	if (getsockopt(xsk->fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &length) || length != sizeof(at))
		return fail_errno(why, errno, "XDP_MMAP_OFFSETS");
	err = map(xsk, &xsk->fill, &at.fr, sizeof(uint64_t), (off_t)XDP_UMEM_PGOFF_FILL_RING, why);
	if (!err)
		err = map(xsk, &xsk->completion, &at.cr, sizeof(uint64_t),
			  (off_t)XDP_UMEM_PGOFF_COMPLETION_RING, why);
	if (!err)
		err = map(xsk, &xsk->rx, &at.rx, sizeof(struct xdp_desc), XDP_PGOFF_RX_RING, why);
	if (!err)
		err = map(xsk, &xsk->tx, &at.tx, sizeof(struct xdp_desc), XDP_PGOFF_TX_RING, why);
	return err;
}

int xsk_open(struct xsk *xsk, void *base, size_t size, unsigned device, struct reason *why)
{
	struct xdp_umem_reg umem = { .addr = (uintptr_t)base,
				     .len = size,
				     .chunk_size = XSK_CHUNK };
	struct sockaddr_xdp address = { .sxdp_family = AF_XDP,
					.sxdp_flags = XDP_COPY,
					.sxdp_ifindex = device };
	static const int entries = ENTRIES;
	int err;

	*xsk = (struct xsk){ .fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0) };
	if (xsk->fd < 0)
		return fail_errno(why, errno, "socket(AF_XDP)");
	err = set(xsk, XDP_UMEM_REG, &umem, sizeof(umem), "XDP_UMEM_REG", why);
	if (!err)
		err = set(xsk, XDP_UMEM_FILL_RING, &entries, sizeof(entries), "fill ring", why);
	if (!err)
		err = set(xsk, XDP_UMEM_COMPLETION_RING, &entries, sizeof(entries),
			  "completion ring", why);
	if (!err)
		err = set(xsk, XDP_RX_RING, &entries, sizeof(entries), "receive ring", why);
	if (!err)
		err = set(xsk, XDP_TX_RING, &entries, sizeof(entries), "transmit ring", why);
	if (!err)
		err = map_rings(xsk, why);
	if (!err && bind(xsk->fd, (struct sockaddr *)&address, sizeof(address)))
		err = fail_errno(why, errno, "bind() of an AF_XDP socket");
	return err;
}

/* --- rings: producer and consumer are written by one side each ---------------- */

static uint32_t load(const uint32_t *index)
{
	return __atomic_load_n(index, __ATOMIC_ACQUIRE);
}

static void advance(uint32_t *index)
{
	__atomic_store_n(index, *index + 1, __ATOMIC_RELEASE);
}

int xsk_send(struct xsk *xsk, unsigned chunk, size_t size, unsigned patience_ms, struct reason *why)
{
	uint64_t deadline = clock_ns() + patience_ms * UINT64_C(1000000);
	struct xdp_desc *frames = xsk->tx.entries;

	frames[*xsk->tx.producer % ENTRIES] = (struct xdp_desc){
		.addr = (uint64_t)chunk * XSK_CHUNK,
		.len = (uint32_t)size,
	};
	advance(xsk->tx.producer);
	while (load(xsk->completion.producer) == *xsk->completion.consumer) {
		if (sendto(xsk->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno != EAGAIN &&
		    errno != EBUSY && errno != ENOBUFS)
			return fail_errno(why, errno, "send of an AF_XDP frame");
		if (clock_ns() > deadline)
			return fail_late(why, "the send of an AF_XDP frame", patience_ms);
		sched_yield();
	}
	advance(xsk->completion.consumer);
	return 0;
}

void xsk_fill(struct xsk *xsk, unsigned chunk)
{
	uint64_t *chunks = xsk->fill.entries;

	chunks[*xsk->fill.producer % ENTRIES] = (uint64_t)chunk * XSK_CHUNK;
	advance(xsk->fill.producer);
}

int xsk_receive(struct xsk *xsk, uint64_t *at, size_t *size, unsigned patience_ms,
		struct reason *why)
{
	struct pollfd ready = { .fd = xsk->fd, .events = POLLIN };
	const struct xdp_desc *frames = xsk->rx.entries;

	if (load(xsk->rx.producer) == *xsk->rx.consumer && poll(&ready, 1, (int)patience_ms) < 0)
		return fail_errno(why, errno, "poll of an AF_XDP socket");
	if (load(xsk->rx.producer) == *xsk->rx.consumer)
		return -ETIMEDOUT;
	*at = frames[*xsk->rx.consumer % ENTRIES].addr;
	*size = frames[*xsk->rx.consumer % ENTRIES].len;
	advance(xsk->rx.consumer);
	return 0;
}

void xsk_close(struct xsk *xsk)
{
	struct xsk_ring *rings[] = { &xsk->fill, &xsk->completion, &xsk->rx, &xsk->tx };

	for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]); i++) {
		if (rings[i]->size)
			munmap(rings[i]->map, rings[i]->size);
		rings[i]->size = 0;
	}
	close_fd(&xsk->fd);
}
