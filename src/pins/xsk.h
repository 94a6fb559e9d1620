/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_XSK_H
#define THPIN_PINS_XSK_H

#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

/* A ring shared with the kernel: its indices only grow. */
struct xsk_ring {
	void *map;
	size_t size; /* of the map, bytes; 0: not mapped */
	uint32_t *producer, *consumer;
	void *entries;
};

/* An AF_XDP socket in copy mode, with chunks of 4096 bytes. */
struct xsk {
	int fd; /* -1: none */
	struct xsk_ring fill, completion, rx, tx;
};

#define XSK_CHUNK 4096

/* Bytes at the start of a chunk that no frame is received into (XDP_PACKET_HEADROOM). */
#define XSK_HEADROOM 256

/* Make the umem of [base, base + size), which pins it, and bind to a device. 0 or -errno. */
int xsk_open(struct xsk *xsk, void *base, size_t size, unsigned device, struct reason *why);

/* Have the kernel send chunk @chunk as one frame of @size bytes. Returns 0 or -errno. */
int xsk_send(struct xsk *xsk, unsigned chunk, size_t size, unsigned patience_ms,
	     struct reason *why);

/* Let the kernel receive one frame into chunk @chunk. */
void xsk_fill(struct xsk *xsk, unsigned chunk);

/*
 * Wait for a frame that is received. Stores where in the umem and its length in bytes.
 * Returns 0, -ETIMEDOUT without a reason, or -errno.
 */
int xsk_receive(struct xsk *xsk, uint64_t *at, size_t *size, unsigned patience_ms,
		struct reason *why);

/* The pages are let go a little later, by a kworker. */
void xsk_close(struct xsk *xsk);

/*
 * An XSKMAP with this socket at queue 0 and a program that redirects all frames of a
 * device to it, attached in generic (SKB) mode until the link is closed. Returns the
 * descriptor of the link or -errno.
 */
int xsk_attach(const struct xsk *xsk, unsigned device, struct reason *why);

/* 0, or why such a program cannot be loaded here. */
int xsk_probe_program(struct reason *why);

#endif
