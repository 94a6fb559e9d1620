// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <locale.h>

#include "fixture_run.h"
#include "golden.h"
#include "inspect/probe/probe.h"
#include "output/catalogue.h"

static int no_rights(struct reason *why)
{
	return fail(why, EPERM, "it needs a right that nobody has");
}

/* One that cannot work, and one that always does, as it reads nothing. */
static const struct probe_ops fixture_probe_deep = {
	.name = "deep",
	.help = "sees everything",
	.check = no_rights,
};

static const struct probe_ops fixture_probe_flat = {
	.name = "flat",
	.help = "sees nothing",
};

static const struct probe_ops *const fixture_probes[] = { &fixture_probe_deep,
							  &fixture_probe_flat };

static const struct rule *fixture_rule_at(size_t index)
{
	return index < FIXTURE_RULES ? &fixture_rules[index] : NULL;
}

/* The names of the fixture as the program's tables have them. */
struct lists {
	const struct pin_ops *pins[FIXTURE_PINS];
	const struct memory_ops *memory[FIXTURE_MEMORY];
	const struct race_ops *races[FIXTURE_RACES];
	struct catalogue_tables tables;
};

static void make_lists(struct lists *lists)
{
	for (size_t i = 0; i < FIXTURE_PINS; i++)
		lists->pins[i] = &fixture_pins[i];
	for (size_t i = 0; i < FIXTURE_MEMORY; i++)
		lists->memory[i] = &fixture_memory[i];
	for (size_t i = 0; i < FIXTURE_RACES; i++)
		lists->races[i] = &fixture_races[i];
	lists->tables = (struct catalogue_tables){
		.pins = lists->pins,
		.pins_count = FIXTURE_PINS,
		.memory = lists->memory,
		.memory_count = FIXTURE_MEMORY,
		.races = lists->races,
		.races_count = FIXTURE_RACES,
		.rule_at = fixture_rule_at,
		.probes = fixture_probes,
		.probes_count = 2,
	};
}

static void test_golden(const struct lists *lists, enum catalogue which, const char *name,
			struct table_options options, unsigned width)
{
	const struct style style = { .width = width };
	struct golden golden;
	struct reason why;
	int err = catalogue_print(golden_begin(&golden), which, &lists->tables, &fixture_host,
				  &options, &style, &why);

	golden_end(&golden, name);
	is_int(err, 0, "%s: no error", name);
}

/* Each catalogue is JSON that says as much as its columns. */
static void test_json(const struct lists *lists, enum catalogue which)
{
	const struct table_options options = { .json = true };
	const struct style style = { .width = 80 };
	struct golden golden;
	json_error_t error;
	struct reason why;
	json_t *root;

	catalogue_print(golden_begin(&golden), which, &lists->tables, &fixture_host, &options,
			&style, &why);
	fclose(golden.stream);
	root = json_loads(golden.text, JSON_REJECT_DUPLICATES, &error);
	ok(json_array_size(json_object_get(root, catalogue_name(which))) > 0,
	   "%s as JSON: an array under its name", catalogue_name(which));
	json_decref(root);
	free(golden.text);
}

static void test_typing_error(const struct lists *lists)
{
	const struct table_options options = { .columns = "NAM" };
	const struct style style = { .width = 0 };
	struct golden golden;
	struct reason why;

	is_int(catalogue_print(golden_begin(&golden), LIST_PINS, &lists->tables, &fixture_host,
			       &options, &style, &why),
	       -EINVAL, "an unknown column");
	is_str(why.text, "no column \"NAM\": did you mean NAME? (--list-columns shows all)",
	       "the nearest name");
	fclose(golden.stream);
	is_str(golden.text, "", "nothing is printed");
	free(golden.text);
}

static size_t widest_line(const struct lists *lists, enum catalogue which, unsigned width)
{
	const struct table_options plain = { .columns = NULL };
	const struct style style = { .width = width };
	struct golden golden;
	struct reason why;
	size_t widest = 0;

	if (catalogue_print(golden_begin(&golden), which, &lists->tables, &fixture_host, &plain,
			    &style, &why))
		bail_out("%s", why.text);
	fclose(golden.stream);
	for (const char *line = golden.text; *line;) {
		size_t length = strcspn(line, "\n");

		widest = length > widest ? length : widest;
		line += length + (line[length] == '\n');
	}
	free(golden.text);
	return widest;
}

/* Free text is made no narrower than it can be read: that is how wide a table is at least. */
static void test_widths(const struct lists *lists, enum catalogue which)
{
	size_t least = widest_line(lists, which, 1);
	unsigned too_wide = 0;

	for (unsigned width = 2; width <= 120 && !too_wide; width++)
		if (widest_line(lists, which, width) > (width > least ? width : least))
			too_wide = width;
	is_int(too_wide, 0, "width at which %s is too wide", catalogue_name(which));
}

int main(void)
{
	const struct table_options plain = { .columns = NULL };
	struct lists lists;

	setlocale(LC_ALL, "C");
	make_lists(&lists);
	test_golden(&lists, LIST_PINS, "list-pins.txt", plain, 0);
	test_golden(&lists, LIST_PINS, "list-pins-80.txt", plain, 80);
	test_golden(&lists, LIST_MEMORY, "list-memory.txt", plain, 0);
	test_golden(&lists, LIST_RACES, "list-races.txt",
		    (struct table_options){ .columns = "+NEEDS" }, 0);
	test_golden(&lists, LIST_CASES, "list-cases.txt",
		    (struct table_options){ .columns = "CASE,AVAILABLE,REASON" }, 0);
	test_golden(&lists, LIST_RULES, "list-rules.txt",
		    (struct table_options){ .columns = "+ACCESS,COMMIT,TITLE" }, 0);
	test_golden(&lists, LIST_MEMORY, "list-memory.json", (struct table_options){ .json = true },
		    0);
	test_golden(&lists, LIST_PROBES, "list-probes.txt", plain, 0);
	for (unsigned which = 0; which < LIST_COUNT; which++)
		test_json(&lists, (enum catalogue)which);
	test_widths(&lists, LIST_MEMORY);
	test_widths(&lists, LIST_RULES);
	test_typing_error(&lists);
	return done_testing();
}
