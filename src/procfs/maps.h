/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_MAPS_H
#define THPIN_PROCFS_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a VMA may be, of its permissions and of the VmFlags of smaps. */
#define VMA_READ 1u
#define VMA_WRITE 2u
#define VMA_EXECUTE 4u
#define VMA_SHARED 8u
#define VMA_DONTFORK 16u    /* dc: MADV_DONTFORK */
#define VMA_WIPEONFORK 32u  /* wf */
#define VMA_MERGEABLE 64u   /* mg: KSM */
#define VMA_HUGEPAGE 128u   /* hg: MADV_HUGEPAGE */
#define VMA_NOHUGEPAGE 256u /* nh */
#define VMA_HUGETLB 512u    /* ht */
#define VMA_LOCKED 1024u    /* lo: mlock() */
#define VMA_NO_STRUCT 2048u /* io, pf: memory that may have no struct page */

/* One line of /proc/PID/maps (Documentation/filesystems/proc.rst). */
struct vma {
	uint64_t start, end; /* bytes, end not included */
	uint64_t offset;     /* in the file, bytes */
	uint64_t inode;      /* 0: anonymous */
	unsigned device_major, device_minor;
	unsigned flags;   /* VMA_... */
	const char *name; /* file or "[heap]", "" without one; as the kernel escapes it */
};

struct vma_list {
	struct vma *vmas; /* by address */
	size_t count;
	bool flags_known; /* read from smaps: VMA_DONTFORK and later are right */
	char *text;       /* what the names point into */
};

/*
 * Parse the text of maps or smaps, which is changed: names are cut off in it.
 * Lines that are no VMAs belong to the one before. A VMA that grew over the next one
 * while the text was read is told as two, neighbours. Returns 0, -ENOMEM, or
 * -EINVAL when the text is neither or its VMAs are not in order. list->text is
 * set to @text, and with -EINVAL to NULL.
 */
int maps_parse(char *text, struct vma_list *list);

/*
 * The VMAs of process @pid, 0 for the caller. With @flags from smaps, which
 * makes the kernel walk all page tables of the process. A process without an mm
 * has none. Returns 0 or -errno; maps_free() is needed after 0 only.
 */
int maps_read(pid_t pid, bool flags, struct vma_list *list);
void maps_free(struct vma_list *list);

/* The index of the first VMA that ends behind @address, list->count: none does. */
size_t maps_first(const struct vma_list *list, uint64_t address);

/* The VMA that contains @address, or NULL. */
const struct vma *maps_find(const struct vma_list *list, uint64_t address);

/* True when any VMA has a part of [start, end). */
bool maps_overlap(const struct vma_list *list, uint64_t start, uint64_t end);

#endif
