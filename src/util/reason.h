/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_REASON_H
#define THPIN_UTIL_REASON_H

#include <errno.h>

/*
 * Why something failed or cannot run here: one line that names what failed, on
 * what, why, and what to do. Fixed size, so that it crosses the pipe from a
 * worker as it is.
 */
struct reason {
	char text[200];
};

/*
 * Format a reason and return -err, so that a caller can write
 * `return fail(why, ENODEV, "...")`. @err is a positive errno; a text that is
 * too long is cut.
 */
int fail(struct reason *why, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Like fail(), with ": " and the text of @err appended. */
int fail_errno(struct reason *why, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/*
 * The analyzer does not look into another file, nor into a function with "...":
 * here it learns that a failure is never 0, so that it follows no path on which
 * a function that failed looks as if it had filled what it was given.
 */
static inline int failure_of(int err)
{
	int negative = -err;

	if (negative >= 0)
		__builtin_trap();
	return negative;
}
#define fail(why, err, ...) ((void)fail(why, err, __VA_ARGS__), failure_of(err))
#define fail_errno(why, err, ...) ((void)fail_errno(why, err, __VA_ARGS__), failure_of(err))
#endif

#endif
