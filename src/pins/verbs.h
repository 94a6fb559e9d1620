/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PINS_VERBS_H
#define THPIN_PINS_VERBS_H

#include <infiniband/verbs.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/reason.h"

/*
 * An RDMA device as a DMA engine: one reliable connection of the device to
 * itself, so that an RDMA READ or WRITE moves bytes between two memory regions of
 * this process. libibverbs is loaded only when it is wanted, like libkmod: it
 * brings two libraries of netlink along.
 */
struct verbs {
	struct verbs_calls *calls;
	struct ibv_context *context;
	struct ibv_pd *domain;
	struct ibv_cq *completions;
	struct ibv_qp *pair;  /* connected to itself */
	unsigned patience_ms; /* with the device, for one thing */
};

/* How many RDMA devices there are for programs, or -errno: no libibverbs. */
int verbs_count_devices(struct reason *why);

/*
 * Connect the device @name, or with NULL the first one with a port that is up,
 * which may need a moment after it was added. @on_demand: it has to page on
 * demand for RDMA READ and WRITE. Returns 0 or -errno; verbs_close() is needed
 * after both.
 */
int verbs_open(struct verbs *verbs, const char *name, bool on_demand, unsigned patience_ms,
	       struct reason *why);

/* True when the device opened is one of rdma_rxe. */
bool verbs_is_rxe(const struct verbs *verbs);

/* Register memory. @access: IBV_ACCESS_... Returns 0 or -errno. */
int verbs_register(struct verbs *verbs, void *data, size_t size, int access,
		   struct ibv_mr **registered, struct reason *why);

/* Give it back. */
void verbs_deregister(struct verbs *verbs, struct ibv_mr **registered);

/*
 * Move @size bytes at @offset of both: with @write from @local to @remote, else
 * the other way. Returns when the device is done: 0, -EACCES when it may not
 * access @remote, or another -errno; the pair is of no use after one.
 */
int verbs_move(struct verbs *verbs, bool write, const struct ibv_mr *local,
	       const struct ibv_mr *remote, size_t offset, size_t size, struct reason *why);

void verbs_close(struct verbs *verbs);

#endif
