// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is held, and when it is fetched. tcp_sendmsg_locked() puts the pages themselves
 * into the skbs of the write queue (skb_zerocopy_iter_stream(), net/core/skbuff.c)
 * where the device takes fragments, which loopback does (NETIF_F_SG). They leave the
 * queue when the window opens. A packet that loops back to a receiver on this machine
 * is copied then, and not before: skb_orphan_frags_rx() in __netif_receive_skb_core()
 * (Documentation/networking/msg_zerocopy.rst, "Loopback"). So the reads that open the
 * window are what has the pages read. SIOCOUTQNSD proves that they were still unsent
 * (tcp(7); Documentation/networking/ip-sysctl.rst has the limits of the queue).
 */
#include "pins/stalled.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "memory/memory.h"
#include "pins/namespace.h"
#include "util/io.h"

/* So much has to be unsent before the window is closed for good, and never more than... */
#define FILLER_UNSENT (64UL * 1024)
#define FILLER_MOST (16UL * 1024 * 1024)

/* More than what one packet of a registered THP counts with; see open_one(). */
#define RECEIVER_ROOM (64 * 1024 * 1024)

int stalled_begin(struct stalled *stalled, const struct pin *pin, struct reason *why)
{
	stalled->connections = 0;
	stalled->patience_ms = pin->patience_ms;
	return network_loopback(pin->host, why);
}

static int unsent(int sender, size_t *bytes, struct reason *why)
{
	int count;

	if (ioctl(sender, SIOCOUTQNSD, &count))
		return fail_errno(why, errno, "SIOCOUTQNSD");
	*bytes = (size_t)count;
	return 0;
}

static int connect_pair(int *sender, int *receiver, struct reason *why)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err = 0;
	const int at_once = 1;

	*receiver = -1;
	*sender = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || *sender < 0 ||
	    bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1) ||
	    getsockname(listener, (struct sockaddr *)&address, &length) ||
	    connect(*sender, (struct sockaddr *)&address, sizeof(address)) ||
	    (*receiver = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0)
		err = fail_descriptors(why, errno, "TCP connection over 127.0.0.1");
	/* Else the last packet waits for the acknowledgment of the others: 40 ms. */
	setsockopt(*sender, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
	close_fd(&listener);
	return err;
}

/* Send until the receiver takes no more. */
static int close_window(int sender, size_t *filler, struct reason *why)
{
	static const unsigned char zeros[16 * 1024];
	size_t queued = 0;
	int err = 0;

	while (!err && queued < FILLER_UNSENT) {
		ssize_t sent = send(sender, zeros, sizeof(zeros), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0)
			return fail_errno(why, errno, "filling a TCP connection");
		*filler += (size_t)sent;
		if (*filler > FILLER_MOST)
			return fail(why, EIO, "a TCP window that never closes");
		err = unsent(sender, &queued, why);
	}
	return err;
}

static int open_one(struct stalled *stalled, struct reason *why)
{
	unsigned index = stalled->connections;
	int sender, receiver, err;

	/*
	 * Each part of a registered THP counts with all that is before it in the THP
	 * (truesize in io_sg_from_iter(), io_uring/net.c): 2 MiB take ten connections,
	 * and the larger ones of 16 KiB pages are never held.
	 */
	if (index == STALLED_MAX)
		return fail(why, ENOTSUP,
			    "%d stalled TCP connections do not hold it all (a smaller --size, or raise sysctl net.ipv4.tcp_wmem)",
			    STALLED_MAX);
	err = connect_pair(&sender, &receiver, why);
	stalled->connection[index].sender = sender;
	stalled->connection[index].receiver = receiver;
	stalled->connection[index].filler = stalled->connection[index].payload = 0;
	stalled->connections++;
	return err ? err : close_window(sender, &stalled->connection[index].filler, why);
}

int stalled_take(struct stalled *stalled, struct region *region, stalled_send *send_part,
		 void *context, struct reason *why)
{
	size_t done = 0;
	bool full = true;

	while (done < region->size) {
		unsigned last;
		ssize_t sent;
		int err = full ? open_one(stalled, why) : 0;

		if (err)
			return err;
		last = stalled->connections - 1;
		sent = send_part(context, stalled->connection[last].sender, region->base + done,
				 region->size - done, why);
		full = sent == -EAGAIN;
		if (sent < 0 && !full)
			return (int)sent;
		if (sent > 0) {
			stalled->connection[last].payload += (size_t)sent;
			done += (size_t)sent;
		}
	}
	return 0;
}

/*
 * A packet for which there is no room is dropped, unless it is the only one, and sent
 * again after 200 ms (tcp_data_queue(), net/ipv4/tcp_input.c). Not before it is read:
 * more room is a wider window. Without CAP_NET_ADMIN it is what sysctl
 * net.core.rmem_max allows.
 */
static void make_room(int receiver)
{
	const int room = RECEIVER_ROOM;

	if (setsockopt(receiver, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
}

/* @size bytes; NULL: discarded by the kernel (MSG_TRUNC, tcp(7)). */
static int receive(int receiver, unsigned char *to, size_t size, unsigned patience_ms,
		   struct reason *why)
{
	int flags = MSG_DONTWAIT | (to ? 0 : MSG_TRUNC);

	while (size) {
		struct pollfd ready = { .fd = receiver, .events = POLLIN };
		ssize_t got;

		if (poll(&ready, 1, (int)patience_ms) != 1)
			return fail_late(why, "the stalled TCP connection", patience_ms);
		got = recv(receiver, to, size, flags);
		if (got <= 0)
			return fail_errno(why, got ? errno : EPIPE, "the stalled TCP connection");
		if (to)
			to += got;
		size -= (size_t)got;
	}
	return 0;
}

int stalled_receive(struct stalled *stalled, unsigned char *to, struct reason *why)
{
	int err = 0;

	for (unsigned i = 0; !err && i < stalled->connections; i++) {
		size_t queued = 0;

		err = unsent(stalled->connection[i].sender, &queued, why);
		if (!err && queued < stalled->connection[i].payload)
			err = fail(why, EPROTO, "%zu of %zu bytes had been sent too early",
				   stalled->connection[i].payload - queued,
				   stalled->connection[i].payload);
	}
	for (unsigned i = 0; !err && i < stalled->connections; i++) {
		int receiver = stalled->connection[i].receiver;

		make_room(receiver);
		err = receive(receiver, NULL, stalled->connection[i].filler, stalled->patience_ms,
			      why);
		if (!err)
			err = receive(receiver, to, stalled->connection[i].payload,
				      stalled->patience_ms, why);
		to += stalled->connection[i].payload;
	}
	return err;
}

void stalled_end(struct stalled *stalled)
{
	for (unsigned i = 0; i < stalled->connections; i++) {
		/* With data unread, it sends a reset, and the sender forgets its queue. */
		close_fd(&stalled->connection[i].receiver);
		close_fd(&stalled->connection[i].sender);
	}
	stalled->connections = 0;
}
