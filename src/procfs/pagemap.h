/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_PAGEMAP_H
#define THPIN_PROCFS_PAGEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * /proc/PID/pagemap and the files indexed by PFN
 * (Documentation/admin-guide/mm/pagemap.rst).
 */
#define PM_PFN_MASK ((UINT64_C(1) << 55) - 1)
#define PM_SOFT_DIRTY (UINT64_C(1) << 55)
#define PM_EXCLUSIVE (UINT64_C(1) << 56) /* mapped by this process only; 4.2 */
#define PM_UFFD_WP (UINT64_C(1) << 57)   /* 5.13 */
#define PM_GUARD (UINT64_C(1) << 58)     /* 6.15 */
#define PM_FILE (UINT64_C(1) << 61)      /* page cache or shared anonymous */
#define PM_SWAP (UINT64_C(1) << 62)      /* or migrating, or a marker such as PM_GUARD */
#define PM_PRESENT (UINT64_C(1) << 63)

/* An open pagemap of one process. */
struct pagemap {
	int fd;
	size_t page_size;
};

/*
 * Open the pagemap of @pid, 0 for the caller. Returns 0 or -errno (EACCES
 * without ptrace access to the process).
 */
int pagemap_open(struct pagemap *pagemap, pid_t pid);
void pagemap_close(struct pagemap *pagemap);

/*
 * Read the raw entries of @count pages from @address (page aligned). Returns 0
 * or -errno; -ENODATA when the process is gone or the range ends before.
 */
int pagemap_read(const struct pagemap *pagemap, uintptr_t address, size_t count, uint64_t *entries);

/*
 * The PFN of a present page, 0 when it is not present or when the kernel hides
 * it: without CAP_SYS_ADMIN in the initial user namespace PFNs read as zero
 * since Linux 4.2 (1c90308e7a77), so zero is "unknown" and never equal.
 */
uint64_t pagemap_pfn(uint64_t entry);

/*
 * True for a page in swap. A guard region has the swap bit as well (measured on
 * 6.18), and so have migration entries, which nothing here can tell apart.
 */
bool pagemap_swapped(uint64_t entry);

/* Bits of /proc/kpageflags that thpin reads. */
#define KPF_SWAPCACHE 13
#define KPF_SWAPBACKED 14
#define KPF_COMPOUND_HEAD 15
#define KPF_COMPOUND_TAIL 16
#define KPF_HUGE 17
#define KPF_KSM 21
#define KPF_THP 22
#define KPF_ZERO_PAGE 24

/*
 * Read @count entries from @pfn on of a file indexed by PFN, "/proc/kpageflags"
 * or "/proc/kpagecount" (root only). Returns 0 or -errno.
 */
int kpage_read(const char *path, uint64_t pfn, size_t count, uint64_t *entries);

/* The same of one that is kept open. */
int kpage_read_fd(int fd, uint64_t pfn, size_t count, uint64_t *entries);

/*
 * The names of the bits set in a kpageflags entry, as page-types has them in
 * lower case, blank-separated; bits without a name, or with another one on each
 * kernel, as "bit34". Returns @text, cut at @size.
 */
char *kpageflags_text(uint64_t flags, char *text, size_t size);

/*
 * /proc/kpageflags of the page with the byte at @at, of this process (root only).
 * Returns 0, -ENODATA when there is none or its frame is hidden, or -errno.
 */
int kpage_flags_at(const void *at, uint64_t *flags);

#endif
