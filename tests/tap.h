/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test Anything Protocol: a test calls these and ends main() with
 * "return done_testing();".  Names are printf formats.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAP_FORMAT(at) __attribute__((format(printf, at, (at) + 1), unused))

static struct {
	unsigned run;
	unsigned failed;
} tap;

static void tap_line(bool passed, const char *skip, const char *format, va_list args)
{
	if (!tap.run)
		setvbuf(stdout, NULL, _IOLBF, 0); /* a fork must not repeat lines */
	printf("%sok %u - ", passed ? "" : "not ", ++tap.run);
	vprintf(format, args);
	if (skip)
		printf(" # SKIP %s", skip);
	putchar('\n');
	tap.failed += !passed;
}

#define ok(passed, ...) tap_ok(passed, __FILE__, __LINE__, #passed, __VA_ARGS__)

TAP_FORMAT(5)
static bool tap_ok(bool passed, const char *file, int line, const char *what, const char *format,
		   ...)
{
	va_list args;

	va_start(args, format);
	tap_line(passed, NULL, format, args);
	va_end(args);
	if (!passed)
		printf("# %s:%d: %s\n", file, line, what);
	return passed;
}

TAP_FORMAT(3) static bool is_int(int64_t got, int64_t want, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(got == want, NULL, format, args);
	va_end(args);
	if (got != want)
		printf("#  got %lld\n# want %lld\n", (long long)got, (long long)want);
	return got == want;
}

/* NULL is a value, too. */
TAP_FORMAT(3) static bool is_str(const char *got, const char *want, const char *format, ...)
{
	bool same = got && want ? !strcmp(got, want) : got == want;
	va_list args;

	va_start(args, format);
	tap_line(same, NULL, format, args);
	va_end(args);
	if (!same)
		printf("#  got %s\n# want %s\n", got ? got : "(null)", want ? want : "(null)");
	return same;
}

/* Instead of the ok() of a point that cannot be tested here */
TAP_FORMAT(2) static void skip(const char *reason, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	tap_line(true, reason, format, args);
	va_end(args);
}

/* When no further point of this program makes sense */
TAP_FORMAT(1) _Noreturn static void bail_out(const char *format, ...)
{
	va_list args;

	printf("Bail out! ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	exit(1);
}

static inline int done_testing(void)
{
	printf("1..%u\n", tap.run);
	return tap.failed ? 1 : 0;
}

#endif
