// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/names.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST 96

/* Levenshtein distance; names are short, so a fixed row is enough. */
static unsigned edit_distance(const char *a, const char *b)
{
	unsigned row[LONGEST + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > LONGEST || lb > LONGEST)
		return UINT_MAX;
	for (size_t j = 0; j <= lb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[lb];
}

/* The shortest name with a word that begins as @wanted: "paren" of "fork-parent-write". */
static const char *name_with(const char *wanted, size_t count,
			     const char *(*name_at)(const void *list, size_t i), const void *list)
{
	const char *found = NULL;

	if (strlen(wanted) < 3)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *name = name_at(list, i), *at = strstr(name, wanted);

		if (at && (at == name || at[-1] == '-') && (!found || strlen(name) < strlen(found)))
			found = name;
	}
	return found;
}

const char *nearest_name(const char *wanted, size_t count,
			 const char *(*name_at)(const void *list, size_t i), const void *list)
{
	/* One letter of three may be wrong: what is further away is another word. */
	unsigned limit = ((unsigned)strlen(wanted) + 2) / 3, best = limit + 1;
	const char *nearest = name_with(wanted, count, name_at, list);

	if (nearest)
		return nearest;

	for (size_t i = 0; i < count; i++) {
		const char *name = name_at(list, i);
		unsigned distance = edit_distance(wanted, name);

		if (distance < best) {
			best = distance;
			nearest = name;
		}
	}
	return nearest;
}

int parse_size(const char *text, uint64_t *bytes)
{
	static const char suffixes[] = "KMG";
	unsigned long long value;
	const char *suffix;
	unsigned shift = 0;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -errno;
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix || (end[1] && strcasecmp(end + 1, "iB")))
			return -EINVAL;
		shift = 10 * (unsigned)(suffix - suffixes + 1);
	}
	if (value > UINT64_MAX >> shift)
		return -ERANGE;
	*bytes = (uint64_t)value << shift;
	return 0;
}

char *size_text(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
	unsigned unit = 0;

	while (unit < 3 && bytes && !(bytes % 1024)) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, size, "%llu %s", (unsigned long long)bytes, units[unit]);
	return text;
}

int parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	unsigned long long parsed;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	parsed = strtoull(text, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno || parsed < min || parsed > max)
		return -ERANGE;
	*value = parsed;
	return 0;
}
