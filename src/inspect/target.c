// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/target.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "procfs/status.h"
#include "util/io.h"
#include "util/plain.h"

static int read_process_file(pid_t pid, const char *name, char **text)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return read_text(path, text, NULL);
}

/* Fields of /proc/PID/stat (man 5 proc_pid_stat) */
#define FIELD_FLAGS 9
#define FIELD_START 22

/* Of FIELD_FLAGS (include/linux/sched.h) */
#define PF_KTHREAD 0x00200000u

/*
 * The name before the fields is in parentheses and may have any character in it,
 * parentheses too.
 */
static int parse_stat(const char *text, unsigned wanted, uint64_t *value)
{
	const char *field = strrchr(text, ')');
	char *end;

	for (unsigned number = 2; field && number < wanted; number++) {
		field = strchr(field, ' ');
		if (field)
			field++;
	}
	if (!field)
		return -EINVAL;
	*value = strtoull(field, &end, 10);
	return end == field ? -EINVAL : 0;
}

static int read_stat(pid_t pid, unsigned field, uint64_t *value)
{
	char *text;
	int err = read_process_file(pid, "stat", &text);

	if (err)
		return err;
	err = parse_stat(text, field, value);
	free(text);
	return err;
}

int target_start(pid_t pid, uint64_t *start)
{
	return read_stat(pid, FIELD_START, start);
}

void target_comm(pid_t pid, char comm[16])
{
	size_t length = 0;
	char *text;

	if (!read_process_file(pid, "comm", &text)) {
		length = strlen(text);
		/* The kernel adds a newline to the name. */
		length = length > 16 ? 15 : length - (length > 0);
		for (size_t i = 0; i < length; i++)
			comm[i] = plain(text[i]);
		free(text);
	}
	comm[length] = '\0';
}

static int open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
	return (int)syscall(SYS_pidfd_open, pid, 0);
#else
	(void)pid;
	return -1;
#endif
}

static void read_numbers(struct target *target, const char *status)
{
	uint64_t value;

	if (!status_number(status, "VmRSS", &value))
		target->resident_kb = value;
	if (!status_number(status, "VmPin", &value))
		target->pinned_kb = value;
	if (!status_number(status, "VmLck", &value))
		target->locked_kb = value;
	if (!status_number(status, "Uid", &value))
		target->uid = (uid_t)value;
}

/* A process without memory: a kernel thread, or one that does not end yet. */
static int fail_without_memory(const struct target *target, struct reason *why)
{
	uint64_t flags;

	if (!read_stat(target->pid, FIELD_FLAGS, &flags) && flags & PF_KTHREAD)
		return fail(why, EINVAL, "process %d (%s) is a kernel thread: it has no memory",
			    (int)target->pid, target->comm);
	return fail(why, ESRCH,
		    "process %d (%s) is ending: its memory is gone, what it holds is being closed",
		    (int)target->pid, target->comm);
}

static int check_status(struct target *target, const char *status, struct reason *why)
{
	const char *state = strstr(status, "\nState:\t");
	uint64_t tgid, threads;

	target_comm(target->pid, target->comm);
	if (state && state[8] == 'Z' && !status_number(status, "Threads", &threads) && threads > 1)
		return fail(why, EOPNOTSUPP,
			    "the first thread of process %d (%s) has ended, and with it what /proc/%d tells: %d threads go on",
			    (int)target->pid, target->comm, (int)target->pid, (int)threads - 1);
	if (state && (state[8] == 'Z' || state[8] == 'X'))
		return fail(why, ESRCH, "process %d has exited and waits for its parent (zombie)",
			    (int)target->pid);
	if (!status_number(status, "Tgid", &tgid) && tgid != (uint64_t)target->pid)
		return fail(why, EINVAL, "%d is a thread of process %d: inspect that",
			    (int)target->pid, (int)tgid);
	if (!strstr(status, "\nVmSize:"))
		return fail_without_memory(target, why);
	read_numbers(target, status);
	return 0;
}

static int open_pagemap(struct target *target, struct reason *why)
{
	int err = pagemap_open(&target->pagemap, target->pid);

	if (err == -EACCES || err == -EPERM)
		return fail(why, EACCES,
			    "process %d (%s) belongs to user %u or is not dumpable: needs CAP_SYS_PTRACE (run as root)",
			    (int)target->pid, target->comm, (unsigned)target->uid);
	if (err)
		return fail_errno(why, -err, "/proc/%d/pagemap", (int)target->pid);
	return 0;
}

bool target_hidden(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return access(path, F_OK) && (!kill(pid, 0) || errno == EPERM);
}

int target_open(struct target *target, pid_t pid, struct reason *why)
{
	char *status;
	int err;

	*target = (struct target){ .pid = pid, .pagemap.fd = -1 };
	target->pidfd = open_pidfd(pid);
	err = target_start(pid, &target->start);
	if (!err)
		err = read_process_file(pid, "status", &status);
	if ((err == -ENOENT || err == -ESRCH) && target_hidden(pid)) {
		err = fail(why, EACCES, "process %d is hidden (hidepid of proc(5)): run as root",
			   (int)pid);
	} else if (err) {
		err = err == -ENOENT || err == -ESRCH ?
			      fail(why, ESRCH, "there is no process %d", (int)pid) :
			      fail_errno(why, -err, "process %d", (int)pid);
	} else {
		err = check_status(target, status, why);
		free(status);
	}
	if (!err)
		err = open_pagemap(target, why);
	if (!err && !target_alive(target))
		err = fail(why, ESRCH, "process %d exited while it was opened", (int)pid);
	if (err)
		target_close(target);
	return err;
}

void target_close(struct target *target)
{
	close_fd(&target->pidfd);
	if (target->pagemap.fd >= 0)
		pagemap_close(&target->pagemap);
}

bool target_alive(const struct target *target)
{
	struct pollfd exited = { .fd = target->pidfd, .events = POLLIN };
	uint64_t start;

	if (target->pidfd >= 0 && poll(&exited, 1, 0) > 0)
		return false;
	return !target_start(target->pid, &start) && start == target->start;
}
