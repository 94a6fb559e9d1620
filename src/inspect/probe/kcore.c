// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/kcore: kernel memory as an ELF core file, which has the direct map and the
 * memory map on x86-64, and data of the kernel (fs/proc/kcore.c). Six to ten times
 * slower than BPF, and has no iterators: lists are followed, from init_task on.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inspect/probe/probe.h"
#include "inspect/probe/segments.h"
#include "inspect/probe/symbols.h"
#include "inspect/probe/walk.h"
#include "util/io.h"

struct kcore {
	int fd;
	uint64_t init_task;
	struct segments *segments;
};

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
	kcore = calloc(1, sizeof(*kcore));
	if (!kcore) {
		close(fd);
		return fail_errno(why, ENOMEM, "/proc/kcore");
	}
	kcore->fd = fd;
	probe->private = kcore;
	kcore->segments = segments_read(fd, why);
	if (!kcore->segments)
		return -EIO;
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
	free(kcore->segments);
	free(kcore);
	probe->private = NULL;
}

static int kcore_read(struct probe *probe, uint64_t address, void *data, size_t size)
{
	const struct kcore *kcore = probe->private;

	off_t offset = segments_offset(kcore->segments, address, size);
	int err = offset < 0 ? -EFAULT : pread_all(kcore->fd, data, size, offset);

	return err == -ENODATA ? -EFAULT : err;
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
