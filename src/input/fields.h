/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields of JSON objects that somebody else wrote: each is there, is of its type
 * and within its bounds, or the reader has failed, with the reason of the first
 * such field, and goes on with harmless values.
 */
#ifndef THPIN_INPUT_FIELDS_H
#define THPIN_INPUT_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/reason.h"

struct reader {
	int err;      /* 0, or the negative errno of the first failure */
	size_t index; /* of the case being read, for messages; SIZE_MAX: none */
	struct reason *why;
};

/* The first failure counts; @wanted says what the field must be. */
void reader_fail(struct reader *reader, const char *key, const char *wanted);

/* An object or an array, NULL after a failure. The reference is borrowed. */
json_t *field_object(struct reader *reader, json_t *object, const char *key);
json_t *field_array(struct reader *reader, json_t *object, const char *key, size_t max);

/* A whole number from @min to @max. */
int64_t field_number(struct reader *reader, json_t *object, const char *key, int64_t min,
		     int64_t max);

/* The same, or null for @unknown. */
int64_t field_known(struct reader *reader, json_t *object, const char *key, int64_t min,
		    int64_t max, int64_t unknown);

bool field_flag(struct reader *reader, json_t *object, const char *key);

/* True, false or null: 1, 0, -1. */
int8_t field_maybe(struct reader *reader, json_t *object, const char *key);

/* Nanoseconds of a field in milliseconds. */
uint64_t field_milliseconds(struct reader *reader, json_t *object, const char *key);

/*
 * A text that fits into @size bytes, null for an empty one. Control characters
 * become '?', so that none reaches a terminal.
 */
void field_text(struct reader *reader, json_t *object, const char *key, char *text, size_t size);

/* The same of any length, to be freed by the caller; NULL for null and after a failure. */
char *field_string(struct reader *reader, json_t *object, const char *key);

/* "0x7d400", null for PFN_UNKNOWN. */
uint64_t field_pfn(struct reader *reader, json_t *object, const char *key);

/* "dd dd aa" of @count bytes. */
void field_bytes(struct reader *reader, json_t *object, const char *key, uint8_t *bytes,
		 unsigned count);

/* The index of a name among @count of them. */
unsigned field_choice(struct reader *reader, json_t *object, const char *key, unsigned count,
		      const char *(*name)(unsigned index));

#endif
