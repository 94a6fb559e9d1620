// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * An RDMA memory region: FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE since Linux 5.6
 * (ib_umem_get(), drivers/infiniband/core/umem.c; FOLL_FORCE with it for one that
 * is only read, until 6.2). RDMA READ and RDMA WRITE of a queue pair that is
 * connected to itself are the device. Where no RDMA device is, rdma_rxe on the
 * loopback interface is one.
 *
 * rdma-odp: the same, registered for on-demand paging, which pins nothing: the
 * device has page tables of its own, follows those of the process with an MMU
 * notifier and faults pages in (ib_umem_odp_get(),
 * drivers/infiniband/core/umem_odp.c).
 */
#include "config.h"

#include "host/host.h"
#include "pins/pins.h"

static enum pin_class rdma_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_LONGTERM;
}

static enum pin_class odp_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_ODP;
}

#if HAVE_LIBIBVERBS

#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/kernel_config.h"
#include "host/rdma_link.h"
#include "host/symbols.h"
#include "memory/memory.h"
#include "pins/verbs.h"

#define LOOPBACK "lo"

/* A name that nobody else gives: what is called so is ours to remove. */
#define LINK_NAME "thpin%d"

struct rdma {
	struct verbs verbs;
	struct ibv_mr *device; /* pin->device */
	struct ibv_mr *region;
	bool on_demand;
	pid_t opener;
};

static bool has_net_admin(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	return !syscall(SYS_capget, &header, data) &&
	       data[CAP_NET_ADMIN / 32].effective & 1u << CAP_NET_ADMIN % 32;
}

/* 0 when rdma_rxe could be made on the loopback interface. */
static int probe_rxe(const struct host *host, struct reason *why)
{
	if (access("/sys/class/infiniband", F_OK))
		return kernel_lacks(host, "no RDMA", "INFINIBAND", "-a ib_uverbs rdma_rxe", why);
	if (access("/sys/class/infiniband_verbs", F_OK))
		return kernel_lacks(host, "no RDMA for programs", "INFINIBAND_USER_ACCESS",
				    "ib_uverbs", why);
	if (access("/sys/module/rdma_rxe", F_OK) && !kernel_has_function("rxe_newlink"))
		return kernel_lacks(host, "no RDMA device, and none to be had", "RDMA_RXE",
				    "rdma_rxe", why);
	if (host->user_namespace || !has_net_admin())
		return fail(why, EPERM,
			    "no RDMA device; to make one of rdma_rxe needs CAP_NET_ADMIN");
	return 0;
}

static int rdma_probe(const struct host *host, struct reason *why)
{
	int devices = verbs_count_devices(why);

	return devices < 0 ? devices : devices ? 0 : probe_rxe(host, why);
}

/*
 * Before 7.2 what rdma_rxe writes on demand goes to a page that is mapped read-only, too:
 * rxe_check_pagefault(), drivers/infiniband/sw/rxe/rxe_odp.c, asks for a page, not for
 * a writable one (2fae67ab63db, 0b261d7c1cd3). That may be the zero page.
 */
static int refuse_harmful_rxe(const struct host *host, struct reason *why)
{
	if (host->kernel >= KERNEL(7, 2))
		return 0;
	return fail(why, ENOTSUP,
		    "rdma_rxe before Linux 7.2 writes on demand to read-only pages, the zero page of the machine as well");
}

static int odp_probe(const struct host *host, struct reason *why)
{
	int devices = verbs_count_devices(why), err;

	if (devices)
		return devices < 0 ? devices : 0;
	err = probe_rxe(host, why);
	if (!err && host->kernel < KERNEL(6, 15))
		err = fail(why, ENOTSUP,
			   "no RDMA device, and rdma_rxe pages on demand since Linux 6.15 only");
	return err ? err : refuse_harmful_rxe(host, why);
}

static int rdma_open(struct pin *pin, size_t size, struct reason *why)
{
	struct rdma *rdma = calloc(1, sizeof(*rdma));
	char name[16] = "";
	int devices, err = 0;

	if (!rdma)
		return fail_errno(why, ENOMEM, "RDMA");
	pin->private = rdma;
	rdma->opener = getpid();
	rdma->on_demand = pin->ops->class(pin->host) == PIN_CLASS_ODP;
	devices = verbs_count_devices(why);
	if (devices < 0)
		return devices;
	if (!devices) {
		snprintf(name, sizeof(name), LINK_NAME, getpid());
		err = guardian_owns(pin->guardian, OWNED_RDMA_LINK, name, why);
		if (!err)
			err = rdma_link_add(name, "rxe", LOOPBACK, why);
	}
	if (!err)
		err = verbs_open(&rdma->verbs, name[0] ? name : NULL, rdma->on_demand,
				 pin->patience_ms, why);
	if (!err && rdma->on_demand && verbs_is_rxe(&rdma->verbs))
		err = refuse_harmful_rxe(pin->host, why);
	return err ? err :
		     verbs_register(&rdma->verbs, pin->device, size, IBV_ACCESS_LOCAL_WRITE,
				    &rdma->device, why);
}

static int rdma_take(struct pin *pin, struct region *region, struct reason *why)
{
	struct rdma *rdma = pin->private;
	int access = IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE;

	/* E.g. ib_safe_file_access(), include/rdma/ib.h: what rdma_rxe is told by write(2). */
	if (getpid() != rdma->opener)
		return fail(why, ENOTSUP,
			    "an RDMA device is not for a child of the process that opened it "
			    "(ibv_fork_init(3))");
	if (rdma->on_demand)
		access |= IBV_ACCESS_ON_DEMAND;
	return verbs_register(&rdma->verbs, region->base, region->size, access, &rdma->region, why);
}

/*
 * All of the region, also what the process has no longer mapped: the pinned pages
 * are there. On demand only what is mapped where it was.
 */
static int transfer(struct pin *pin, bool write, struct reason *why)
{
	struct rdma *rdma = pin->private;
	struct region *region = pin->region;
	unsigned first = 0, end;

	if (!rdma->on_demand)
		return verbs_move(&rdma->verbs, write, rdma->device, rdma->region, 0, region->size,
				  why);
	for (; first < region->pages; first = end + 1) {
		size_t offset = first * region->page_size;
		int err;

		for (end = first; end < region->pages && region->page[end];)
			end++;
		if (end == first)
			continue;
		err = verbs_move(&rdma->verbs, write, rdma->device, rdma->region, offset,
				 (end - first) * region->page_size, why);
		if (err == -EACCES)
			return fail(why, ENOTSUP,
				    "on-demand paging: the device may not %s what the process may not "
				    "(mprotect), or has moved (mremap)",
				    write ? "write" : "read");
		if (err)
			return err;
	}
	return 0;
}

static int rdma_device_write(struct pin *pin, struct reason *why)
{
	return transfer(pin, true, why);
}

static int rdma_device_read(struct pin *pin, struct reason *why)
{
	return transfer(pin, false, why);
}

static void rdma_drop(struct pin *pin)
{
	struct rdma *rdma = pin->private;

	if (!rdma)
		return;
	verbs_deregister(&rdma->verbs, &rdma->region);
	verbs_deregister(&rdma->verbs, &rdma->device);
	verbs_close(&rdma->verbs);
}

#define RDMA_LIBRARIES "libibverbs.so.1"
#define RDMA_FILES                                                        \
	"/etc/libibverbs.d/rxe.driver /usr/lib/*/libibverbs/librxe-*.so " \
	"/usr/lib64/libibverbs/librxe-*.so"

#else

static int rdma_probe(const struct host *host, struct reason *why)
{
	(void)host;
	return fail(why, ENOTSUP, LIBIBVERBS_REASON);
}

#define odp_probe rdma_probe
#define rdma_open NULL
#define rdma_take NULL
#define rdma_device_write NULL
#define rdma_device_read NULL
#define rdma_drop NULL
#define RDMA_LIBRARIES NULL
#define RDMA_FILES NULL

#endif

/* rdma_rxe asks for crc32 by name until Linux 6.15: nothing depends on the module. */
#define RDMA_MODULES "crc32_generic ib_uverbs rdma_rxe"

const struct pin_ops pin_rdma = {
	.name = "rdma",
	.help = "RDMA memory region; RDMA READ and WRITE are the device",
	.held_by = "an RDMA memory region",
	.directions = DEVICE_WRITES | DEVICE_READS,
	.modules = RDMA_MODULES,
	.libraries = RDMA_LIBRARIES,
	.files = RDMA_FILES,
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.class = rdma_class,
	.probe = rdma_probe,
	.open = rdma_open,
	.take = rdma_take,
	.device_write = rdma_device_write,
	.device_read = rdma_device_read,
	.drop = rdma_drop,
};

const struct pin_ops pin_rdma_odp = {
	.name = "rdma-odp",
	.help = "RDMA memory region with on-demand paging: follows the page tables, pins nothing",
	.held_by = "an RDMA memory region with on-demand paging",
	.directions = DEVICE_WRITES | DEVICE_READS,
	.modules = RDMA_MODULES,
	.libraries = RDMA_LIBRARIES,
	.files = RDMA_FILES,
	.level = LEVEL_SELECTED,
	.write_pin = true,
	.class = odp_class,
	.probe = odp_probe,
	.open = rdma_open,
	.take = rdma_take,
	.device_write = rdma_device_write,
	.device_read = rdma_device_read,
	.drop = rdma_drop,
};
