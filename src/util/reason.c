// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What reason.h has for the analyzer. */
#undef fail
#undef fail_errno

int fail(struct reason *why, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return -err;
}

int fail_errno(struct reason *why, int err, const char *format, ...)
{
	va_list args;
	size_t used;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	used = strlen(why->text);
	snprintf(why->text + used, sizeof(why->text) - used, ": %s", strerror(err));
	return -err;
}
