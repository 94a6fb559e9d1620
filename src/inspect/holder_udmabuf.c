// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A dma-buf over a memfd: struct udmabuf has the folios, and the offset of each
 * page in its folio (drivers/dma-buf/udmabuf.c; until 6.11 pages). They belong
 * to the file, at the offset that it was made of.
 */
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/host.h"
#include "inspect/holders.h"
#include "inspect/home.h"

struct udmabuf_layout {
	uint64_t f_op; /* of all dma-bufs */
	uint64_t ops;  /* of those that udmabuf made */
	struct member private, buffer_ops;
	struct member count, pages, offsets;
	bool folios;
};

static int learn_layout(struct types *types, struct udmabuf_layout *layout)
{
	struct reason ignored;
	int err;

	/* A module on some kernels. */
	if (types_member(types, "udmabuf.pagecount", &layout->count) &&
	    types_add_module(types, "udmabuf", &ignored))
		return -ENOENT;
	err = types_member(types, "udmabuf.pagecount", &layout->count);
	err |= types_member(types, "dma_buf.priv", &layout->private);
	err |= types_member(types, "dma_buf.ops", &layout->buffer_ops);
	layout->folios = !types_member(types, "udmabuf.folios", &layout->pages);
	if (layout->folios)
		err |= types_member(types, "udmabuf.offsets", &layout->offsets);
	else
		err |= types_member(types, "udmabuf.pages", &layout->pages);
	return err ? -ENOENT : 0;
}

/* A dma-buf of our own over one page, or -errno. */
static int make_own(size_t page_size, struct reason *why)
{
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), file, own;
	struct udmabuf_create create = { .flags = UDMABUF_FLAGS_CLOEXEC, .size = page_size };

	if (device < 0)
		return fail_errno(why, errno, "/dev/udmabuf");
	file = memfd_create("thpin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (file < 0 || ftruncate(file, (off_t)page_size) ||
	    fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK)) {
		own = fail_errno(why, errno, "memfd");
	} else {
		create.memfd = (uint32_t)file;
		own = ioctl(device, UDMABUF_CREATE, &create);
		if (own < 0)
			own = fail_errno(why, errno, "UDMABUF_CREATE");
	}
	if (file >= 0)
		close(file);
	close(device);
	return own;
}

static int learn_udmabuf(struct search *search, void **state, struct reason *why)
{
	struct udmabuf_layout *layout;
	struct probe_file file = { .fd = -1 };
	int own, err;

	if (access("/dev/udmabuf", F_OK))
		return fail(why, ENODEV, "there is no /dev/udmabuf");
	layout = calloc(1, sizeof(*layout));
	if (!layout)
		return fail_errno(why, ENOMEM, "udmabuf");
	if (learn_layout(&search->probe->types, layout)) {
		free(layout);
		return fail(why, ENOENT, "this kernel does not tell the types of udmabuf");
	}
	own = make_own(search->inspection->host->page_size, why);
	err = own < 0 ? own : probe_own_file(search->probe, own, &file, why);
	if (!err)
		err = read_member(search->probe, file.private_data, layout->buffer_ops,
				  &layout->ops, why);
	if (own >= 0)
		close(own);
	if (err) {
		free(layout);
		return err;
	}
	layout->f_op = file.f_op;
	*state = layout;
	return 0;
}

static int read_pages(struct search *search, const struct udmabuf_layout *layout, uint64_t udmabuf,
		      uint64_t *pfns, size_t count, struct reason *why)
{
	size_t page_size = search->inspection->host->page_size;
	uint64_t pages, offsets, *in_folio;
	int err;

	err = read_member(search->probe, udmabuf, layout->pages, &pages, why);
	if (!err)
		err = read_page_pointers(search->probe, pages, pfns, count, why);
	if (err || !layout->folios)
		return err;
	in_folio = calloc(count, sizeof(*in_folio));
	if (!in_folio)
		return fail_errno(why, ENOMEM, "udmabuf");
	err = read_member(search->probe, udmabuf, layout->offsets, &offsets, why);
	if (!err)
		err = probe_read(search->probe, offsets, in_folio, count * sizeof(*in_folio), why);
	for (size_t i = 0; !err && i < count; i++)
		pfns[i] += in_folio[i] / page_size;
	free(in_folio);
	return err;
}

static int look_udmabuf(struct search *search, void *state, const struct probe_file *file,
			struct reason *why)
{
	const struct udmabuf_layout *layout = state;
	uint64_t ops, udmabuf, count = 0, *pfns;
	int err;

	if (file->f_op != layout->f_op)
		return 0;
	err = read_member(search->probe, file->private_data, layout->buffer_ops, &ops, why);
	if (err || ops != layout->ops)
		return err;
	err = read_member(search->probe, file->private_data, layout->private, &udmabuf, why);
	if (!err)
		err = read_member(search->probe, udmabuf, layout->count, &count, why);
	if (err || !count || count > HOLDER_PAGES_MAX)
		return err;
	pfns = calloc(count, sizeof(*pfns));
	if (!pfns)
		return fail_errno(why, ENOMEM, "udmabuf of %zu pages", (size_t)count);
	err = read_pages(search, layout, udmabuf, pfns, count, why);
	if (!err)
		err = home_add_pieces(search, HOLDER_UDMABUF, file, pfns, count, why);
	free(pfns);
	return err;
}

const struct holder_source holder_udmabuf = {
	.kind = HOLDER_UDMABUF,
	.learn = learn_udmabuf,
	.look = look_udmabuf,
};
