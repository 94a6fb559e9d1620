// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What /proc says of processes: their threads, descriptors and VMAs. No kernel
 * memory and no rights beyond those of ptrace(2) to the process.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/probe/probe.h"
#include "util/io.h"

static int proc_check(struct reason *why)
{
	DIR *directory = opendir("/proc/self/fd");

	if (!directory)
		return fail_errno(why, errno, "/proc/self/fd, is /proc mounted?");
	closedir(directory);
	return 0;
}

/*
 * Call @each for every entry of directory @path whose name is a number. Returns
 * what @each does, or -errno of the directory.
 */
static int each_number(const char *path, int (*each)(int number, void *context), void *context)
{
	DIR *directory = opendir(path);
	struct dirent *entry;
	int err = 0;

	if (!directory)
		return -errno;
	while (!err && (entry = readdir(directory))) {
		char *end;
		long number = strtol(entry->d_name, &end, 10);

		if (isdigit((unsigned char)entry->d_name[0]) && !*end)
			err = each((int)number, context);
	}
	closedir(directory);
	return err;
}

/* A process that has ended meanwhile has nothing, and is no error. */
static int gone(int err)
{
	return err == -ENOENT || err == -ESRCH ? 0 : err;
}

struct walk {
	pid_t tgid;
	const char *folder; /* "task" or "fd" */
	probe_task_fn *task;
	probe_file_fn *file;
	void *context;
	bool all;
	bool stopped;
};

static int take_thread(int number, void *context)
{
	struct walk *walk = context;
	const struct probe_task task = { .pid = number, .tgid = walk->tgid };
	int err = walk->task(&task, walk->context);

	walk->stopped = err != 0;
	return err;
}

static int take_descriptor(int number, void *context)
{
	struct walk *walk = context;
	const struct probe_file file = { .tgid = walk->tgid, .fd = number };
	int err = walk->file(&file, walk->context);

	walk->stopped = err != 0;
	return err;
}

static int take_process(int number, void *context)
{
	struct walk *walk = context;
	char path[64];
	int err;

	walk->tgid = number;
	snprintf(path, sizeof(path), "/proc/%d/%s", number, walk->folder);
	err = gone(each_number(path, walk->task ? take_thread : take_descriptor, walk));
	/* Of all processes, those of others are left out. */
	return walk->all && !walk->stopped && (err == -EACCES || err == -EPERM) ? 0 : err;
}

static int walk_proc(struct walk *walk, pid_t tgid, struct reason *why)
{
	int err;

	walk->all = !tgid;
	err = tgid ? take_process(tgid, walk) : each_number("/proc", take_process, walk);
	if (err < 0 && !walk->stopped)
		return fail_errno(why, -err, "/proc/%d/%s", (int)walk->tgid, walk->folder);
	return err;
}

static int proc_tasks(struct probe *probe, pid_t tgid, probe_task_fn *each, void *context,
		      struct reason *why)
{
	struct walk walk = { .folder = "task", .task = each, .context = context };

	(void)probe;
	return walk_proc(&walk, tgid, why);
}

static int proc_files(struct probe *probe, pid_t tgid, probe_file_fn *each, void *context,
		      struct reason *why)
{
	struct walk walk = { .folder = "fd", .file = each, .context = context };

	(void)probe;
	return walk_proc(&walk, tgid, why);
}

static int proc_vmas(struct probe *probe, pid_t tgid, probe_vma_fn *each, void *context,
		     struct reason *why)
{
	size_t size = 0;
	char path[32], *line = NULL;
	FILE *file;
	int err = 0;

	(void)probe;
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)tgid);
	file = fopen(path, "re");
	if (!file)
		return gone(-errno) ? fail_errno(why, errno, "%s", path) : 0;
	while (!err && getline(&line, &size, file) > 0) {
		unsigned long long start, end;
		struct probe_vma vma = { 0 };

		/* The last may be the gate (vsyscall), which has no VMA. */
		if (sscanf(line, "%llx-%llx ", &start, &end) != 2 || start >> 63)
			continue;
		vma.start = start;
		vma.end = end;
		err = each(&vma, context);
	}
	free(line);
	fclose(file);
	return err;
}

const struct probe_ops probe_proc = {
	.name = "proc",
	.help = "what /proc says: descriptors and VMAs; no page states",
	.level = PROBE_PROC,
	.check = proc_check,
	.tasks = proc_tasks,
	.files = proc_files,
	.vmas = proc_vmas,
};
