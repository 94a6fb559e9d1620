// SPDX-License-Identifier: GPL-2.0-or-later
#include "input/fields.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reader_fail(struct reader *reader, const char *key, const char *wanted)
{
	if (reader->err)
		return;
	if (reader->index == SIZE_MAX)
		reader->err = fail(reader->why, EINVAL, "%s: %s is needed", key, wanted);
	else
		reader->err = fail(reader->why, EINVAL, "case %zu, %s: %s is needed",
				   reader->index + 1, key, wanted);
}

json_t *field_object(struct reader *reader, json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (json_is_object(value))
		return value;
	reader_fail(reader, key, "an object");
	return NULL;
}

json_t *field_array(struct reader *reader, json_t *object, const char *key, size_t max)
{
	json_t *value = json_object_get(object, key);
	char wanted[64];

	if (json_is_array(value) && json_array_size(value) <= max)
		return value;
	snprintf(wanted, sizeof(wanted), "an array of at most %zu", max);
	reader_fail(reader, key, wanted);
	return NULL;
}

int64_t field_number(struct reader *reader, json_t *object, const char *key, int64_t min,
		     int64_t max)
{
	json_t *value = json_object_get(object, key);
	char wanted[80];

	if (json_is_integer(value) && json_integer_value(value) >= min &&
	    json_integer_value(value) <= max)
		return json_integer_value(value);
	snprintf(wanted, sizeof(wanted), "a whole number from %lld to %lld", (long long)min,
		 (long long)max);
	reader_fail(reader, key, wanted);
	return min;
}

int64_t field_known(struct reader *reader, json_t *object, const char *key, int64_t min,
		    int64_t max, int64_t unknown)
{
	if (json_is_null(json_object_get(object, key)))
		return unknown;
	return field_number(reader, object, key, min, max);
}

bool field_flag(struct reader *reader, json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_boolean(value))
		reader_fail(reader, key, "true or false");
	return json_is_true(value);
}

int8_t field_maybe(struct reader *reader, json_t *object, const char *key)
{
	if (json_is_null(json_object_get(object, key)))
		return -1;
	return field_flag(reader, object, key);
}

#define MILLISECONDS_MAX 1e12 /* thirty years */

uint64_t field_milliseconds(struct reader *reader, json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	double ms = json_number_value(value);

	if (json_is_number(value) && ms >= 0 && ms <= MILLISECONDS_MAX)
		return (uint64_t)(ms * 1000 + 0.5) * 1000;
	reader_fail(reader, key, "a time in milliseconds");
	return 0;
}

/* Jansson has checked that it is UTF-8: C1 controls are C2 80 to C2 9F. */
static void tame(char *text)
{
	for (unsigned char *byte = (unsigned char *)text; *byte; byte++) {
		if (*byte < 0x20 || *byte == 0x7f)
			*byte = '?';
		else if (*byte == 0xc2 && byte[1] >= 0x80 && byte[1] < 0xa0)
			byte[0] = byte[1] = '?';
	}
}

void field_text(struct reader *reader, json_t *object, const char *key, char *text, size_t size)
{
	json_t *value = json_object_get(object, key);

	text[0] = '\0';
	if (json_is_null(value))
		return;
	if (json_is_string(value) && json_string_length(value) < size) {
		memcpy(text, json_string_value(value), json_string_length(value) + 1);
		tame(text);
		return;
	}
	reader_fail(reader, key, "a text that is not too long");
}

char *field_string(struct reader *reader, json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	char *text;

	if (json_is_null(value))
		return NULL;
	if (!json_is_string(value)) {
		reader_fail(reader, key, "a text");
		return NULL;
	}
	text = strdup(json_string_value(value));
	if (text)
		tame(text);
	else
		reader->err = fail_errno(reader->why, ENOMEM, "%s", key);
	return text;
}

uint64_t field_pfn(struct reader *reader, json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	uint64_t pfn;
	char *end;

	if (json_is_null(value))
		return 0;
	if (text && !strncmp(text, "0x", 2) && isxdigit((unsigned char)text[2]) &&
	    strlen(text) <= 18) {
		pfn = strtoull(text, &end, 16);
		if (!*end && pfn)
			return pfn;
	}
	reader_fail(reader, key, "a page frame number such as \"0x7d400\"");
	return 0;
}

/* The value of a digit, -1 when it is none. */
static int nibble(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void field_bytes(struct reader *reader, json_t *object, const char *key, uint8_t *bytes,
		 unsigned count)
{
	json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);
	bool good = text && json_string_length(value) == 3 * (size_t)count - 1;

	memset(bytes, 0, count);
	for (size_t i = 0; good && i < count; i++) {
		int high = nibble(text[3 * i]), low = nibble(text[3 * i + 1]);

		good = high >= 0 && low >= 0 && (i == count - 1 || text[3 * i + 2] == ' ');
		if (good)
			bytes[i] = (uint8_t)(high << 4 | low);
	}
	if (!good)
		reader_fail(reader, key, "bytes such as \"aa aa\", as many as there always are");
}

unsigned field_choice(struct reader *reader, json_t *object, const char *key, unsigned count,
		      const char *(*name)(unsigned index))
{
	const char *text = json_string_value(json_object_get(object, key));

	for (unsigned i = 0; text && i < count; i++)
		if (!strcmp(text, name(i)))
			return i;
	reader_fail(reader, key, "one of the names that this version knows");
	return 0;
}
