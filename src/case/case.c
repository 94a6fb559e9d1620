// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/case.h"

#include <stdio.h>

#include "memory/memory.h"
#include "pins/pins.h"
#include "races/races.h"

char *case_name(const struct case_id *id, char *name)
{
	snprintf(name, CASE_NAME_SIZE, "%s/%s/%s", id->pin->name, id->memory->name, id->race->name);
	return name;
}

const char *case_inapplicable(const struct case_id *id)
{
	if (id->race->statistical == BY_IO && !id->pin->io)
		return "this pin is not that of an I/O which several threads can do";
	if (id->race->statistical == BY_TAKE && !id->pin->repeatable)
		return "this pin cannot be taken and dropped many times a second";
	if (id->race->statistical == BY_FLIGHT && !id->pin->in_flight)
		return "this pin is held, not an I/O that comes to its end by itself";
	if (id->race->frees_unpinned && id->pin->in_flight)
		return "this pin is raced, and may be gone before the memory is freed";
	if (id->race->takes_pin && id->pin->in_flight)
		return "this pin cannot be held";
	return memory_lacks(id->memory, id->pin->needs | id->race->needs);
}

unsigned case_seconds(const struct case_options *options)
{
	if (options->seconds)
		return options->seconds;
	return options->trials ? (options->timeout_ms + 999) / 1000 : 2;
}

enum level case_level(const struct case_id *id)
{
	enum level level = id->pin->level;

	if (level < id->memory->level)
		level = id->memory->level;
	return level < id->race->level ? id->race->level : level;
}

const char *level_name(enum level level)
{
	static const char *const names[] = { "default", "selected", "statistical", "named" };

	return names[level];
}

enum expectation result_expectation(const struct case_result *result)
{
	return result->rule ? result->rule->expectation : EXPECT_UNKNOWN;
}

bool result_unexpected(const struct case_result *result)
{
	return result->trials_lost && (!result->rule || !rule_expects_loss(result->rule));
}

/* How many trials there were before one could not run any more, and why. */
static void add_skip(struct case_result *result, const struct reason *why)
{
	struct reason before = result->outcome.reason;

	fail(&result->outcome.reason, ECANCELED, "%s%sskipped after %u trial%s: %s", before.text,
	     *before.text ? "; " : "", result->trials, result->trials == 1 ? "" : "s", why->text);
}

void result_add(struct case_result *result, const struct outcome *outcome)
{
	static const unsigned char gravity[VERDICT_COUNT] = {
		[VERDICT_OUT_OF_SYNC] = 5, [VERDICT_ERROR] = 4,     [VERDICT_IN_SYNC] = 3,
		[VERDICT_REFUSED] = 2,     [VERDICT_NO_EFFECT] = 1, [VERDICT_SKIPPED] = 0,
	};

	if (result->ran && outcome->verdict == VERDICT_SKIPPED &&
	    result->outcome.verdict != VERDICT_SKIPPED)
		add_skip(result, &outcome->reason);
	if (!result->ran || gravity[outcome->verdict] > gravity[result->outcome.verdict])
		result->outcome = *outcome;
	result->ran = true;
	result->verdicts[outcome->verdict]++;
	/* One that could not run tells nothing of those that did. */
	if (outcome->verdict != VERDICT_SKIPPED)
		result->trials += outcome->trials ? outcome->trials : 1;
	result->trials_lost += outcome->trials ? outcome->trials_lost :
						 outcome->verdict == VERDICT_OUT_OF_SYNC;
	result->ns += outcome->ns;
}

bool result_mixed(const struct case_result *result)
{
	unsigned kinds = 0;

	for (unsigned verdict = 0; verdict < VERDICT_COUNT; verdict++)
		kinds += verdict != VERDICT_SKIPPED && result->verdicts[verdict];
	return kinds > 1;
}

bool result_cut_short(const struct case_result *result)
{
	return result->ran && result->verdicts[VERDICT_SKIPPED] &&
	       result->outcome.verdict != VERDICT_SKIPPED;
}

bool result_is_control(const struct case_result *result)
{
	return result->control && result->ran && result->outcome.verdict != VERDICT_SKIPPED;
}

bool result_flaky(const struct case_result *result)
{
	bool part = result->trials_lost && result->trials_lost < result->trials;

	return !result->id.race->statistical && (result_mixed(result) || part);
}
