// SPDX-License-Identifier: GPL-2.0-or-later
#include <locale.h>

#include "fixture_run.h"
#include "golden.h"
#include "output/output.h"
#include "output/words.h"

#define EVERY                                                                                  \
	"CASE,PIN,MEMORY,RACE,VERDICT,LOSS,EXPECTATION,UNEXPECTED,RULE,COMMIT,CLASS,OBSERVED," \
	"PINS,HELD,PAGES,PAGES-LOST,FIRST-PAGE,FIRST-OFFSET,SEES,MOVED,LATENT,PFN-BEFORE,"     \
	"PFN-AFTER,PFN-CHILD,TRIALS,TRIALS-LOST,RATE-BELOW,WARNINGS,COUNTERS,MS,REASON,REMEDY"

static void test_golden(const struct run *run, const char *name, struct table_options options,
			unsigned width)
{
	const struct style style = { .width = width };
	struct golden golden;
	struct reason why;
	int err = output_rows(golden_begin(&golden), run, &options, &style, &why);

	golden_end(&golden, name);
	is_int(err, 0, "%s: no error", name);
}

static void test_columns(const char *columns, int want, const char *reason)
{
	struct table_options options = { .columns = columns };
	struct reason why = { "" };

	is_int(output_rows_check(&options, &why), want, "--output %s", columns);
	is_str(why.text, reason, "what is said of it");
}

static void test_every_column(void)
{
	size_t listed = 1;

	/* A column that is not in EVERY would not be tested. */
	for (const char *c = EVERY; *c; c++)
		listed += *c == ',';
	is_int((int64_t)listed, (int64_t)row_columns_count, "the test knows all columns");
	for (size_t i = 0; i < row_columns_count; i++) {
		if (!row_columns[i].name || !row_columns[i].help)
			ok(false, "column %zu has a name and a help", i);
	}
}

/* Does it count as latent when page frames have moved? */
static bool is_latent(enum pin_class class, uint32_t tested, enum verdict verdict)
{
	const struct case_result result = {
		.ran = true,
		.outcome = { .pin_class = class,
			     .tested = tested,
			     .verdict = verdict,
			     .pfns_moved = 1 },
	};

	return result_latent(&result);
}

static void test_latent(void)
{
	const uint32_t stale = 1u << LOSS_STALE, leak = 1u << LOSS_LEAK;

	ok(is_latent(PIN_CLASS_LONGTERM, stale, VERDICT_IN_SYNC), "latent: the device keeps it");
	ok(is_latent(PIN_CLASS_GET, stale | leak, VERDICT_IN_SYNC), "latent: and no leak");
	ok(!is_latent(PIN_CLASS_GET, stale, VERDICT_OUT_OF_SYNC), "not latent: it is lost");
	ok(!is_latent(PIN_CLASS_ODP, stale, VERDICT_IN_SYNC), "not latent: the device follows");
	ok(!is_latent(PIN_CLASS_GET, leak, VERDICT_IN_SYNC),
	   "not latent: fork() parts what could leak");
}

int main(void)
{
	static struct fixture fixture;

	setlocale(LC_ALL, "C");
	fixture_make(&fixture);
	test_golden(&fixture.run, "rows.txt", (struct table_options){ .columns = NULL }, 0);
	test_golden(&fixture.run, "rows-80.txt",
		    (struct table_options){ .columns = "case,verdict,reason,remedy" }, 80);
	test_golden(&fixture.run, "rows-raw.txt",
		    (struct table_options){ .columns = EVERY, .raw = true }, 0);
	test_golden(&fixture.run, "rows-plus.txt",
		    (struct table_options){ .columns = "+trials,TRIALS-LOST,CASE",
					    .noheadings = true },
		    0);
	test_every_column();
	test_latent();

	test_columns("CASE,verdict", 0, "");
	test_columns("+MS", 0, "");
	test_columns("VERDCT", -EINVAL,
		     "no column \"VERDCT\": did you mean VERDICT? (--list-columns shows all)");
	test_columns("CASE,xyzzy-plugh", -EINVAL,
		     "no column \"xyzzy-plugh\" (--list-columns shows all)");
	test_columns("", -EINVAL, "no column \"\" (--list-columns shows all)");
	return done_testing();
}
