// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/probe/probe.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect/probe/calibrate.h"
#include "inspect/probe/walk.h"

const struct probe_ops *const probe_list[] = {
	&probe_bpf,
	&probe_kcore,
	&probe_proc,
};

const size_t probe_list_count = sizeof(probe_list) / sizeof(probe_list[0]);

int probe_level_parse(const char *name, enum probe_level *level)
{
	*level = PROBE_AUTO;
	if (!strcmp(name, "auto"))
		return 0;
	for (size_t i = 0; i < probe_list_count; i++) {
		if (strcmp(name, probe_list[i]->name))
			continue;
		*level = probe_list[i]->level;
		return 0;
	}
	return -EINVAL;
}

int probe_open_ops(struct probe *probe, const struct probe_ops *ops, struct reason *why)
{
	int err;

	memset(probe, 0, sizeof(*probe));
	probe->ops = ops;
	err = ops->check ? ops->check(why) : 0;
	if (err)
		return err;
	if (ops->read) {
		err = types_open(&probe->types, NULL, why);
		if (!err)
			err = page_layout_init(&probe->pages, &probe->types, why);
		if (err)
			return err;
	}
	err = ops->open ? ops->open(probe, why) : 0;
	return err || !ops->read ? err : calibrate(probe, why);
}

int probe_open(struct probe *probe, enum probe_level level, struct reason *why)
{
	struct reason worse, *where = why;
	int err = -EINVAL;

	memset(probe, 0, sizeof(*probe));
	why->text[0] = '\0';
	for (size_t i = 0; i < probe_list_count; i++) {
		if (level != PROBE_AUTO && probe_list[i]->level != level)
			continue;
		probe_close(probe);
		err = probe_open_ops(probe, probe_list[i], where);
		if (!err || level != PROBE_AUTO)
			break;
		/* The best one's reason is told, not that of the next best. */
		where = &worse;
	}
	return err;
}

void probe_close(struct probe *probe)
{
	if (probe->ops && probe->ops->close)
		probe->ops->close(probe);
	types_close(&probe->types);
	free(probe->window);
	memset(probe, 0, sizeof(*probe));
}

bool probe_reads(const struct probe *probe)
{
	return probe->ops->read != NULL;
}

static int fail_level(const struct probe *probe, struct reason *why)
{
	return fail(why, EOPNOTSUPP, "kernel memory cannot be read at probe level %s",
		    probe->ops->name);
}

int probe_read(struct probe *probe, uint64_t address, void *data, size_t size, struct reason *why)
{
	char *to = data;

	if (!probe_reads(probe))
		return fail_level(probe, why);
	while (size) {
		size_t part = size < PROBE_READ_MAX ? size : PROBE_READ_MAX;
		int err = probe->ops->read(probe, address, to, part);

		if (err)
			return fail_errno(why, -err, "%zu bytes of kernel memory at 0x%llx (%s)",
					  part, (unsigned long long)address, probe->ops->name);
		to += part;
		address += part;
		size -= part;
	}
	return 0;
}

int probe_read_parts(struct probe *probe, struct probe_part *parts, size_t count,
		     const unsigned char **data, struct reason *why)
{
	int err = -EOPNOTSUPP;

	if (!probe_reads(probe))
		return fail_level(probe, why);
	if (probe->ops->read_parts)
		err = probe->ops->read_parts(probe, parts, count, data);
	if (err != -EOPNOTSUPP)
		return err ? fail_errno(why, -err, "kernel memory (%s)", probe->ops->name) : 0;
	if (!probe->window)
		probe->window = malloc(PROBE_PARTS_ROOM);
	if (!probe->window)
		return fail_errno(why, ENOMEM, "kernel memory");
	*data = probe->window;
	for (size_t i = 0; i < count; i++)
		parts[i].err = probe->ops->read(probe, parts[i].address,
						probe->window + parts[i].at, parts[i].size);
	return 0;
}

int probe_read_member(struct probe *probe, uint64_t address, const char *path, uint64_t *value,
		      struct reason *why)
{
	struct member member;
	int err = types_member(&probe->types, path, &member);

	if (err || !member.size || member.size > sizeof(*value))
		return fail(why, err ? -err : EINVAL, "this kernel has no number %s", path);
	*value = 0; /* x86-64, arm64 and the like: little endian */
	return probe_read(probe, address + member.offset, value, member.size, why);
}

int probe_page_pfn(const struct probe *probe, uint64_t address, uint64_t *pfn)
{
	if (!probe->vmemmap || address < probe->vmemmap ||
	    (address - probe->vmemmap) % probe->pages.size)
		return -EBADMSG;
	*pfn = (address - probe->vmemmap) / probe->pages.size;
	return 0;
}

int probe_read_page(struct probe *probe, uint64_t pfn, size_t offset, void *data, size_t size,
		    struct reason *why)
{
	uint64_t page_size = (uint64_t)sysconf(_SC_PAGESIZE);

	if (!probe_reads(probe))
		return fail_level(probe, why);
	if (!probe->direct_map) {
		*why = probe->no_direct_map;
		return -EOPNOTSUPP;
	}
	return probe_read(probe, probe->direct_map + pfn * page_size + offset, data, size, why);
}

int probe_tasks(struct probe *probe, pid_t tgid, probe_task_fn *each, void *context,
		struct reason *why)
{
	return probe->ops->tasks(probe, tgid, each, context, why);
}

int probe_files(struct probe *probe, pid_t tgid, probe_file_fn *each, void *context,
		struct reason *why)
{
	if (probe->ops->files)
		return probe->ops->files(probe, tgid, each, context, why);
	return walk_files(probe, tgid, each, context, why);
}

int probe_vmas(struct probe *probe, pid_t tgid, probe_vma_fn *each, void *context,
	       struct reason *why)
{
	int err = -EOPNOTSUPP;

	if (probe->ops->vmas)
		err = probe->ops->vmas(probe, tgid, each, context, why);
	/* Before 5.12 BPF has no such iterator. */
	return err == -EOPNOTSUPP ? walk_vmas(probe, tgid, each, context, why) : err;
}

struct wanted_file {
	int fd;
	struct probe_file *file;
};

static int take_wanted(const struct probe_file *file, void *context)
{
	const struct wanted_file *wanted = context;

	if (file->fd != wanted->fd)
		return 0;
	*wanted->file = *file;
	return 1;
}

int probe_own_file(struct probe *probe, int fd, struct probe_file *file, struct reason *why)
{
	struct wanted_file wanted = { fd, file };
	int found = probe_files(probe, getpid(), take_wanted, &wanted, why);

	if (found)
		return found < 0 ? found : 0;
	return fail(why, ENOENT,
		    "this process is not among those that the kernel lists as PID %d, or has no "
		    "descriptor %d (is this a PID namespace?)",
		    (int)getpid(), fd);
}
