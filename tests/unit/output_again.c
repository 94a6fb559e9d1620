// SPDX-License-Identifier: GPL-2.0-or-later
/* The command that runs a case once more: all that it depends on, for a shell. */
#include "fixture_run.h"
#include "golden.h"
#include "output/words.h"

static struct fixture fixture;

static void test_again(const struct case_result *result, const char *file, const char *want)
{
	struct golden golden;

	print_again(golden_begin(&golden), &fixture.run, result, file);
	fclose(golden.stream);
	is_str(golden.text, want, "again");
	free(golden.text);
}

/* The result of a race, and of a pin that reads a file. */
static struct case_result result_of(unsigned race, const struct pin_ops *pin)
{
	return (struct case_result){
		.id = { pin, &fixture_memory[FIXTURE_BASE], &fixture_races[race] },
		.ran = true,
		.trials = 1,
	};
}

int main(void)
{
	struct pin_ops pin = fixture_pins[0];
	struct case_result held = result_of(FIXTURE_NONE, &fixture_pins[0]);
	struct case_result luck = result_of(FIXTURE_THREADS, &pin);
	struct case_options *options = &fixture.run.options;
	char path[2001] = "/", want[2100];

	fixture_make(&fixture);
	pin.name = "odirect-file";
	pin.reads_file = true;
	*options = (struct case_options){ .seed = 1, .timeout_ms = 10000 };
	test_again(&held, NULL, "thpin repro odirect-read/base/none");
	*options = (struct case_options){
		.seed = 7, .timeout_ms = 30000, .trials = 500, .seconds = 9, .nodes = "0,2-3"
	};
	test_again(&held, NULL,
		   "thpin repro --seed=7 --timeout=30 --node=0,2-3 odirect-read/base/none");
	test_again(&luck, "/srv/db",
		   "thpin repro --seed=7 --timeout=30 --node=0,2-3 --file=/srv/db --trials=500 "
		   "--seconds=9 odirect-file/base/fork-threads");
	*options = (struct case_options){ .seed = 1, .timeout_ms = 10000 };
	test_again(&luck, "/srv/my file's\n#1",
		   "thpin repro --file='/srv/my file'\\''s?#1' odirect-file/base/fork-threads");
	memset(path + 1, 'x', sizeof(path) - 2);
	snprintf(want, sizeof(want), "thpin repro --file=%s odirect-file/base/fork-threads", path);
	test_again(&luck, path, want);
	return done_testing();
}
