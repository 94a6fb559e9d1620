// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The umem of an AF_XDP socket: struct xdp_umem has its pages in order, and not
 * the address that they were registered at (xdp_umem_pin_pages(),
 * net/xdp/xdp_umem.c).
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inspect/holders.h"
#include "inspect/home.h"

#ifndef AF_XDP
#define AF_XDP 44
#endif

struct xdp_layout {
	uint64_t f_op; /* of all sockets */
	struct member sock, family, umem, pages, count;
};

static int learn_layout(struct types *types, struct xdp_layout *layout)
{
	int err = types_member(types, "socket.sk", &layout->sock);

	err |= types_member(types, "sock.__sk_common.skc_family", &layout->family);
	err |= types_member(types, "xdp_sock.umem", &layout->umem);
	err |= types_member(types, "xdp_umem.pgs", &layout->pages);
	err |= types_member(types, "xdp_umem.npgs", &layout->count);
	return err ? -ENOENT : 0;
}

static int learn_xdp(struct search *search, void **state, struct reason *why)
{
	struct xdp_layout *layout = calloc(1, sizeof(*layout));
	struct probe_file own;
	int any, err;

	if (!layout)
		return fail_errno(why, ENOMEM, "AF_XDP");
	if (learn_layout(&search->probe->types, layout)) {
		free(layout);
		return fail(why, ENODEV, "this kernel has no AF_XDP (needs CONFIG_XDP_SOCKETS)");
	}
	/* Sockets of all families have the same file operations. */
	any = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	err = any < 0 ? fail_errno(why, errno, "socket") :
			probe_own_file(search->probe, any, &own, why);
	if (any >= 0)
		close(any);
	if (err) {
		free(layout);
		return err;
	}
	layout->f_op = own.f_op;
	*state = layout;
	return 0;
}

static int look_xdp(struct search *search, void *state, const struct probe_file *file,
		    struct reason *why)
{
	const struct xdp_layout *layout = state;
	uint64_t sock, family, umem, pages, count = 0, *pfns;
	int err;

	if (file->f_op != layout->f_op)
		return 0;
	err = read_member(search->probe, file->private_data, layout->sock, &sock, why);
	if (err || !sock)
		return err;
	err = read_member(search->probe, sock, layout->family, &family, why);
	if (err || family != AF_XDP)
		return err;
	err = read_member(search->probe, sock, layout->umem, &umem, why);
	if (err || !umem)
		return err;
	err = read_member(search->probe, umem, layout->pages, &pages, why);
	if (!err)
		err = read_member(search->probe, umem, layout->count, &count, why);
	if (err || !pages || !count || count > HOLDER_PAGES_MAX)
		return err;
	pfns = calloc(count, sizeof(*pfns));
	if (!pfns)
		return fail_errno(why, ENOMEM, "umem of %zu pages", (size_t)count);
	err = read_page_pointers(search->probe, pages, pfns, count, why);
	if (!err)
		err = home_add_linear(search, HOLDER_XDP, file, pfns, count, why);
	free(pfns);
	return err;
}

const struct holder_source holder_xdp = {
	.kind = HOLDER_XDP,
	.learn = learn_xdp,
	.look = look_xdp,
};
