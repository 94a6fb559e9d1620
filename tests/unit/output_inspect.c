// SPDX-License-Identifier: GPL-2.0-or-later
/* Names of files in what "thpin inspect" prints: not UTF-8, or long. */
#include <jansson.h>
#include <locale.h>

#include "golden.h"
#include "host/host.h"
#include "output/inspect.h"
#include "output/report.h"

enum { NAMED_LATIN, NAMED_LONG, NAMED_LONG_UTF8, NAMED_HOME, NAMED_COUNT };

static char utf8[300];
static const struct probe_ops ops = { .name = "none" };
static struct probe probe = { .ops = &ops };
static const struct host host = { .page_size = 4096, .uts = { .release = "6.1.0" } };
static struct totals totals[NAMED_COUNT];
static struct vma vmas[NAMED_COUNT] = {
	[NAMED_LATIN] = { .start = 0x10000, .end = 0x20000, .name = "/srv/caf\xe9.bin" },
	[NAMED_LONG] = { .start = 0x20000,
			 .end = 0x30000,
			 .name = "/srv/a-name-of-more-bytes-than-there-are-in-a-column-of-a-table"
				 "-and-a-line-of-the-map" },
	[NAMED_LONG_UTF8] = { .start = 0x30000, .end = 0x40000, .name = utf8 },
	[NAMED_HOME] = { .start = 0x40000, .end = 0x50000, .name = "/home/jane/lib/a.so" },
};
static const struct inspection inspection = {
	.host = &host,
	.probe = &probe,
	.vmas = { .vmas = vmas, .count = NAMED_COUNT },
	.vma_totals = totals,
};

static json_t *parsed(const struct golden *golden)
{
	json_error_t error;
	json_t *root = json_loads(golden->text, 0, &error);

	if (!ok(root != NULL, "it can be parsed"))
		printf("# line %d: %s\n", error.line, error.text);
	free(golden->text);
	return root;
}

static const char *vma_string(json_t *object, size_t i, const char *key)
{
	return json_string_value(
		json_object_get(json_array_get(json_object_get(object, "vmas"), i), key));
}

static bool ends(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && !strcmp(text + length - wanted, end);
}

static void test_json(void)
{
	struct golden golden;
	const char *start;
	json_t *root;

	is_int(output_inspect_json(golden_begin(&golden), &inspection, false), 0, "json");
	fclose(golden.stream);
	root = parsed(&golden);
	is_str(vma_string(root, NAMED_LATIN, "start"), "caf?.bin#0+0", "not UTF-8");
	start = vma_string(root, NAMED_LONG_UTF8, "start");
	ok(start && ends(start, "\xc3\xa9#2+0"), "cut behind a character");
	json_decref(root);
}

static void test_cut(void)
{
	char text[64];

	address_text(&inspection, 0x2f000, false, text, sizeof(text));
	is_str(text, "a-name-of-more-bytes-than-there-are-in-a-column-of-a-tab#1+f000",
	       "a long name is cut, not where it is");
	address_text(&inspection, 0x2f000, true, text, sizeof(text));
	is_str(text, "2f000", "the address in full");
}

/* As "thpin report --pid" prints it. */
static void test_private(void)
{
	const struct run run = { .host = &host, .inspection = &inspection };
	struct golden golden;
	json_t *root;

	for (unsigned full = 0; full < 2; full++) {
		is_int(output_report_json(golden_begin(&golden), &run, full), 0, "report, json");
		fclose(golden.stream);
		root = parsed(&golden);
		is_str(vma_string(json_object_get(root, "inspection"), NAMED_HOME, "name"),
		       full ? "/home/jane/lib/a.so" : "/home/.../lib/a.so",
		       full ? "home directories in full" : "no name of a home directory");
		json_decref(root);
	}
	is_str(vmas[NAMED_HOME].name, "/home/jane/lib/a.so", "what was found stays as it is");
}

int main(void)
{
	setlocale(LC_ALL, "C");
	for (size_t i = 0; i + 2 < sizeof(utf8); i += 2)
		memcpy(utf8 + i, "\xc3\xa9", 3);
	test_json();
	test_cut();
	test_private();
	return done_testing();
}
