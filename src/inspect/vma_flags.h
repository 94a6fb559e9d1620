/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_VMA_FLAGS_H
#define THPIN_INSPECT_VMA_FLAGS_H

#include "inspect/probe/probe.h"
#include "procfs/maps.h"

/*
 * Add to the VMAs of process @pid, read from maps, the flags that only smaps
 * shows, from the kernel's own VMAs: reading smaps makes the kernel walk all
 * page tables. What each bit means is learnt from VMAs of the caller. Sets
 * list->flags_known. Returns 0 or -errno with a reason; then nothing is changed.
 */
int vma_flags_add(struct probe *probe, pid_t pid, struct vma_list *list, struct reason *why);

#endif
