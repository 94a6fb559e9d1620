// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Files that are registered with an io_uring (io_uring/filetable.h): the table has nodes,
 * each with a file, since 6.13, and the files themselves from 5.15 on. The lowest bits of
 * what it has are flags (FFS_MASK).
 */
#include "config.h"

#include "inspect/ring_files.h"

#include <stdlib.h>

#if HAVE_LIBURING
#include <liburing.h>
#endif

/* IORING_MAX_FIXED_FILES */
#define FILES_MAX (1u << 20)

#define FLAGS UINT64_C(7)

static int learn_layout(struct ring_files *rings, struct types *types)
{
	struct member data;
	int err = file_layout_learn(&rings->file, types);

	rings->nodes = !types_member(types, "io_ring_ctx.file_table.data", &data);
	if (rings->nodes) {
		err |= types_member(types, "io_rsrc_data.nodes", &rings->table);
		err |= types_member(types, "io_rsrc_data.nr", &rings->count);
		err |= types_member(types, "io_rsrc_node.file_ptr", &rings->node_file);
		rings->table.offset += data.offset;
		rings->count.offset += data.offset;
	} else {
		err |= types_member(types, "io_ring_ctx.file_table.files", &rings->table);
		err |= types_member(types, "io_ring_ctx.nr_user_files", &rings->count);
	}
	return err;
}

#if HAVE_LIBURING
int ring_operations(struct search *search, uint64_t *f_op, struct reason *why)
{
	struct probe_file own = { .fd = -1 };
	struct io_uring ring;
	int err = io_uring_queue_init(1, &ring, 0);

	if (err)
		return fail_errno(why, -err, "io_uring_setup");
	err = probe_own_file(search->probe, ring.ring_fd, &own, why);
	io_uring_queue_exit(&ring);
	*f_op = own.f_op;
	return err;
}
#else
int ring_operations(struct search *search, uint64_t *f_op, struct reason *why)
{
	(void)search;
	(void)f_op;
	return fail(why, ENOTSUP, LIBURING_REASON);
}
#endif

void ring_files_learn(struct ring_files *rings, struct search *search)
{
	struct reason ignored;

	rings->known = !learn_layout(rings, &search->probe->types) &&
		       !ring_operations(search, &rings->f_op, &ignored);
}

static int show(const struct ring_files *rings, struct search *search, uint64_t entry, pid_t tgid,
		probe_file_fn *each, void *context)
{
	struct probe_file file = { .tgid = tgid, .fd = -1 };
	struct reason ignored;

	if (entry && rings->nodes &&
	    read_member(search->probe, entry, rings->node_file, &entry, &ignored))
		return 0;
	file.file = entry & ~FLAGS;
	return file.file && !file_read(&rings->file, search->probe, &file) ? each(&file, context) :
									     0;
}

int ring_files(const struct ring_files *rings, struct search *search, const struct probe_file *file,
	       probe_file_fn *each, void *context)
{
	uint64_t table, count = 0, *entries;
	struct reason ignored;
	int err = 0;

	if (!rings->known || file->f_op != rings->f_op ||
	    read_member(search->probe, file->private_data, rings->table, &table, &ignored) ||
	    read_member(search->probe, file->private_data, rings->count, &count, &ignored) ||
	    !table || !count || count > FILES_MAX)
		return 0;
	entries = calloc(count, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	if (!probe_read(search->probe, table, entries, count * sizeof(*entries), &ignored))
		for (uint64_t i = 0; !err && i < count; i++)
			err = show(rings, search, entries[i], file->tgid, each, context);
	free(entries);
	return err;
}
