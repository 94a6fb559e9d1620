// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/probe/walk.h"

#include <stdlib.h>
#include <string.h>

/*
 * Of lists that were caught changing, or run in a circle: threads of all processes
 * together. PID_MAX_LIMIT.
 */
#define TASKS_MAX (1u << 22)
/* Default of fs.nr_open, and more than vm.max_map_count usually is. */
#define FILES_MAX (1u << 20)
#define VMAS_MAX (1u << 20)

/* Members that are needed, by path. */
struct wanted {
	const char *path;
	struct member *member;
};

static int find_members(struct probe *probe, const struct wanted *wanted, size_t count,
			struct reason *why)
{
	for (size_t i = 0; i < count; i++)
		if (types_member(&probe->types, wanted[i].path, wanted[i].member) ||
		    wanted[i].member->size > sizeof(uint64_t))
			return fail(why, EPROTO, "this kernel has no %s", wanted[i].path);
	return 0;
}

/* A number of a struct whose bytes begin at @raw. */
static uint64_t number(const void *raw, const struct member *member)
{
	uint64_t value = 0;

	memcpy(&value, (const char *)raw + member->offset, member->size);
	return value;
}

/* --- tasks ------------------------------------------------------------------- */

struct task_members {
	struct member tasks, pid, tgid, mm, files, signal, thread_node, thread_head;
	uint32_t size;
};

static int find_task_members(struct probe *probe, struct task_members *m, struct reason *why)
{
	const struct wanted wanted[] = {
		{ "task_struct.tasks.next", &m->tasks },
		{ "task_struct.pid", &m->pid },
		{ "task_struct.tgid", &m->tgid },
		{ "task_struct.mm", &m->mm },
		{ "task_struct.files", &m->files },
		{ "task_struct.signal", &m->signal },
		{ "task_struct.thread_node.next", &m->thread_node },
		{ "signal_struct.thread_head.next", &m->thread_head },
	};

	if (types_size(&probe->types, "task_struct", &m->size) || m->size > 65536)
		return fail(why, EPROTO, "this kernel has no task_struct");
	return find_members(probe, wanted, sizeof(wanted) / sizeof(wanted[0]), why);
}

static void take_task(const struct task_members *m, const void *raw, uint64_t address,
		      struct probe_task *task)
{
	task->pid = (pid_t)number(raw, &m->pid);
	task->tgid = (pid_t)number(raw, &m->tgid);
	task->task = address;
	task->mm = number(raw, &m->mm);
	task->files = number(raw, &m->files);
}

/* All threads of the process whose leader is at @raw; *@steps counts them. */
static int walk_threads(struct probe *probe, const struct task_members *m, unsigned char *raw,
			unsigned *steps, probe_task_fn *each, void *context, struct reason *why)
{
	uint64_t head = number(raw, &m->signal) + m->thread_head.offset, next;
	int err;

	err = probe_read(probe, head, &next, sizeof(next), why);
	while (!err && next != head && *steps < TASKS_MAX) {
		uint64_t address = next - m->thread_node.offset;
		struct probe_task task;

		++*steps;
		err = probe_read(probe, address, raw, m->size, why);
		if (err)
			break;
		take_task(m, raw, address, &task);
		next = number(raw, &m->thread_node);
		err = each(&task, context);
	}
	return err;
}

int walk_tasks(struct probe *probe, uint64_t init, pid_t tgid, probe_task_fn *each, void *context,
	       struct reason *why)
{
	struct task_members m;
	uint64_t address = init;
	unsigned char *raw;
	unsigned steps = 0;
	int err;

	err = find_task_members(probe, &m, why);
	if (err)
		return err;
	raw = malloc(m.size);
	if (!raw)
		return fail_errno(why, ENOMEM, "list of tasks");
	do {
		uint64_t next;
		pid_t process;

		err = probe_read(probe, address, raw, m.size, why);
		if (err)
			break;
		next = number(raw, &m.tasks) - m.tasks.offset;
		process = (pid_t)number(raw, &m.tgid);
		if (process && (!tgid || process == tgid))
			err = walk_threads(probe, &m, raw, &steps, each, context, why);
		if (!err && process && process == tgid)
			break;
		address = next;
	} while (!err && address != init && steps++ < TASKS_MAX);
	free(raw);
	return err;
}

/* --- files ------------------------------------------------------------------- */

struct file_walk {
	struct probe *probe;
	struct member fdt, max_fds, fd, f_op, private_data, inode;
	uint32_t file_size;
	probe_file_fn *each;
	void *context;
	struct reason *why;
	/* The tables of this process that were walked: threads share them. */
	pid_t tgid;
	uint64_t tables[16];
	unsigned tables_count;
};

static int visit_file(struct file_walk *walk, pid_t tgid, unsigned fd, uint64_t address)
{
	unsigned char raw[1024];
	struct probe_file file = { .tgid = tgid, .fd = (int)fd, .file = address };
	struct reason ignored;

	/* Closed in between: it is no file any more. */
	if (probe_read(walk->probe, address, raw, walk->file_size, &ignored))
		return 0;
	file.f_op = number(raw, &walk->f_op);
	file.private_data = number(raw, &walk->private_data);
	file.inode = number(raw, &walk->inode);
	return walk->each(&file, walk->context);
}

static int visit_table(struct file_walk *walk, pid_t tgid, uint64_t files)
{
	uint64_t fdt, max_fds = 0, array, chunk[512];
	struct probe *probe = walk->probe;
	struct reason ignored;

	/* A process that exits while it is read has no files. */
	if (probe_read(probe, files + walk->fdt.offset, &fdt, sizeof(fdt), &ignored) ||
	    probe_read(probe, fdt + walk->max_fds.offset, &max_fds, walk->max_fds.size, &ignored) ||
	    probe_read(probe, fdt + walk->fd.offset, &array, sizeof(array), &ignored))
		return 0;
	if (max_fds > FILES_MAX)
		max_fds = FILES_MAX;
	for (unsigned first = 0; first < max_fds; first += 512) {
		unsigned count = max_fds - first < 512 ? (unsigned)max_fds - first : 512;

		if (probe_read(probe, array + UINT64_C(8) * first, chunk, UINT64_C(8) * count,
			       &ignored))
			return 0;
		for (unsigned i = 0; i < count; i++) {
			int err = chunk[i] ? visit_file(walk, tgid, first + i, chunk[i]) : 0;

			if (err)
				return err;
		}
	}
	return 0;
}

static int visit_task_files(const struct probe_task *task, void *context)
{
	struct file_walk *walk = context;

	if (task->tgid != walk->tgid) {
		walk->tgid = task->tgid;
		walk->tables_count = 0;
	}
	for (unsigned i = 0; i < walk->tables_count; i++)
		if (walk->tables[i] == task->files)
			return 0;
	if (!task->files || walk->tables_count == sizeof(walk->tables) / sizeof(walk->tables[0]))
		return 0;
	walk->tables[walk->tables_count++] = task->files;
	return visit_table(walk, task->tgid, task->files);
}

int walk_files(struct probe *probe, pid_t tgid, probe_file_fn *each, void *context,
	       struct reason *why)
{
	struct file_walk walk = {
		.probe = probe,
		.each = each,
		.context = context,
		.why = why,
	};
	const struct wanted wanted[] = {
		{ "files_struct.fdt", &walk.fdt },
		{ "fdtable.max_fds", &walk.max_fds },
		{ "fdtable.fd", &walk.fd },
		{ "file.f_op", &walk.f_op },
		{ "file.private_data", &walk.private_data },
		{ "file.f_inode", &walk.inode },
	};
	int err = find_members(probe, wanted, sizeof(wanted) / sizeof(wanted[0]), why);

	if (err)
		return err;
	if (types_size(&probe->types, "file", &walk.file_size) || walk.file_size > 1024)
		return fail(why, EPROTO, "this kernel has no struct file");
	return probe->ops->tasks(probe, tgid, visit_task_files, &walk, why);
}

/* --- VMAs -------------------------------------------------------------------- */

struct vma_walk {
	struct probe *probe;
	struct member start, end, owner, flags, file, page_offset, anon_vma, next;
	struct member anon_low, anon_high; /* of size 0 before 7.3 */
	uint32_t size;
	probe_vma_fn *each;
	void *context;
	struct reason *why;
	uint64_t mm;
	uint64_t last_end;
};

/*
 * Whether @raw is a VMA of this process, and behind those before: what was freed, or
 * moved, while the tree was read may be anything by now.
 */
static bool is_sound(const struct vma_walk *walk, const void *raw, const struct probe_vma *vma)
{
	return number(raw, &walk->owner) == walk->mm && vma->start < vma->end &&
	       vma->start >= walk->last_end && (!vma->file || is_kernel_address(vma->file));
}

/* Returns 0 and the address of the next in *next, or what ended the walk. */
static int visit_vma(struct vma_walk *walk, uint64_t address, uint64_t *next)
{
	unsigned char raw[512];
	struct probe_vma vma;
	struct reason ignored;

	*next = 0;
	if (probe_read(walk->probe, address, raw, walk->size, &ignored))
		return 0;
	vma.start = number(raw, &walk->start);
	vma.end = number(raw, &walk->end);
	vma.flags = number(raw, &walk->flags);
	vma.file = number(raw, &walk->file);
	vma.page_offset = number(raw, &walk->page_offset);
	vma.anon_offset = walk->anon_high.size ? number(raw, &walk->anon_high) << 32 |
							 number(raw, &walk->anon_low) :
						 vma.page_offset;
	vma.anon_vma = number(raw, &walk->anon_vma);
	if (walk->next.size)
		*next = number(raw, &walk->next);
	if (!is_sound(walk, raw, &vma))
		return 0;
	walk->last_end = vma.end;
	return walk->each(&vma, walk->context);
}

static int visit_entry(uint64_t entry, void *context)
{
	uint64_t next;

	return visit_vma(context, entry, &next);
}

static int visit_list(struct vma_walk *walk, uint64_t first)
{
	unsigned steps = 0;
	int err = 0;

	while (first && !err && steps++ < VMAS_MAX)
		err = visit_vma(walk, first, &first);
	return err;
}

static int take_mm(const struct probe_task *task, void *context)
{
	struct vma_walk *walk = context;

	walk->mm = task->mm;
	return task->mm ? 1 : 0;
}

int walk_vmas(struct probe *probe, pid_t tgid, probe_vma_fn *each, void *context,
	      struct reason *why)
{
	struct vma_walk walk = { .probe = probe, .each = each, .context = context, .why = why };
	const struct wanted wanted[] = {
		{ "vm_area_struct.vm_start", &walk.start },
		{ "vm_area_struct.vm_end", &walk.end },
		{ "vm_area_struct.vm_mm", &walk.owner },
		{ "vm_area_struct.vm_flags", &walk.flags },
		{ "vm_area_struct.vm_file", &walk.file },
		{ "vm_area_struct.vm_pgoff", &walk.page_offset },
		{ "vm_area_struct.anon_vma", &walk.anon_vma },
	};
	struct member root;
	uint64_t first;
	int err;

	if (!probe->ops->tasks || !probe_reads(probe))
		return fail(why, EOPNOTSUPP, "VMAs cannot be read at probe level %s",
			    probe->ops->name);
	err = find_members(probe, wanted, sizeof(wanted) / sizeof(wanted[0]), why);
	if (!err && (types_size(&probe->types, "vm_area_struct", &walk.size) || walk.size > 512))
		err = fail(why, EPROTO, "this kernel has no vm_area_struct");
	/* Both or none. */
	if (types_member(&probe->types, ANON_OFFSET_LOW, &walk.anon_low) ||
	    types_member(&probe->types, ANON_OFFSET_HIGH, &walk.anon_high) ||
	    walk.anon_low.size != 4 || walk.anon_high.size != 4)
		walk.anon_high.size = 0;
	if (!err)
		err = probe->ops->tasks(probe, tgid, take_mm, &walk, why);
	if (err < 0 || !walk.mm)
		return err < 0 ? err : 0;
	if (!types_member(&probe->types, "mm_struct.mm_mt.ma_root", &root)) {
		err = probe_read(probe, walk.mm + root.offset, &first, sizeof(first), why);
		return err ? err : walk_maple(probe, first, visit_entry, &walk, why);
	}
	/* Before 6.1 they are a list. */
	err = probe_read_member(probe, walk.mm, "mm_struct.mmap", &first, why);
	if (!err && types_member(&probe->types, "vm_area_struct.vm_next", &walk.next))
		err = fail(why, EPROTO, "this kernel has no vm_area_struct.vm_next");
	return err ? err : visit_list(&walk, first);
}
