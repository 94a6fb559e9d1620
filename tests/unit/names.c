// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "util/names.h"

static const char *const races[] = { "fork-parent-write", "fork-child-write", "pageout", "none",
				     "dontneed-all",      "dontneed-page" };

static const char *race_at(const void *list, size_t i)
{
	return ((const char *const *)list)[i];
}

static const char *nearest(const char *wanted)
{
	return nearest_name(wanted, sizeof(races) / sizeof(races[0]), race_at, races);
}

static void names(void)
{
	char longest[300];

	is_str(nearest("pageout"), "pageout", "the name itself");
	is_str(nearest("pagout"), "pageout", "a letter left out");
	is_str(nearest("pageoutt"), "pageout", "a letter too many");
	is_str(nearest("pegaout"), "pageout", "two letters swapped");
	is_str(nearest("fork-parent-wirte"), "fork-parent-write", "the nearer of two");
	is_str(nearest("fork-chidl-write"), "fork-child-write", "the nearer of two, again");
	is_str(nearest("dontneed"), "dontneed-all", "the first part");
	is_str(nearest("fork-paren"), "fork-parent-write", "a first part that ends in a word");
	is_str(nearest("child"), "fork-child-write", "a word of the middle");
	is_str(nearest("fork"), "fork-child-write", "the shortest of those that have it");
	is_str(nearest("arent"), NULL, "what begins within a word");
	is_str(nearest("quux"), NULL, "nothing near");
	is_str(nearest("doesnotend"), NULL, "half of the letters");
	is_str(nearest("z"), NULL, "one letter");
	is_str(nearest(""), NULL, "nothing");
	is_str(nearest_name("pageout", 0, race_at, races), NULL, "empty list");

	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	is_str(nearest(longest), NULL, "longer than any name");
}

static void size(const char *text, int want, uint64_t bytes)
{
	uint64_t got = 77;
	int err = parse_size(text, &got);

	is_int(err, want, "size '%s'", text);
	ok(got == (want ? 77 : bytes), "size '%s': value", text);
}

static void count(const char *text, uint64_t min, uint64_t max, int want, uint64_t value)
{
	uint64_t got = 77;
	int err = parse_count(text, min, max, &got);

	is_int(err, want, "count '%s'", text);
	ok(got == (want ? 77 : value), "count '%s': value", text);
}

int main(void)
{
	names();

	size("0", 0, 0);
	size("4096", 0, 4096);
	size("2M", 0, 2 << 20);
	size("2m", 0, 2 << 20);
	size("64KiB", 0, 64 << 10);
	size("1GiB", 0, 1 << 30);
	size("1gib", 0, 1 << 30);
	size("18446744073709551615", 0, UINT64_MAX);
	size("17179869183G", 0, UINT64_C(17179869183) << 30);
	size("17179869184G", -ERANGE, 0);
	size("18446744073709551616", -ERANGE, 0);
	size("", -EINVAL, 0);
	size("M", -EINVAL, 0);
	size("-1", -EINVAL, 0);
	size("+1", -EINVAL, 0);
	size(" 1", -EINVAL, 0);
	size("1 ", -EINVAL, 0);
	size("1T", -EINVAL, 0);
	size("1MB", -EINVAL, 0);
	size("1Mi", -EINVAL, 0);
	size("1MiBs", -EINVAL, 0);
	size("0x10", -EINVAL, 0);
	size("1.5M", -EINVAL, 0);

	count("1", 1, 10, 0, 1);
	count("10", 1, 10, 0, 10);
	count("007", 1, 10, 0, 7);
	count("0", 1, 10, -ERANGE, 0);
	count("11", 1, 10, -ERANGE, 0);
	count("18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX);
	count("18446744073709551616", 0, UINT64_MAX, -ERANGE, 0);
	count("99999999999999999999x", 0, UINT64_MAX, -EINVAL, 0);
	count("", 0, 10, -EINVAL, 0);
	count("-1", 0, 10, -EINVAL, 0);
	count(" 1", 0, 10, -EINVAL, 0);
	count("1k", 0, 10, -EINVAL, 0);
	count("0x1", 0, 10, -EINVAL, 0);
	return done_testing();
}
