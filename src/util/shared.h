/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_SHARED_H
#define THPIN_UTIL_SHARED_H

#include <stddef.h>

/*
 * A new file of @size bytes that nobody else sees, in memory: in huge pages where this
 * process may mount such a file system and there are any. A process that maps it takes
 * one fault for it then, instead of one for every 16 pages, and one entry is cleared
 * when it ends. Returns a descriptor, -1 with errno set.
 */
int shared_file(size_t size);

/*
 * Map @size bytes that are shared with what this process forks, all there: of the
 * file @fd, -1: anonymous. Returns NULL with errno set, or memory to munmap().
 */
unsigned char *shared_make(int fd, size_t size);

/*
 * Enter @size bytes at @data of such memory, @data page-aligned, into the page tables
 * of this process, which inherits none of them by fork() (vma_needs_copy(),
 * mm/memory.c). A fault for reading enters 16 pages that are there
 * (do_fault_around()), one for writing a single one; writable both are.
 */
void shared_map(const unsigned char *data, size_t size);

#endif
