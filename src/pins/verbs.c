// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libibverbs: see ibv_create_qp(3), ibv_modify_qp(3), ibv_post_send(3). Functions
 * that the header defines itself are used as they are; the others are looked up
 * in the library.
 */
#include "config.h"

#if HAVE_LIBIBVERBS

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pins/pins.h"
#include "pins/verbs.h"
#include "util/io.h"
#include "util/library.h"

#define LIBIBVERBS "libibverbs.so.1"

/* Every device takes messages of this size. */
#define MESSAGE (UINT32_C(1) << 20)

#define PORT 1

/* The header has macros of these names too. */
#undef ibv_reg_mr

struct verbs_calls {
	void *library;
	__typeof__(&ibv_get_device_list) get_device_list;
	__typeof__(&ibv_free_device_list) free_device_list;
	__typeof__(&ibv_get_device_name) get_device_name;
	__typeof__(&ibv_open_device) open_device;
	__typeof__(&ibv_close_device) close_device;
	__typeof__(&ibv_query_gid) query_gid;
	__typeof__(&ibv_alloc_pd) alloc_pd;
	__typeof__(&ibv_dealloc_pd) dealloc_pd;
	__typeof__(&ibv_reg_mr) reg_mr;
	__typeof__(&ibv_dereg_mr) dereg_mr;
	__typeof__(&ibv_create_cq) create_cq;
	__typeof__(&ibv_destroy_cq) destroy_cq;
	__typeof__(&ibv_create_qp) create_qp;
	__typeof__(&ibv_modify_qp) modify_qp;
	__typeof__(&ibv_destroy_qp) destroy_qp;
	__typeof__(&ibv_wc_status_str) status_text;
};

#define CALL(member, function) LIBRARY_CALL(struct verbs_calls, member, function)

static const struct library_call calls_wanted[] = {
	CALL(get_device_list, ibv_get_device_list),
	CALL(free_device_list, ibv_free_device_list),
	CALL(get_device_name, ibv_get_device_name),
	CALL(open_device, ibv_open_device),
	CALL(close_device, ibv_close_device),
	CALL(query_gid, ibv_query_gid),
	CALL(alloc_pd, ibv_alloc_pd),
	CALL(dealloc_pd, ibv_dealloc_pd),
	CALL(reg_mr, ibv_reg_mr),
	CALL(dereg_mr, ibv_dereg_mr),
	CALL(create_cq, ibv_create_cq),
	CALL(destroy_cq, ibv_destroy_cq),
	CALL(create_qp, ibv_create_qp),
	CALL(modify_qp, ibv_modify_qp),
	CALL(destroy_qp, ibv_destroy_qp),
	CALL(status_text, ibv_wc_status_str),
};

static const struct library libibverbs = {
	.soname = LIBIBVERBS,
	.wanted_by = "RDMA needs",
	.packages = "Debian: libibverbs1, Fedora: libibverbs",
	.calls = calls_wanted,
	.count = sizeof(calls_wanted) / sizeof(calls_wanted[0]),
};

static int load(struct verbs_calls *calls, struct reason *why)
{
	calls->library = library_load(&libibverbs, calls, why);
	return calls->library ? 0 : -ENOTSUP;
}

static void unload(struct verbs_calls *calls)
{
	if (calls->library)
		dlclose(calls->library);
}

int verbs_count_devices(struct reason *why)
{
	struct verbs_calls calls = { .library = NULL };
	struct ibv_device **list;
	int count = load(&calls, why);

	/* Without ib_uverbs it has none, but would warn of a small RLIMIT_MEMLOCK. */
	if (!count && !access("/sys/class/infiniband_verbs", F_OK)) {
		list = calls.get_device_list(&count);
		if (list)
			calls.free_device_list(list);
		else
			count = 0;
	}
	unload(&calls);
	return count;
}

static int query_port(const struct verbs *verbs, struct ibv_port_attr *port)
{
	struct verbs_context *context = verbs_get_ctx_op(verbs->context, query_port);

	*port = (struct ibv_port_attr){ .state = IBV_PORT_NOP };
	return context ? context->query_port(verbs->context, PORT, port, sizeof(*port)) : ENOSYS;
}

/* Does it say that it pages on demand for what verbs_move() does? */
static bool pages_on_demand(const struct verbs *verbs)
{
	struct verbs_context *context = verbs_get_ctx_op(verbs->context, query_device_ex);
	const uint32_t needed = IBV_ODP_SUPPORT_READ | IBV_ODP_SUPPORT_WRITE;
	struct ibv_device_attr_ex device = { .comp_mask = 0 };

	return context &&
	       !context->query_device_ex(verbs->context, NULL, &device, sizeof(device)) &&
	       device.odp_caps.general_caps & IBV_ODP_SUPPORT &&
	       (device.odp_caps.per_transport_caps.rc_odp_caps & needed) == needed;
}

static bool is_ipv4(const union ibv_gid *gid)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(gid->raw, prefix, sizeof(prefix));
}

/*
 * The address of the port itself. On Ethernet that is an entry of the GID table,
 * which the kernel fills a moment after the device is there; one with an IPv4
 * address has a route to itself even where IPv6 is off. 1: none so far.
 */
static int own_address(const struct verbs *verbs, const struct ibv_port_attr *port,
		       struct ibv_ah_attr *address)
{
	static const union ibv_gid zero;
	int found = -1;

	*address = (struct ibv_ah_attr){ .dlid = port->lid, .port_num = PORT };
	if (port->link_layer != IBV_LINK_LAYER_ETHERNET)
		return 0;
	for (int i = 0; i < port->gid_tbl_len; i++) {
		union ibv_gid gid;

		if (verbs->calls->query_gid(verbs->context, PORT, i, &gid) ||
		    !memcmp(&gid, &zero, sizeof(gid)) || !is_ipv4(&gid))
			continue;
		found = i;
		address->grh.dgid = gid;
	}
	if (found < 0)
		return 1;
	address->is_global = 1;
	address->grh.sgid_index = (uint8_t)found;
	address->grh.hop_limit = 1;
	return 0;
}

static int wait_address(const struct verbs *verbs, struct ibv_port_attr *port,
			struct ibv_ah_attr *address, struct reason *why)
{
	uint64_t deadline = clock_ns() + verbs->patience_ms * UINT64_C(1000000);

	while (clock_ns() < deadline) {
		int err = query_port(verbs, port);

		if (err)
			return fail_errno(why, err, "port %d of the RDMA device", PORT);
		if (port->state == IBV_PORT_ACTIVE && !own_address(verbs, port, address))
			return 0;
		usleep(2000);
	}
	return fail(why, ENXIO,
		    port->state == IBV_PORT_ACTIVE ?
			    "port %d of the RDMA device has no GID with an IPv4 address" :
			    "port %d of the RDMA device is not up",
		    PORT);
}

/* Reset to init, to ready to receive from itself, to ready to send. */
static int connect_pair(const struct verbs *verbs, const struct ibv_port_attr *port,
			const struct ibv_ah_attr *address, struct reason *why)
{
	struct ibv_qp *pair = verbs->pair;
	struct ibv_qp_attr init = {
		.qp_state = IBV_QPS_INIT,
		.port_num = PORT,
		.qp_access_flags = IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE,
	};
	struct ibv_qp_attr receive = {
		.qp_state = IBV_QPS_RTR,
		.path_mtu = port->active_mtu,
		.dest_qp_num = pair->qp_num,
		.max_dest_rd_atomic = 1,
		.min_rnr_timer = 12,
		.ah_attr = *address,
	};
	/* 2^18 * 4 us are one second: a slow machine is not taken for a lost packet. */
	struct ibv_qp_attr transmit = {
		.qp_state = IBV_QPS_RTS,
		.timeout = 18,
		.retry_cnt = 7,
		.rnr_retry = 7,
		.max_rd_atomic = 1,
	};
	int err;

	err = verbs->calls->modify_qp(pair, &init,
				      IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
					      IBV_QP_ACCESS_FLAGS);
	if (!err)
		err = verbs->calls->modify_qp(pair, &receive,
					      IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU |
						      IBV_QP_DEST_QPN | IBV_QP_RQ_PSN |
						      IBV_QP_MAX_DEST_RD_ATOMIC |
						      IBV_QP_MIN_RNR_TIMER);
	if (!err)
		err = verbs->calls->modify_qp(pair, &transmit,
					      IBV_QP_STATE | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT |
						      IBV_QP_RNR_RETRY | IBV_QP_SQ_PSN |
						      IBV_QP_MAX_QP_RD_ATOMIC);
	return err ? fail_errno(why, err, "cannot connect an RDMA queue pair to itself") : 0;
}

static int make_pair(struct verbs *verbs, struct reason *why)
{
	struct ibv_qp_init_attr plan = {
		.cap = { .max_send_wr = 4, .max_recv_wr = 1, .max_send_sge = 1, .max_recv_sge = 1 },
		.qp_type = IBV_QPT_RC,
	};
	struct ibv_port_attr port = { .state = IBV_PORT_NOP };
	struct ibv_ah_attr address;
	int err;

	verbs->domain = verbs->calls->alloc_pd(verbs->context);
	if (!verbs->domain)
		return fail_errno(why, errno, "ibv_alloc_pd");
	verbs->completions = verbs->calls->create_cq(verbs->context, 4, NULL, NULL, 0);
	if (!verbs->completions)
		return fail_errno(why, errno, "ibv_create_cq");
	plan.send_cq = plan.recv_cq = verbs->completions;
	verbs->pair = verbs->calls->create_qp(verbs->domain, &plan);
	if (!verbs->pair)
		return fail_errno(why, errno, "ibv_create_qp");
	err = wait_address(verbs, &port, &address, why);
	return err ? err : connect_pair(verbs, &port, &address, why);
}

/* True when the port of a device that need not be waited for is up. */
static bool is_up(struct verbs *verbs)
{
	struct ibv_port_attr port;

	return !query_port(verbs, &port) && port.state == IBV_PORT_ACTIVE;
}

static int open_one(struct verbs *verbs, const char *name, struct reason *why)
{
	struct ibv_device **list = verbs->calls->get_device_list(NULL);
	const char *tried = NULL;
	int err = 0;

	for (struct ibv_device **at = list; at && *at && !verbs->context; at++) {
		const char *found = verbs->calls->get_device_name(*at);

		if (name && strcmp(name, found))
			continue;
		tried = found;
		verbs->context = verbs->calls->open_device(*at);
		if (!verbs->context) {
			err = fail_errno(why, errno, "cannot open the RDMA device %s", found);
		} else if (!name && !is_up(verbs)) {
			err = fail(why, ENXIO, "port %d of the RDMA device %s is not up", PORT,
				   found);
			verbs->calls->close_device(verbs->context);
			verbs->context = NULL;
		}
	}
	if (!tried)
		err = fail(why, ENODEV,
			   "libibverbs finds no RDMA device %s (Debian: ibverbs-providers, "
			   "Fedora: libibverbs)",
			   name ? name : "");
	if (list)
		verbs->calls->free_device_list(list);
	return verbs->context ? 0 : err;
}

int verbs_open(struct verbs *verbs, const char *name, bool on_demand, unsigned patience_ms,
	       struct reason *why)
{
	int err;

	*verbs = (struct verbs){ .calls = calloc(1, sizeof(*verbs->calls)),
				 .patience_ms = patience_ms };
	if (!verbs->calls)
		return fail_errno(why, ENOMEM, LIBIBVERBS);
	err = load(verbs->calls, why);
	if (!err)
		err = open_one(verbs, name, why);
	if (!err && on_demand && !pages_on_demand(verbs))
		err = fail(why, ENOTSUP,
			   "the RDMA device %s does not page on demand for RDMA READ and WRITE",
			   verbs->calls->get_device_name(verbs->context->device));
	return err ? err : make_pair(verbs, why);
}

bool verbs_is_rxe(const struct verbs *verbs)
{
	char path[128];

	/* The network interface that it is on, drivers/infiniband/sw/rxe/rxe_verbs.c. */
	snprintf(path, sizeof(path), "/sys/class/infiniband/%s/parent",
		 verbs->calls->get_device_name(verbs->context->device));
	return !access(path, F_OK);
}

int verbs_register(struct verbs *verbs, void *data, size_t size, int access,
		   struct ibv_mr **registered, struct reason *why)
{
	*registered = verbs->calls->reg_mr(verbs->domain, data, size, access);
	if (*registered)
		return 0;
	if (errno == ENOMEM)
		return fail(why, EPERM,
			    "cannot register %zu KiB: RLIMIT_MEMLOCK too small (raise ulimit -l)",
			    size / 1024);
	return fail_errno(why, errno, "ibv_reg_mr of %zu KiB", size / 1024);
}

void verbs_deregister(struct verbs *verbs, struct ibv_mr **registered)
{
	if (*registered)
		verbs->calls->dereg_mr(*registered);
	*registered = NULL;
}

static int wait_completion(struct verbs *verbs, const char *what, struct reason *why)
{
	uint64_t deadline = clock_ns() + verbs->patience_ms * UINT64_C(1000000);
	struct ibv_wc done;
	bool denied;
	int count;

	while (!(count = ibv_poll_cq(verbs->completions, 1, &done))) {
		if (clock_ns() > deadline)
			return fail_late(why, what, verbs->patience_ms);
		usleep(50);
	}
	if (count < 0)
		return fail(why, EIO, "ibv_poll_cq failed");
	if (done.status == IBV_WC_SUCCESS)
		return 0;
	/*
	 * The pair is its own peer: what the peer may not access can end it before
	 * the answer that says so is there.
	 */
	denied = done.status == IBV_WC_REM_ACCESS_ERR || done.status == IBV_WC_WR_FLUSH_ERR;
	return fail(why, denied ? EACCES : EIO, "%s: %s", what,
		    verbs->calls->status_text(done.status));
}

int verbs_move(struct verbs *verbs, bool write, const struct ibv_mr *local,
	       const struct ibv_mr *remote, size_t offset, size_t size, struct reason *why)
{
	const char *what = write ? "RDMA WRITE" : "RDMA READ";
	int err = 0;

	for (size_t at = offset; !err && at < offset + size; at += MESSAGE) {
		size_t left = offset + size - at;
		struct ibv_sge part = {
			.addr = (uintptr_t)local->addr + at,
			.length = left < MESSAGE ? (uint32_t)left : MESSAGE,
			.lkey = local->lkey,
		};
		struct ibv_send_wr request = {
			.sg_list = &part,
			.num_sge = 1,
			.opcode = write ? IBV_WR_RDMA_WRITE : IBV_WR_RDMA_READ,
			.send_flags = IBV_SEND_SIGNALED,
			.wr.rdma = { .remote_addr = (uintptr_t)remote->addr + at,
				     .rkey = remote->rkey },
		};
		struct ibv_send_wr *refused;

		err = -ibv_post_send(verbs->pair, &request, &refused);
		err = err ? fail_errno(why, -err, "%s", what) : wait_completion(verbs, what, why);
	}
	return err;
}

void verbs_close(struct verbs *verbs)
{
	if (verbs->pair)
		verbs->calls->destroy_qp(verbs->pair);
	if (verbs->completions)
		verbs->calls->destroy_cq(verbs->completions);
	if (verbs->domain)
		verbs->calls->dealloc_pd(verbs->domain);
	if (verbs->context)
		verbs->calls->close_device(verbs->context);
	if (verbs->calls)
		unload(verbs->calls);
	free(verbs->calls);
	*verbs = (struct verbs){ .calls = NULL };
}

#endif
