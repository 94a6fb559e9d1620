/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_URING_H
#define THPIN_PINS_URING_H

#include "config.h"

#include <stddef.h>

#include "util/reason.h"

struct host;

/* What the io_uring pins share. Without liburing only the probes are there. */

/* 0, or why no ring can be made here. */
int uring_probe(const struct host *host, struct reason *why);

/* The same for a ring that knows IORING_OP_SEND_ZC, Linux 6.0. */
int uring_probe_send_zc(const struct host *host, struct reason *why);

#if HAVE_LIBURING

#include <liburing.h>

/* A ring of @entries. Returns 0 or -errno with the reason. */
int uring_start(struct io_uring *ring, unsigned entries, struct reason *why);

/* Register one buffer, number 0. Returns 0, -EPERM for RLIMIT_MEMLOCK, or -errno. */
int uring_register(struct io_uring *ring, void *base, size_t size, struct reason *why);

/* Wait for a completion, @patience_ms at most. Returns 0, -ETIMEDOUT or another -errno. */
int uring_wait(struct io_uring *ring, unsigned patience_ms, struct io_uring_cqe **cqe,
	       struct reason *why);

#endif

#endif
