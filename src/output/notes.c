// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "output/parts.h"
#include "output/text.h"
#include "pins/pins.h"

static bool failed_like(const struct case_result *result, const char *reason)
{
	return result->ran && result->outcome.verdict == VERDICT_ERROR &&
	       (!reason || !strcmp(result->outcome.reason.text, reason));
}

/* A line for each reason, with all cases that failed for it. */
static bool print_errors(FILE *stream, const struct run *run, const struct style *style)
{
	bool any = false;

	for (size_t i = 0; i < run->count; i++) {
		const char *reason = run->results[i].outcome.reason.text;
		char name[CASE_NAME_SIZE];
		struct wrap wrap;
		size_t first = 0;

		if (!failed_like(&run->results[i], NULL))
			continue;
		while (!failed_like(&run->results[first], reason))
			first++;
		if (first != i)
			continue;
		wrap_begin(&wrap, stream, style, 0, 4);
		wrap_tone(&wrap, TONE_WARN);
		wrap_text(&wrap, "error: ");
		for (size_t j = i; j < run->count; j++) {
			if (!failed_like(&run->results[j], reason))
				continue;
			wrap_text(&wrap, j == i ? "" : ", ");
			wrap_text(&wrap, case_name(&run->results[j].id, name));
		}
		wrap_text(&wrap, ": ");
		wrap_text(&wrap, *reason ? reason : "no reason given");
		wrap_end(&wrap);
		any = true;
	}
	return any;
}

/* What stands in the table is the gravest of them. */
static bool print_mixed(FILE *stream, const struct run *run, const struct style *style)
{
	bool any = false;

	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];
		char name[CASE_NAME_SIZE];
		struct wrap wrap;
		bool more = false;

		if (!result_flaky(result) || !result_mixed(result))
			continue;
		wrap_begin(&wrap, stream, style, 0, 4);
		wrap_tone(&wrap, TONE_WARN);
		wrap_printf(&wrap, "flaky: %s:", case_name(&result->id, name));
		for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++) {
			if (!result->verdicts[verdict])
				continue;
			wrap_printf(&wrap, "%s %u %s", more ? "," : "", result->verdicts[verdict],
				    verdict_name(verdict));
			more = true;
		}
		wrap_end(&wrap);
		any = true;
	}
	return any;
}

/* Fewer trials than were asked for: the reason says how many, and why. */
static bool print_cut_short(FILE *stream, const struct run *run, const struct style *style)
{
	bool any = false;

	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];
		char name[CASE_NAME_SIZE];
		struct wrap wrap;

		if (!result_cut_short(result))
			continue;
		wrap_begin(&wrap, stream, style, 0, 4);
		wrap_printf(&wrap, "note: %s: ", case_name(&result->id, name));
		wrap_text(&wrap, result->outcome.reason.text);
		wrap_end(&wrap);
		any = true;
	}
	return any;
}

static bool print_warnings(FILE *stream, const struct run *run, const struct style *style)
{
	bool any = false;

	for (size_t i = 0; i < run->count; i++) {
		const struct outcome *outcome = &run->results[i].outcome;
		char name[CASE_NAME_SIZE];
		struct wrap wrap;

		if (!run->results[i].ran || outcome->kernel_warnings <= 0)
			continue;
		wrap_begin(&wrap, stream, style, 0, 4);
		wrap_tone(&wrap, TONE_ALARM);
		wrap_printf(&wrap,
			    "KERNEL WARNING during %s: ", case_name(&run->results[i].id, name));
		wrap_text(&wrap, outcome->kernel_warning);
		if (outcome->kernel_warnings > 1)
			wrap_printf(&wrap, " (and %" PRId32 " more)", outcome->kernel_warnings - 1);
		wrap_end(&wrap);
		any = true;
	}
	return any;
}

static bool class_observed(const struct case_result *result, bool *differs)
{
	enum pin_class class = result->outcome.pin_class;
	bool get = class == PIN_CLASS_GET || class == PIN_CLASS_ODP;

	*differs = get != (result->outcome.observed == PIN_OBSERVED_GET);
	return result->ran && result->outcome.observed != PIN_OBSERVED_UNKNOWN;
}

/*
 * True when the first result of a pin, and every other of it, was held with
 * another reference than the rules were chosen for. The counters are those of
 * the whole machine, so that a single case may be the doing of others.
 */
static bool class_differs(const struct run *run, size_t first)
{
	bool any = false, differs;

	for (size_t i = 0; i < run->count; i++) {
		if (run->results[i].id.pin != run->results[first].id.pin)
			continue;
		if (i < first)
			return false;
		if (!class_observed(&run->results[i], &differs))
			continue;
		if (!differs)
			return false;
		any = true;
	}
	return any;
}

static bool print_classes(FILE *stream, const struct run *run, const struct style *style)
{
	bool any = false;

	for (size_t i = 0; i < run->count; i++) {
		const struct pin_ops *pin = run->results[i].id.pin;
		const char *class = pin_class_name(pin->class(run->host));
		struct wrap wrap;

		if (!class_differs(run, i))
			continue;
		wrap_begin(&wrap, stream, style, 0, 4);
		wrap_printf(&wrap,
			    "note: %s counts as class %s on this kernel, but vmstat never showed "
			    "that: its expectations may be wrong",
			    pin->name, class);
		wrap_end(&wrap);
		any = true;
	}
	return any;
}

/* Counts are many: the matrix only says where they are, or why there are none. */
static bool print_counters(FILE *stream, const struct run *run, const struct style *style)
{
	const char *reason = "";
	struct wrap wrap;

	if (!run->options.counters)
		return false;
	for (size_t i = 0; i < run->count && !*reason; i++) {
		if (run->results[i].ran)
			reason = run->results[i].outcome.counter_reason.text;
	}
	wrap_begin(&wrap, stream, style, 0, 4);
	wrap_text(&wrap, "note: the counters are shown by --output +COUNTERS and --json");
	if (*reason)
		wrap_text(&wrap, "; not all could be counted: ");
	wrap_text(&wrap, reason);
	wrap_end(&wrap);
	return true;
}

void output_notes(FILE *stream, const struct run *run, const struct style *style)
{
	bool any = print_errors(stream, run, style);

	any |= print_mixed(stream, run, style);
	any |= print_cut_short(stream, run, style);
	any |= print_warnings(stream, run, style);
	any |= print_classes(stream, run, style);
	any |= print_counters(stream, run, style);
	if (any)
		fputc('\n', stream);
}
