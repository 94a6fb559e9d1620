/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_SHARED_H
#define THPIN_UTIL_SHARED_H

#include <stddef.h>
#include <sys/types.h>

/* Memory that is shared with what this process forks, and the file that it is of. */
struct shared {
	unsigned char *data; /* size bytes, page-aligned; NULL: there is none */
	size_t size;
	int fd;
	off_t at; /* where in the file data begins */
};

/*
 * Make @size bytes of such memory, all there, in a file that nobody else sees: in huge
 * pages where this process may mount such a file system and there are any. A process
 * that maps it takes one fault for it then, instead of one for every 16 pages, and one
 * entry is cleared when it ends.
 *
 * It begins @skew bytes, whole pages, into its huge page. What is copied or compared
 * page by page with other memory wants another one than that has: of two pages with
 * the same place in a huge page a direct-mapped TLB has only one at a time, as that
 * which QEMU emulates has (tlb_index(), accel/tcg). Without it cases in a guest take
 * two to four times as long, in one boot of three or in all, as the addresses fall.
 *
 * Returns 0, or -errno; shared_drop() is to be called in any case.
 */
int shared_make(struct shared *shared, size_t size, size_t skew);

/* Unmap it and close the file. */
void shared_drop(struct shared *shared);

/*
 * Enter @size bytes at @data of such memory, @data page-aligned, into the page tables
 * of this process, which inherits none of them by fork() (vma_needs_copy(),
 * mm/memory.c). A fault for reading enters 16 pages that are there
 * (do_fault_around()), one for writing a single one; writable both are.
 */
void shared_map(const unsigned char *data, size_t size);

#endif
