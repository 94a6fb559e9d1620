// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/kcore: kernel memory as an ELF core file, which has the direct map and the
 * memory map on x86-64, and data of the kernel (fs/proc/kcore.c). Six to ten times
 * slower than BPF, and has no iterators: lists are followed, from init_task on.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect/probe/probe.h"
#include "inspect/probe/symbols.h"
#include "inspect/probe/walk.h"
#include "util/io.h"

/* A part of kernel memory and where in the file it lies. */
struct segment {
	uint64_t start, size;
	off_t offset;
};

struct kcore {
	int fd;
	uint64_t init_task;
	size_t count;
	struct segment segments[];
};

/* A machine has one for each range of memory, and a few more. */
#define SEGMENTS_MAX 65535u

static struct kcore *read_headers(int fd, struct reason *why)
{
	struct kcore *kcore;
	Elf64_Phdr *headers;
	Elf64_Ehdr elf;
	int err;

	err = pread_all(fd, &elf, sizeof(elf), 0);
	if (!err && (memcmp(elf.e_ident, ELFMAG, SELFMAG) || elf.e_ident[EI_CLASS] != ELFCLASS64 ||
		     elf.e_phentsize != sizeof(*headers)))
		err = -ENOEXEC;
	headers = calloc((size_t)elf.e_phnum + 1, sizeof(*headers));
	kcore = calloc(1, sizeof(*kcore) + elf.e_phnum * sizeof(kcore->segments[0]));
	if (!headers || !kcore)
		err = -ENOMEM;
	if (!err)
		err = pread_all(fd, headers, elf.e_phnum * sizeof(*headers), (off_t)elf.e_phoff);
	for (size_t i = 0; !err && i < elf.e_phnum; i++) {
		if (headers[i].p_type != PT_LOAD || !headers[i].p_filesz)
			continue;
		kcore->segments[kcore->count++] = (struct segment){
			.start = headers[i].p_vaddr,
			.size = headers[i].p_filesz,
			.offset = (off_t)headers[i].p_offset,
		};
	}
	free(headers);
	if (!err)
		return kcore;
	fail_errno(why, -err, "/proc/kcore");
	free(kcore);
	return NULL;
}

/* A descriptor, or -errno with a reason. */
static int open_file(struct reason *why)
{
	int fd;

	fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return fail(why, ENOENT, "there is no /proc/kcore (CONFIG_PROC_KCORE)");
	if (fd < 0 && (errno == EPERM || errno == EACCES))
		return fail(why, errno,
			    "/proc/kcore needs CAP_SYS_RAWIO, and no lockdown for confidentiality "
			    "(kernel_lockdown(7))");
	if (fd < 0)
		return fail_errno(why, errno, "/proc/kcore");
	return fd;
}

static int kcore_check(struct reason *why)
{
	int fd = open_file(why);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int kcore_open(struct probe *probe, struct reason *why)
{
	struct symbol init = { "init_task", 0 };
	struct kcore *kcore;
	int fd, found;

	fd = open_file(why);
	if (fd < 0)
		return fd;
	kcore = read_headers(fd, why);
	if (!kcore) {
		close(fd);
		return -EIO;
	}
	kcore->fd = fd;
	probe->private = kcore;
	found = symbols_find(&init, 1, why);
	if (found < 0)
		return found;
	if (!found)
		return fail(why, ENOENT,
			    "/proc/kcore is of no use here: /proc/kallsyms has no init_task to "
			    "begin with (CONFIG_KALLSYMS_ALL)");
	kcore->init_task = init.address;
	return 0;
}

static void kcore_close(struct probe *probe)
{
	struct kcore *kcore = probe->private;

	if (!kcore)
		return;
	close_fd(&kcore->fd);
	free(kcore);
	probe->private = NULL;
}

static int kcore_read(struct probe *probe, uint64_t address, void *data, size_t size)
{
	const struct kcore *kcore = probe->private;

	for (size_t i = 0; i < kcore->count; i++) {
		const struct segment *segment = &kcore->segments[i];
		uint64_t at = address - segment->start;
		int err;

		if (address < segment->start || at >= segment->size || size > segment->size - at)
			continue;
		err = pread_all(kcore->fd, data, size, segment->offset + (off_t)at);
		return err == -ENODATA ? -EFAULT : err;
	}
	return -EFAULT;
}

static int kcore_tasks(struct probe *probe, pid_t tgid, probe_task_fn *each, void *context,
		       struct reason *why)
{
	const struct kcore *kcore = probe->private;

	return walk_tasks(probe, kcore->init_task, tgid, each, context, why);
}

const struct probe_ops probe_kcore = {
	.name = "kcore",
	.help = "page states, files and VMAs from /proc/kcore; exact, slower",
	.level = PROBE_KCORE,
	.check = kcore_check,
	.open = kcore_open,
	.close = kcore_close,
	.read = kcore_read,
	.tasks = kcore_tasks,
};
