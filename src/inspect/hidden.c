// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/hidden.h"

#include <string.h>

#include "inspect/probe/types.h"

/* IO_RINGFD_REG_MAX of io_uring/tctx.h is 16. */
#define RINGS_MAX 64

struct hidden {
	struct search *search;
	probe_file_fn *each;
	void *context;
	struct file_layout file;
	struct member tasks_uring, rings;
	uint64_t last; /* of VMAs one after the other */
};

bool hidden_name(const char *name)
{
	static const char *const starts[] = {
		"anon_inode:[io_uring]",
		"socket:[",
		"/dmabuf",
		"/dev/infiniband/",
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (!strncmp(name, starts[i], strlen(starts[i])))
			return true;
	return false;
}

int file_layout_learn(struct file_layout *layout, struct types *types)
{
	int err = types_member(types, "file.f_op", &layout->f_op);

	err |= types_member(types, "file.private_data", &layout->private_data);
	err |= types_member(types, "file.f_inode", &layout->inode);
	return err ? -ENOENT : 0;
}

int file_read(const struct file_layout *layout, struct probe *probe, struct probe_file *file)
{
	struct reason ignored;
	int err = read_member(probe, file->file, layout->f_op, &file->f_op, &ignored);

	if (!err)
		err = read_member(probe, file->file, layout->private_data, &file->private_data,
				  &ignored);
	return err ? err : read_member(probe, file->file, layout->inode, &file->inode, &ignored);
}

/* A file that is closed meanwhile reads as anything: it is of no kind then. */
static int show(struct hidden *hidden, uint64_t file)
{
	struct probe_file found = {
		.tgid = hidden->search->inspection->target.pid,
		.fd = -1,
		.file = file,
	};

	if (file_read(&hidden->file, hidden->search->probe, &found))
		return 0;
	return hidden->each(&found, hidden->context);
}

static int show_vma(const struct probe_vma *vma, void *context)
{
	struct hidden *hidden = context;

	if (!vma->file || vma->file == hidden->last)
		return 0;
	hidden->last = vma->file;
	return show(hidden, vma->file);
}

static int show_rings(const struct probe_task *task, void *context)
{
	struct hidden *hidden = context;
	struct probe *probe = hidden->search->probe;
	uint64_t uring, rings[RINGS_MAX] = { 0 };
	struct reason ignored;
	int err = 0;

	if (read_member(probe, task->task, hidden->tasks_uring, &uring, &ignored) || !uring ||
	    probe_read(probe, uring + hidden->rings.offset, rings, hidden->rings.size, &ignored))
		return 0;
	for (size_t i = 0; !err && i < RINGS_MAX; i++)
		if (rings[i])
			err = show(hidden, rings[i]);
	return err;
}

static bool maps_any(const struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->vmas.count; i++)
		if (hidden_name(inspection->vmas.vmas[i].name))
			return true;
	return false;
}

int hidden_files(struct search *search, probe_file_fn *each, void *context, struct reason *why)
{
	struct hidden hidden = { .search = search, .each = each, .context = context };
	struct types *types = &search->probe->types;
	pid_t pid = search->inspection->target.pid;
	int err = file_layout_learn(&hidden.file, types);

	if (err)
		return fail(why, ENOENT, "struct file of this kernel is like none that is known");
	if (maps_any(search->inspection))
		err = probe_vmas(search->probe, pid, show_vma, &hidden, why);
	if (!err && !types_member(types, "task_struct.io_uring", &hidden.tasks_uring) &&
	    !types_member(types, "io_uring_task.registered_rings", &hidden.rings) &&
	    hidden.rings.size <= sizeof(uint64_t) * RINGS_MAX)
		err = probe_tasks(search->probe, pid, show_rings, &hidden, why);
	return err;
}
