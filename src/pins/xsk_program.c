// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program that AF_XDP needs to receive: bpf(2), bpf_redirect_map() of
 * bpf-helpers(7), attached by BPF_LINK_CREATE (Linux 5.9). Six instructions are not
 * worth a compiler and a loader.
 */
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pins/xsk.h"
#include "util/io.h"

#define LOAD_TRIES 5

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int create_map(struct reason *why)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_XSKMAP,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1,
	};
	int map = bpf(BPF_MAP_CREATE, &attr);

	if (map >= 0)
		return map;
	if (errno == EPERM)
		return fail(why, EPERM,
			    "to receive, a BPF program needs CAP_BPF and CAP_NET_ADMIN (xdp-umem-tx does not)");
	return fail_errno(why, errno, "XSKMAP (needs CONFIG_BPF_SYSCALL, CONFIG_XDP_SOCKETS)");
}

static int load_program(int map, struct reason *why)
{
	/* return bpf_redirect_map(map, ctx->rx_queue_index, 0); */
	const struct bpf_insn program[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W,
		  .dst_reg = BPF_REG_2,
		  .src_reg = BPF_REG_1,
		  .off = offsetof(struct xdp_md, rx_queue_index) },
		/* BPF_LD and BPF_IMM are both 0: NOLINTNEXTLINE(misc-redundant-expression) */
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = BPF_REG_1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ .code = 0 }, /* the upper half of that constant */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (uintptr_t) "GPL",
	};
	unsigned tries = 0;
	int fd;

	/*
	 * The verifier gives up for a signal that is to be delivered (do_check(),
	 * kernel/bpf/verifier.c), and be it the late end of an io_uring.
	 */
	do
		fd = bpf(BPF_PROG_LOAD, &attr);
	while (fd < 0 && errno == EAGAIN && ++tries < LOAD_TRIES);
	return fd < 0 ? fail_errno(why, errno, "XDP program (needs CAP_BPF, CAP_NET_ADMIN)") : fd;
}

int xsk_probe_program(struct reason *why)
{
	int map = create_map(why), program;

	if (map < 0)
		return map;
	program = load_program(map, why);
	close_fd(&map);
	if (program < 0)
		return program;
	close_fd(&program);
	return 0;
}

int xsk_attach(const struct xsk *xsk, unsigned device, struct reason *why)
{
	uint32_t queue = 0, value = (uint32_t)xsk->fd;
	union bpf_attr update = { .key = (uintptr_t)&queue, .value = (uintptr_t)&value };
	union bpf_attr attach = { .link_create = { .target_ifindex = device,
						   .attach_type = BPF_XDP,
						   .flags = XDP_FLAGS_SKB_MODE } };
	int map = create_map(why), program, link = -1;

	if (map < 0)
		return map;
	program = load_program(map, why);
	if (program < 0) {
		close_fd(&map);
		return program;
	}
	update.map_fd = (uint32_t)map;
	attach.link_create.prog_fd = (uint32_t)program;
	if (bpf(BPF_MAP_UPDATE_ELEM, &update))
		link = fail_errno(why, errno, "AF_XDP socket in an XSKMAP");
	else if ((link = bpf(BPF_LINK_CREATE, &attach)) < 0)
		link = fail_errno(why, errno, "XDP program on veth (BPF_LINK_CREATE, Linux 5.9)");
	close_fd(&program);
	close_fd(&map);
	return link;
}
