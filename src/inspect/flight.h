/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_FLIGHT_H
#define THPIN_INSPECT_FLIGHT_H

#include <stdbool.h>

#include "inspect/hidden.h"

/* What is needed to find files in flight: sent in a message, and not yet received. */
struct flight {
	bool known; /* false: none is found, as there are no sockets, or none like these */
	struct file_layout file;
	uint64_t f_op; /* of all sockets */
	struct member sock, family, state, queue;
	struct member next, owner; /* of a message */
	struct member files;       /* of a message of AF_UNIX: its list of files, or 0 */
	struct member count, list; /* of that */
	unsigned depth;            /* sockets in flight within sockets in flight */
	unsigned left;             /* messages and files that may still be looked at */
};

/* Learn what this kernel's sockets look like. */
void flight_learn(struct flight *flight, struct search *search);

/*
 * If @file is a socket of AF_UNIX, show each file that a message has brought there and
 * nobody has received, with a descriptor of -1 and the process that has the socket.
 * Returns 0 or what @each returned. @each may call this for what it is shown.
 */
int flight_files(struct flight *flight, struct search *search, const struct probe_file *file,
		 probe_file_fn *each, void *context);

#endif
