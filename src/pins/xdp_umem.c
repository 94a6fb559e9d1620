// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * AF_XDP in copy mode on one end of a veth pair, in a network namespace of its own.
 * The umem is the region: FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE since Linux 5.6
 * (fb48b4746355, "net/xdp: set FOLL_PIN via pin_user_pages()"; xdp_umem_pin_pages(),
 * net/xdp/xdp_umem.c). Its pages are copied from and to through the kernel's own
 * mapping of them, when a frame is sent (xsk_build_skb()) or received (xsk_copy_xdp(),
 * net/xdp/xsk.c).
 *
 * The device read is the sending of each page as one frame of 4096 bytes, which an
 * AF_PACKET socket on the other end gets. The device write is the receiving of one
 * frame a page. It begins XSK_HEADROOM bytes into the page, so that these bytes are
 * never written; what the device has there it is asked for, by sending once more.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/host.h"
#include "memory/memory.h"
#include "pins/namespace.h"
#include "pins/pins.h"
#include "pins/veth.h"
#include "pins/xsk.h"
#include "procfs/vmstat.h"
#include "util/io.h"

#define RECEIVED (XSK_CHUNK - XSK_HEADROOM)

/* Tries to get a frame of ours in, and not one of the kernel's (IPv6 discovery). */
#define TRIES 20

struct umem {
	unsigned near, far; /* devices: of the umem, and of the peer */
	struct xsk xsk;
	int peer;             /* AF_PACKET */
	int link;             /* of the program */
	unsigned patience_ms; /* of the pin */
};

static enum pin_class umem_class(const struct host *host)
{
	return host->kernel < KERNEL(5, 6) ? PIN_CLASS_GET : PIN_CLASS_LONGTERM;
}

/*
 * Where skb->cb lists the chunks of a frame sent, which the packet socket at the other
 * end of veth writes to: from 30f241fcf52a to 0ebc27a4c67d. Measured: 6.16.12 and 6.17.8
 * panic, 6.17.13 does not.
 */
static bool panics(const struct host *host)
{
	return host->kernel >= KERNEL(6, 16) && host->kernel < (KERNEL(6, 17) | 13);
}

static int umem_probe(const struct host *host, struct reason *why)
{
	int fd;

	if (panics(host))
		return fail(why, ENOTSUP,
			    "AF_XDP of Linux 6.16 to 6.17.12 may panic when it sends to a packet socket (0ebc27a4c67d)");
	fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	/* EPERM: the rights come with the network namespace. */
	if (fd < 0 && errno != EPERM)
		return fail_errno(why, errno, "socket(AF_XDP) (needs CONFIG_XDP_SOCKETS)");
	close_fd(&fd);
	return 0;
}

static int umem_probe_both(const struct host *host, struct reason *why)
{
	int err = umem_probe(host, why);

	return err ? err : xsk_probe_program(why);
}

static int open_peer(struct umem *umem, struct reason *why)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL),
				       .sll_ifindex = (int)umem->far };
	int one = 1;

	umem->peer = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (umem->peer < 0)
		return fail_errno(why, errno, "socket(AF_PACKET) (needs CONFIG_PACKET)");
	if (bind(umem->peer, (struct sockaddr *)&address, sizeof(address)) ||
	    setsockopt(umem->peer, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)))
		return fail_errno(why, errno, "AF_PACKET on veth");
	return 0;
}

static int umem_open(struct pin *pin, size_t size, struct reason *why)
{
	struct umem *umem = calloc(1, sizeof(*umem));
	int err;

	(void)size;
	if (!umem)
		return fail_errno(why, ENOMEM, "AF_XDP");
	pin->private = umem;
	umem->xsk.fd = umem->peer = umem->link = -1;
	umem->patience_ms = pin->patience_ms;
	err = network_enter(pin->host, why);
	if (!err)
		err = veth_create(&umem->near, &umem->far, why);
	return err ? err : open_peer(umem, why);
}

static int umem_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct umem *umem = pin->private;
	int err = xsk_open(&umem->xsk, region->base, region->size, umem->near, why);

	if (err || !(pin->ops->directions & DEVICE_WRITES))
		return err;
	umem->link = xsk_attach(&umem->xsk, umem->near, why);
	return umem->link < 0 ? umem->link : 0;
}

/*
 * Bytes 12 and 13 of a page are what the kernel takes for the type of its frame. If
 * they look like a VLAN tag it takes four bytes out and tells them apart.
 */
static size_t put_tag_back(struct msghdr *message, unsigned char *frame, size_t size)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	struct tpacket_auxdata aux;
	uint16_t tag[2];

	if (!control || control->cmsg_type != PACKET_AUXDATA)
		return size;
	memcpy(&aux, CMSG_DATA(control), sizeof(aux));
	if (!(aux.tp_status & TP_STATUS_VLAN_VALID) || size != XSK_CHUNK - sizeof(tag))
		return size;
	tag[0] = htons(aux.tp_vlan_tpid);
	tag[1] = htons(aux.tp_vlan_tci);
	memmove(frame + 16, frame + 12, size - 12);
	memcpy(frame + 12, tag, sizeof(tag));
	return size + sizeof(tag);
}

/* One page as a frame, from the umem to the peer. */
static int fetch(struct umem *umem, unsigned page, unsigned char *frame, struct reason *why)
{
	int err = xsk_send(&umem->xsk, page, XSK_CHUNK, umem->patience_ms, why);

	while (!err) {
		struct pollfd ready = { .fd = umem->peer, .events = POLLIN };
		struct sockaddr_ll from = { .sll_pkttype = PACKET_OUTGOING };
		struct iovec part = { frame, XSK_CHUNK };
		unsigned char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
		struct msghdr message = { .msg_name = &from,
					  .msg_namelen = sizeof(from),
					  .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = sizeof(control) };
		ssize_t size;

		if (poll(&ready, 1, (int)umem->patience_ms) != 1)
			return fail_late(why, "a frame sent over veth", umem->patience_ms);
		size = recvmsg(umem->peer, &message, 0);
		if (size < 0)
			return fail_errno(why, errno, "AF_PACKET");
		if (from.sll_pkttype != PACKET_OUTGOING &&
		    put_tag_back(&message, frame, (size_t)size) == XSK_CHUNK)
			return 0;
	}
	return err;
}

static int umem_device_read(struct pin *pin, struct reason *why)
{
	struct umem *umem = pin->private;
	int err = 0;

	for (unsigned page = 0; !err && page < pin->region->size / XSK_CHUNK; page++)
		err = fetch(umem, page, pin->device + (size_t)page * XSK_CHUNK, why);
	return err;
}

/* One frame from the peer into a page. */
static int store(struct umem *umem, unsigned page, const unsigned char *bytes, struct reason *why)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)umem->far };
	uint64_t at = 0;
	size_t size = 0;
	bool filled = false;

	for (unsigned tries = 0; tries < TRIES; tries++) {
		int err;

		if (!filled)
			xsk_fill(&umem->xsk, page);
		filled = true;
		if (sendto(umem->peer, bytes, RECEIVED, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
			return fail_errno(why, errno, "AF_PACKET");
		err = xsk_receive(&umem->xsk, &at, &size, umem->patience_ms / TRIES, why);
		if (err == -ETIMEDOUT)
			continue;
		if (err)
			return err;
		if (size == RECEIVED && at == (uint64_t)page * XSK_CHUNK + XSK_HEADROOM)
			return 0;
		filled = false;
	}
	return fail_late(why, "a frame received over veth", umem->patience_ms);
}

static int umem_device_write(struct pin *pin, struct reason *why)
{
	struct umem *umem = pin->private;
	unsigned char frame[XSK_CHUNK];
	int err = 0;

	for (unsigned page = 0; !err && page < pin->region->size / XSK_CHUNK; page++) {
		unsigned char *bytes = pin->device + (size_t)page * XSK_CHUNK;

		err = store(umem, page, bytes + XSK_HEADROOM, why);
		if (!err)
			err = fetch(umem, page, frame, why);
		if (!err)
			memcpy(bytes, frame, XSK_HEADROOM);
	}
	return err;
}

static int64_t pinned(void)
{
	struct vmstat_sample now;
	struct vmstat vmstat;
	int err = vmstat_open(&vmstat);

	if (!err)
		err = vmstat_read_folded(&vmstat, &now);
	vmstat_close(&vmstat);
	if (err)
		return -1;
	return now.value[VMSTAT_FOLL_PIN_ACQUIRED] - now.value[VMSTAT_FOLL_PIN_RELEASED];
}

/* The umem is unpinned by a kworker: what the next case counts must not have it. */
static void umem_drop(struct pin *pin)
{
	struct umem *umem = pin->private;
	int64_t before;

	if (!umem)
		return;
	close_fd(&umem->link);
	close_fd(&umem->peer);
	before = umem->xsk.fd < 0 ? -1 : pinned();
	xsk_close(&umem->xsk);
	for (unsigned waited = 0; before > 0 && waited < 100; waited++) {
		if (pinned() < before)
			break;
		usleep(2000);
	}
}

const struct pin_ops pin_xdp_umem = {
	.name = "xdp-umem",
	.help = "AF_XDP umem on a veth pair; frames sent and received are the device",
	.held_by = "an AF_XDP umem",
	.directions = DEVICE_WRITES | DEVICE_READS,
	.modules = "veth af_packet",
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.class = umem_class,
	.probe = umem_probe_both,
	.open = umem_open,
	.take = umem_take,
	.device_write = umem_device_write,
	.device_read = umem_device_read,
	.drop = umem_drop,
};

const struct pin_ops pin_xdp_umem_tx = {
	.name = "xdp-umem-tx",
	.help = "AF_XDP umem that only sends, which needs no BPF program",
	.held_by = "an AF_XDP umem",
	.directions = DEVICE_READS,
	.modules = "veth af_packet",
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.class = umem_class,
	.probe = umem_probe,
	.open = umem_open,
	.take = umem_take,
	.device_read = umem_device_read,
	.drop = umem_drop,
};
