// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <locale.h>

#include "fixture_run.h"
#include "golden.h"
#include "output/output.h"

static json_t *parsed(const struct run *run)
{
	struct golden golden;
	json_error_t error;
	json_t *root;

	is_int(output_json(golden_begin(&golden), run), 0, "output_json()");
	fclose(golden.stream);
	root = json_loads(golden.text, JSON_REJECT_DUPLICATES, &error);
	if (!ok(root != NULL, "it can be parsed"))
		printf("# line %d: %s\n", error.line, error.text);
	free(golden.text);
	return root;
}

static json_t *case_at(const json_t *root, size_t i)
{
	return json_array_get(json_object_get(root, "cases"), i);
}

/* All objects of a kind have the same keys in the same order. */
static void test_same_keys(const json_t *root)
{
	const json_t *cases = json_object_get(root, "cases");
	json_t *first = case_at(root, 0);
	size_t different = 0;

	for (size_t i = 0; i < json_array_size(cases); i++) {
		json_t *one = json_array_get(cases, i);
		void *a = json_object_iter(first), *b = json_object_iter(one);

		while (a && b && !strcmp(json_object_iter_key(a), json_object_iter_key(b))) {
			a = json_object_iter_next(first, a);
			b = json_object_iter_next(one, b);
		}
		different += a || b;
	}
	is_int((int64_t)different, 0, "all cases have the same keys in the same order");
}

static void test_unknown(struct fixture *fixture)
{
	struct outcome *outcome = &fixture->results[0].outcome;
	const json_t *evidence;
	json_t *root;

	outcome->pfns_moved = -1;
	outcome->before.pfn = PFN_UNKNOWN;
	outcome->before.exclusive = -1;
	strcpy(outcome->kernel_warning, "cut in a character: \xc3");
	root = parsed(&fixture->run);
	evidence = json_object_get(case_at(root, 0), "evidence");
	ok(json_is_null(json_object_get(json_object_get(evidence, "before"), "pfn")),
	   "an unknown PFN is null");
	ok(json_is_null(json_object_get(json_object_get(evidence, "before"), "exclusive")),
	   "an unknown bit is null");
	ok(json_is_null(json_object_get(case_at(root, 0), "pfn_moved")), "an unknown move is null");
	ok(json_is_null(json_object_get(case_at(root, 0), "latent")), "and latent with it");
	is_str(json_string_value(json_object_get(evidence, "kernel_warning")),
	       "cut in a character: ?", "bytes that are not UTF-8 are replaced");
	test_same_keys(root);
	json_decref(root);
}

/* One case of each kind is enough to read: all of them are 7000 lines. */
static void keep_few(struct fixture *fixture)
{
	static const char kinds[] = "=LKBRNDMFE?";
	struct run *run = &fixture->run;
	size_t count = 0;

	for (const char *kind = kinds; *kind; kind++) {
		size_t row = 0, pin = 0;

		while (fixture_plan[row].cells[pin] != *kind) {
			pin = (pin + 1) % FIXTURE_PINS;
			row += pin == 0;
		}
		run->results[count++] = run->results[row * FIXTURE_PINS + pin];
	}
	run->results[count++] = run->results[run->count - 1];
	run->count = count;
}

int main(void)
{
	static struct fixture fixture;
	struct golden golden;

	setlocale(LC_ALL, "C");
	fixture_make(&fixture);
	keep_few(&fixture);
	output_json(golden_begin(&golden), &fixture.run);
	golden_end(&golden, "repro.json");
	test_unknown(&fixture);
	return done_testing();
}
