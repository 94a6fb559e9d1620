// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files in flight (SCM_RIGHTS of unix(7)): the message in the queue of the receiving
 * socket has them (struct scm_fp_list by UNIXCB() of net/af_unix.h), and no process
 * may have a descriptor. What was sent to a connection that nobody has accepted is in
 * the queue of a socket without a file, which the listening one's queue leads to
 * (unix_stream_connect()).
 */
#include "inspect/flight.h"

#include <sys/socket.h>
#include <unistd.h>

/* TCP_LISTEN of include/net/tcp_states.h, which sockets of all families go by */
#define STATE_LISTEN 10

/* SCM_MAX_FD: of one message */
#define FILES_MAX 253u

/* The kernel lets sockets in flight nest four deep until 6.9, and endlessly since. */
#define DEPTH_MAX 8u

/* Nothing is locked: queues that change may lead in circles. */
#define LEFT (1u << 16)

void flight_learn(struct flight *flight, struct search *search)
{
	struct types *types = &search->probe->types;
	struct probe_file own = { .fd = -1 };
	struct member block;
	struct reason ignored;
	int any, err = file_layout_learn(&flight->file, types);

	err |= types_member(types, "socket.sk", &flight->sock);
	err |= types_member(types, "sock.__sk_common.skc_family", &flight->family);
	err |= types_member(types, "sock.__sk_common.skc_state", &flight->state);
	err |= types_member(types, "sock.sk_receive_queue.next", &flight->queue);
	err |= types_member(types, "sk_buff.next", &flight->next);
	err |= types_member(types, "sk_buff.sk", &flight->owner);
	err |= types_member(types, "sk_buff.cb", &block);
	err |= types_member(types, "unix_skb_parms.fp", &flight->files);
	err |= types_member(types, "scm_fp_list.count", &flight->count);
	err |= types_member(types, "scm_fp_list.fp", &flight->list);
	flight->files.offset += block.offset;
	any = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (any < 0)
		return;
	flight->known = !err && !probe_own_file(search->probe, any, &own, &ignored);
	flight->f_op = own.f_op;
	flight->left = LEFT;
	close(any);
}

static int show_message(struct flight *flight, struct search *search, uint64_t message,
			const struct probe_file *socket, probe_file_fn *each, void *context)
{
	struct probe *probe = search->probe;
	uint64_t list, count = 0, files[FILES_MAX];
	struct reason ignored;
	int err = 0;

	if (read_member(probe, message, flight->files, &list, &ignored) || !list ||
	    read_member(probe, list, flight->count, &count, &ignored) || count > FILES_MAX ||
	    probe_read(probe, list + flight->list.offset, files, count * sizeof(*files), &ignored))
		return 0;
	for (uint64_t i = 0; !err && i < count && flight->left; i++) {
		struct probe_file file = { .tgid = socket->tgid, .fd = -1, .file = files[i] };

		flight->left--;
		if (!file_read(&flight->file, probe, &file))
			err = each(&file, context);
	}
	return err;
}

static int show_queue(struct flight *flight, struct search *search, uint64_t sock,
		      const struct probe_file *socket, probe_file_fn *each, void *context)
{
	struct probe *probe = search->probe;
	uint64_t family, state, at, accepting, end = sock + flight->queue.offset;
	struct reason ignored;
	int err = 0;

	if (flight->depth == DEPTH_MAX ||
	    read_member(probe, sock, flight->family, &family, &ignored) || family != AF_UNIX ||
	    read_member(probe, sock, flight->state, &state, &ignored) ||
	    read_member(probe, sock, flight->queue, &at, &ignored))
		return 0;
	flight->depth++;
	while (!err && at && at != end && flight->left) {
		flight->left--;
		if (state != STATE_LISTEN)
			err = show_message(flight, search, at, socket, each, context);
		else if (!read_member(probe, at, flight->owner, &accepting, &ignored))
			err = show_queue(flight, search, accepting, socket, each, context);
		if (read_member(probe, at, flight->next, &at, &ignored))
			break;
	}
	flight->depth--;
	return err;
}

int flight_files(struct flight *flight, struct search *search, const struct probe_file *file,
		 probe_file_fn *each, void *context)
{
	struct reason ignored;
	uint64_t sock;

	if (!flight->known || file->f_op != flight->f_op ||
	    read_member(search->probe, file->private_data, flight->sock, &sock, &ignored) || !sock)
		return 0;
	return show_queue(flight, search, sock, file, each, context);
}
