// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/vma_flags.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Set by mlock(2). */
#define ADVICE_LOCK (-1)

/* The flags to learn, and what sets them. */
static const struct {
	unsigned flag;
	int advice;
} known[] = {
	{ VMA_DONTFORK, MADV_DONTFORK },     { VMA_WIPEONFORK, MADV_WIPEONFORK },
	{ VMA_MERGEABLE, MADV_MERGEABLE },   { VMA_HUGEPAGE, MADV_HUGEPAGE },
	{ VMA_NOHUGEPAGE, MADV_NOHUGEPAGE }, { VMA_LOCKED, ADVICE_LOCK },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

/* vm_flags bits by entry of known[], 0: this kernel has no such advice. */
struct meaning {
	uint64_t bits[KNOWN];
};

/* The flags of own VMAs that begin at these addresses. */
struct own {
	uint64_t start[KNOWN + 1], flags[KNOWN + 1];
};

static int note_own(const struct probe_vma *vma, void *context)
{
	struct own *own = context;

	for (size_t i = 0; i <= KNOWN; i++)
		if (vma->start == own->start[i])
			own->flags[i] = vma->flags;
	return 0;
}

/*
 * Pages of our own side by side, with a page without access between two of them,
 * so that they cannot merge. The last one gets no advice.
 */
static int learn(struct probe *probe, struct meaning *meaning, struct reason *why)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 2 * (KNOWN + 1) * page;
	struct own own = { .flags = { 0 } };
	unsigned char *area;
	int err;

	area = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return fail_errno(why, errno, "mmap");
	for (size_t i = 0; i <= KNOWN; i++) {
		unsigned char *at = area + 2 * i * page;

		own.start[i] = (uintptr_t)at;
		mprotect(at, page, PROT_READ | PROT_WRITE);
		if (i < KNOWN && known[i].advice == ADVICE_LOCK)
			mlock(at, page);
		else if (i < KNOWN)
			madvise(at, page, known[i].advice);
	}
	err = probe_vmas(probe, getpid(), note_own, &own, why);
	munmap(area, size);
	for (size_t i = 0; !err && i < KNOWN; i++)
		meaning->bits[i] = own.flags[i] & ~own.flags[KNOWN];
	if (!err && !meaning->bits[0])
		err = fail(why, EBADMSG, "MADV_DONTFORK is not seen in the flags of a VMA");
	return err;
}

struct addition {
	const struct meaning *meaning;
	struct vma_list *list;
	size_t next; /* of list: both are sorted */
};

static int add(const struct probe_vma *vma, void *context)
{
	struct addition *addition = context;
	struct vma_list *list = addition->list;

	while (addition->next < list->count && list->vmas[addition->next].start < vma->start)
		addition->next++;
	if (addition->next == list->count || list->vmas[addition->next].start != vma->start)
		return 0;
	for (size_t i = 0; i < KNOWN; i++)
		if (vma->flags & addition->meaning->bits[i])
			list->vmas[addition->next].flags |= known[i].flag;
	return 0;
}

int vma_flags_add(struct probe *probe, pid_t pid, struct vma_list *list, struct reason *why)
{
	struct meaning meaning = { .bits = { 0 } };
	struct addition addition = { .meaning = &meaning, .list = list };
	int err = learn(probe, &meaning, why);

	if (!err)
		err = probe_vmas(probe, pid, add, &addition, why);
	if (!err)
		list->flags_known = true;
	return err;
}
