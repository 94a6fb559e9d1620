/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DATA_H
#define DATA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "util/io.h"

/* The text of tests/unit/data/@name, which the caller frees. */
static inline char *data(const char *name)
{
	const char *tests = getenv("TESTDIR");
	char path[4096], *text;
	int err;

	snprintf(path, sizeof(path), "%s/unit/data/%s", tests ? tests : "tests", name);
	err = read_text(path, &text, NULL);
	if (err)
		bail_out("%s: %s", path, strerror(-err));
	return text;
}

#endif
