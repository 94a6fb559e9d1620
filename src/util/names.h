/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_NAMES_H
#define THPIN_UTIL_NAMES_H

#include <stddef.h>
#include <stdint.h>

/*
 * The name meant by @wanted, for "did you mean": the shortest with a word that
 * begins so, else the nearest by edit distance; NULL when nothing is near
 * enough to be a typing error. @name_at returns the i-th of
 * @count names and is given @list as it is.
 */
const char *nearest_name(const char *wanted, size_t count,
			 const char *(*name_at)(const void *list, size_t i), const void *list);

/*
 * A size with an optional suffix K, M or G (1024 based; also KiB, MiB, GiB) in
 * bytes. Returns 0, -EINVAL for something else, -ERANGE when it overflows.
 */
int parse_size(const char *text, uint64_t *bytes);

/* "2 MiB", "64 KiB", "100 B": exact, in the largest unit that is. Returns @text. */
char *size_text(uint64_t bytes, char *text, size_t size);

/* A decimal count within @min..@max. Returns 0, -EINVAL or -ERANGE. */
int parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif
