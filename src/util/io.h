/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_IO_H
#define THPIN_UTIL_IO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Read or write exactly @size bytes, going on after EINTR and short counts.
 * Return 0, -errno, or -ENODATA when the other end closed before @size bytes.
 */
int read_all(int fd, void *data, size_t size);
int write_all(int fd, const void *data, size_t size);

/* The same at a file offset in bytes (pread/pwrite). */
int pread_all(int fd, void *data, size_t size, off_t offset);
int pwrite_all(int fd, const void *data, size_t size, off_t offset);

/*
 * The whole text of a (proc or sysfs) file, NUL-terminated, in memory that the
 * caller frees. Returns 0 or -errno; *size, if not NULL, is without the NUL.
 */
int read_text(const char *path, char **text, size_t *size);

/* The same of an open file, from where it is. */
int read_text_fd(int fd, char **text, size_t *size);

/* Write a string to an existing (proc or sysfs) file. Returns 0 or -errno. */
int write_text(const char *path, const char *text);

/* Close *fd if it is open and set it to -1; errno is kept. */
void close_fd(int *fd);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t clock_ns(void);

#endif
