// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registered buffers of io_uring: the table of buffers of a ring, of each buffer
 * its address, length and the bio_vecs that point to its pages
 * (io_sqe_buffer_register(), io_uring/rsrc.c). The table was user_bufs[] until
 * 6.13, and is buf_table.nodes[]->buf since.
 */
#include "inspect/holders.h"

#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "inspect/compare.h"
#include "inspect/home.h"
#include "inspect/ring_files.h"

/* IORING_MAX_REG_BUFFERS */
#define BUFFERS_MAX (1u << 14)

struct uring_layout {
	uint64_t f_op; /* of all rings */
	bool nodes;    /* buf_table.nodes[]->buf */
	struct member table, count, node_buffer;
	struct member mm;
	struct member address, end, length, vec_count, vecs;
	bool has_length;
	struct member vec_page, vec_length, vec_offset;
	uint32_t vec_size;
};

static int learn_layout(struct types *types, struct uring_layout *layout)
{
	int err;

	layout->nodes = !types_member(types, "io_ring_ctx.buf_table.nodes", &layout->table);
	if (layout->nodes) {
		err = types_member(types, "io_ring_ctx.buf_table.nr", &layout->count);
		err |= types_member(types, "io_rsrc_node.buf", &layout->node_buffer);
	} else {
		err = types_member(types, "io_ring_ctx.user_bufs", &layout->table);
		err |= types_member(types, "io_ring_ctx.nr_user_bufs", &layout->count);
	}
	err |= types_member(types, "io_ring_ctx.mm_account", &layout->mm);
	err |= types_member(types, "io_mapped_ubuf.ubuf", &layout->address);
	layout->has_length = !types_member(types, "io_mapped_ubuf.len", &layout->length);
	if (!layout->has_length)
		err |= types_member(types, "io_mapped_ubuf.ubuf_end", &layout->end);
	err |= types_member(types, "io_mapped_ubuf.nr_bvecs", &layout->vec_count);
	err |= types_member(types, "io_mapped_ubuf.bvec", &layout->vecs);
	err |= types_member(types, "bio_vec.bv_page", &layout->vec_page);
	err |= types_member(types, "bio_vec.bv_len", &layout->vec_length);
	err |= types_member(types, "bio_vec.bv_offset", &layout->vec_offset);
	err |= types_size(types, "bio_vec", &layout->vec_size);
	return err ? -ENOENT : 0;
}

static int learn_uring(struct search *search, void **state, struct reason *why)
{
	struct uring_layout *layout = calloc(1, sizeof(*layout));
	int err;

	if (!layout)
		return fail_errno(why, ENOMEM, "io_uring");
	if (learn_layout(&search->probe->types, layout))
		err = fail(why, ENOENT, "this kernel's io_uring is like none that is known");
	else
		err = ring_operations(search, &layout->f_op, why);
	if (err)
		free(layout);
	else
		*state = layout;
	return err;
}

/* Page frames, one a page of the buffer, from its bio_vecs. */
static int read_pages(struct search *search, const struct uring_layout *layout, uint64_t vecs,
		      uint64_t count, uint64_t *pfns, size_t pages, struct reason *why)
{
	size_t page_size = search->inspection->host->page_size, done = 0;
	unsigned char *raw = malloc(count * layout->vec_size);
	int err = raw ? 0 : fail_errno(why, ENOMEM, "io_uring buffer");

	if (!err)
		err = probe_read(search->probe, vecs, raw, count * layout->vec_size, why);
	for (uint64_t i = 0; !err && i < count && done < pages; i++) {
		const unsigned char *vec = raw + i * layout->vec_size;
		uint64_t page, pfn;
		uint32_t length, offset;

		memcpy(&page, vec + layout->vec_page.offset, sizeof(page));
		memcpy(&length, vec + layout->vec_length.offset, sizeof(length));
		memcpy(&offset, vec + layout->vec_offset.offset, sizeof(offset));
		err = probe_page_pfn(search->probe, page, &pfn);
		pfn += offset / page_size;
		for (size_t left = (offset % page_size + length + page_size - 1) / page_size;
		     !err && left && done < pages; left--)
			pfns[done++] = pfn++;
	}
	free(raw);
	return err;
}

/* Pages of a buffer that are looked at for whose it is. */
#define WITNESSES 64u

/*
 * Is page @pfn at @home of the target, which mremap() has moved there? Not if it is
 * another process, with a ring of its own, that has it at another address.
 */
static bool was_moved(const struct search *search, bool maker, const struct page_state *state,
		      uint64_t pfn, uint64_t home)
{
	return state->folio.flags & FOLIO_ANON && (maker || state->mapcount == 1) &&
	       home_has(search, home, pfn);
}

/*
 * The buffer is of who registered it, which need not be who made the ring, @maker: a
 * child may register as well. It is the target's when one of its pages is, where it was
 * registered or was moved to; and when the target made the ring and no page is another's
 * own.
 */
static bool is_of_target(struct search *search, bool maker, uint64_t start, const uint64_t *pfns,
			 size_t pages)
{
	size_t page_size = search->inspection->host->page_size, step = pages / WITNESSES + 1;
	bool elsewhere = false;

	for (size_t i = 0; i < pages; i += step) {
		uint64_t address = start + i * page_size, home = 0;
		struct page_state state;
		struct reason ignored;

		if (!pfns[i])
			continue;
		if (home_has(search, address, pfns[i]))
			return true;
		if (probe_pages(search->probe, pfns[i], 1, &state, &ignored))
			continue;
		if (!home_address(search, &state, pfns[i], &home) &&
		    (home == address || was_moved(search, maker, &state, pfns[i], home)))
			return true;
		/* Of shared memory, what the target has at another address was not its. */
		elsewhere |= state.mapcount > 0 &&
			     (state.folio.flags & FOLIO_ANON || home_has(search, home, pfns[i]));
	}
	return maker && !elsewhere;
}

static int add_buffer(struct search *search, const struct uring_layout *layout,
		      const struct probe_file *file, uint64_t buffer, bool maker, unsigned index,
		      struct reason *why)
{
	uint64_t page_size = search->inspection->host->page_size;
	uint64_t address, length, count, *pfns, first, pages;
	struct holder *holder;
	int err;

	err = read_member(search->probe, buffer, layout->address, &address, why);
	if (!err)
		err = read_member(search->probe, buffer,
				  layout->has_length ? layout->length : layout->end, &length, why);
	if (!err)
		err = read_member(search->probe, buffer, layout->vec_count, &count, why);
	if (err)
		return err;
	if (!layout->has_length)
		length -= address;
	first = address / page_size * page_size;
	pages = (address + length - first + page_size - 1) / page_size;
	/* Buffers of the kernel (ublk) have no address. */
	if (!address || !length || !count || address >> 63 || pages > HOLDER_PAGES_MAX ||
	    count > pages)
		return 0;
	/* Rings of others are many, and what they have is seldom at such an address. */
	if (!maker && !search->own &&
	    !maps_overlap(&search->inspection->vmas, first, first + pages * page_size))
		return 0;
	pfns = calloc(pages, sizeof(*pfns));
	if (!pfns)
		return fail_errno(why, ENOMEM, "io_uring buffer");
	err = read_pages(search, layout, buffer + layout->vecs.offset, count, pfns, pages, why);
	if (err || !is_of_target(search, maker, first, pfns, pages)) {
		free(pfns);
		return err;
	}
	holder = holders_add(search, HOLDER_URING, file);
	if (holder) {
		holder->class = PIN_CLASS_LONGTERM;
		holder->confidence = CONFIDENCE_EXACT;
		holder->index = index;
		holder->edge = address % page_size || (address + length) % page_size;
		holder->start = first;
		holder->end = first + pages * page_size;
		err = compare_pages(search, holder, pfns, why);
	}
	free(pfns);
	return err;
}

static int look_uring(struct search *search, void *state, const struct probe_file *file,
		      struct reason *why)
{
	const struct uring_layout *layout = state;
	uint64_t ring = file->private_data, table, count = 0, mm;
	int err;

	if (file->f_op != layout->f_op)
		return 0;
	err = read_member(search->probe, ring, layout->mm, &mm, why);
	if (!err)
		err = read_member(search->probe, ring, layout->table, &table, why);
	if (!err)
		err = read_member(search->probe, ring, layout->count, &count, why);
	if (err || count > BUFFERS_MAX)
		return err;
	for (unsigned i = 0; !err && i < count; i++) {
		uint64_t buffer;

		err = probe_read(search->probe, table + i * sizeof(buffer), &buffer, sizeof(buffer),
				 why);
		if (!err && buffer && layout->nodes)
			err = read_member(search->probe, buffer, layout->node_buffer, &buffer, why);
		if (!err && buffer)
			err = add_buffer(search, layout, file, buffer, mm == search->target_mm, i,
					 why);
	}
	return err;
}

const struct holder_source holder_uring = {
	.kind = HOLDER_URING,
	.learn = learn_uring,
	.look = look_uring,
};
