/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_WALK_H
#define THPIN_INSPECT_PROBE_WALK_H

#include "inspect/probe/probe.h"

/* probe_vma.anon_offset, in two numbers of 32 bits; before 7.3 vm_pgoff is it as well. */
#define ANON_OFFSET_LOW "vm_area_struct.__vm_anon_pgoff_lo"
#define ANON_OFFSET_HIGH "vm_area_struct.__vm_anon_pgoff_hi"

/*
 * The kernel's own lists, followed by probe_read(), for back ends without an
 * iterator. No lock is held: every step is checked and counted, and a list that
 * changes underfoot may end early.
 */

/* The upper half of all addresses; its next bits may be a tag (arm64's KASAN). */
static inline bool is_kernel_address(uint64_t address)
{
	return address >> 60 == 0xf;
}

/* Threads, from struct task_struct at @init, that of PID 0. */
int walk_tasks(struct probe *probe, uint64_t init, pid_t tgid, probe_task_fn *each, void *context,
	       struct reason *why);

/* Open files and VMAs, of the tasks that the back end lists. */
int walk_files(struct probe *probe, pid_t tgid, probe_file_fn *each, void *context,
	       struct reason *why);
int walk_vmas(struct probe *probe, pid_t tgid, probe_vma_fn *each, void *context,
	      struct reason *why);

/*
 * Each entry of a maple tree (lib/maple_tree.c, 6.1) at @root, in order of
 * indices; struct maple_tree.ma_root.
 */
typedef int maple_entry_fn(uint64_t entry, void *context);
int walk_maple(struct probe *probe, uint64_t root, maple_entry_fn *each, void *context,
	       struct reason *why);

#endif
