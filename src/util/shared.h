/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_SHARED_H
#define THPIN_UTIL_SHARED_H

#include <stddef.h>

/*
 * Map @size bytes that are shared with what this process forks, all there: of the
 * memfd @fd, -1: anonymous. Returns NULL with errno set, or memory to munmap().
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
