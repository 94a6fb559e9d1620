/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_TARGET_H
#define THPIN_INSPECT_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "procfs/pagemap.h"
#include "util/reason.h"

/*
 * A live process that is looked at, never touched: it may exit, exec, map and
 * unmap meanwhile. A pidfd and its start time tell it from another that gets
 * its number.
 */
struct target {
	pid_t pid;      /* in the PID namespace of the caller's /proc */
	int pidfd;      /* -1: this kernel has none (before 5.3) */
	uint64_t start; /* clock ticks after boot */
	char comm[16];
	uid_t uid;
	uint64_t resident_kb; /* VmRSS */
	uint64_t pinned_kb;   /* VmPin: io_uring, RDMA ... */
	uint64_t locked_kb;   /* VmLck: mlock(), VFIO type1 */
	struct pagemap pagemap;
};

/*
 * Open process @pid. Returns 0 or -errno with a reason: -ESRCH there is none, or
 * a zombie, or one that is ending; -EINVAL a kernel thread, or no process but a thread;
 * -EACCES it is another user's, or set-user-ID; -EOPNOTSUPP its first thread has ended.
 */
int target_open(struct target *target, pid_t pid, struct reason *why);
void target_close(struct target *target);

/* There is a process @pid, but /proc does not show it (hidepid of proc(5)). */
bool target_hidden(pid_t pid);

/* False once it has exited, also when another process has its number. */
bool target_alive(const struct target *target);

/*
 * Opening @pid for its start time alone: what tells a process from a later one
 * of the same number. Returns 0 or -errno.
 */
int target_start(pid_t pid, uint64_t *start);

/*
 * The name of process @pid (proc_pid_comm(5)), "" when it is gone. Characters that would
 * break a line, or change a terminal, are '?'.
 */
void target_comm(pid_t pid, char comm[16]);

#endif
