/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "tap.h"
#include "util/io.h"

/* Text that is being made for a comparison. */
struct golden {
	FILE *stream;
	char *text;
	size_t size;
};

static inline FILE *golden_begin(struct golden *golden)
{
	golden->stream = open_memstream(&golden->text, &golden->size);
	if (!golden->stream)
		bail_out("open_memstream");
	return golden->stream;
}

static inline char *golden_path(const char *name, char *path, size_t size)
{
	const char *tests = getenv("TESTDIR");

	snprintf(path, size, "%s/unit/golden/%s", tests ? tests : "tests", name);
	return path;
}

/* A release must not change all golden files: the first version is masked. */
static inline void golden_mask(struct golden *golden)
{
	char *version = strstr(golden->text, THPIN_VERSION);
	size_t length = strlen(THPIN_VERSION);

	if (!version)
		return;
	*version = 'V';
	memmove(version + 1, version + length, strlen(version + length) + 1);
}

/* The first line in which they differ, so that a failure can be read. */
static inline void golden_difference(const char *got, const char *want)
{
	unsigned line = 1;

	while (*got && *want && *got == *want) {
		const char *got_end = strchrnul(got, '\n'), *want_end = strchrnul(want, '\n');

		if (got_end - got != want_end - want || memcmp(got, want, (size_t)(got_end - got)))
			break;
		got = *got_end ? got_end + 1 : got_end;
		want = *want_end ? want_end + 1 : want_end;
		line++;
	}
	printf("# line %u\n#  got %.*s\n# want %.*s\n", line, (int)strcspn(got, "\n"), got,
	       (int)strcspn(want, "\n"), want);
}

/*
 * Compare what was written since golden_begin() with tests/unit/golden/@name.
 * With THPIN_REGOLD=1 write that file instead; then read the difference in git.
 */
static inline void golden_end(struct golden *golden, const char *name)
{
	char path[4096], *want = NULL;
	FILE *file;

	fclose(golden->stream);
	golden_mask(golden);
	golden_path(name, path, sizeof(path));
	if (getenv("THPIN_REGOLD")) {
		file = fopen(path, "w");
		if (!file || fputs(golden->text, file) == EOF || fclose(file))
			bail_out("%s: cannot be written", path);
	}
	if (read_text(path, &want, NULL)) {
		ok(false, "%s is there", path);
	} else if (!ok(!strcmp(golden->text, want), "%s", name)) {
		golden_difference(golden->text, want);
	}
	free(want);
	free(golden->text);
}

#endif
