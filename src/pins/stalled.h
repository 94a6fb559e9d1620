/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_STALLED_H
#define THPIN_PINS_STALLED_H

#include <stddef.h>
#include <sys/types.h>

#include "pins/pins.h"

/*
 * TCP connections over loopback whose receiver does not read. Once its window is
 * closed, whatever is sent waits in the queue of the sender; pages given without a
 * copy stay what they are, pages of the process, until the receiver reads on.
 */

#define STALLED_MAX 64

struct stalled {
	unsigned patience_ms; /* of the pin */
	unsigned connections;
	struct {
		int sender, receiver;
		size_t filler;  /* bytes that closed the window */
		size_t payload; /* bytes of the region behind them */
	} connection[STALLED_MAX];
};

/* Have a loopback that is up, that of a network namespace of our own if need be. */
int stalled_begin(struct stalled *stalled, const struct pin *pin, struct reason *why);

/*
 * Send without copying or waiting. Returns bytes, or -errno; -EAGAIN: the queue is
 * full. Other errors come with a reason.
 */
typedef ssize_t stalled_send(void *context, int socket, void *data, size_t size,
			     struct reason *why);

/* Queue the region, over as many connections as it takes. Returns 0 or -errno. */
int stalled_take(struct stalled *stalled, struct region *region, stalled_send *send, void *context,
		 struct reason *why);

/*
 * Read on, the region's bytes into @to: the device read. -EPROTO when some of them
 * had left the queue before.
 */
int stalled_receive(struct stalled *stalled, unsigned char *to, struct reason *why);

/* Reset all connections, which frees what they hold. */
void stalled_end(struct stalled *stalled);

#endif
