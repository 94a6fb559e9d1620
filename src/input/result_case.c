// SPDX-License-Identifier: GPL-2.0-or-later
#include "input/result_case.h"

#include <string.h>

#include "memory/memory.h"
#include "pins/pins.h"
#include "races/races.h"

#define PAGES_MAX INT32_MAX

static const char *name_of_verdict(unsigned i)
{
	return verdict_name((enum verdict)i);
}

static const char *name_of_loss(unsigned i)
{
	return loss_name((enum loss)i);
}

static const char *name_of_class(unsigned i)
{
	return pin_class_name((enum pin_class)i);
}

static const char *name_of_actor(unsigned i)
{
	return actor_name((enum actor)i);
}

static const char *name_of_sees(unsigned i)
{
	return sees_name((enum sees)i);
}

static const char *name_of_state(unsigned i)
{
	return span_state_name((enum span_state)i);
}

static const char *name_of_pin(unsigned i)
{
	return pin_list[i]->name;
}

static const char *name_of_memory(unsigned i)
{
	return memory_list[i]->name;
}

static const char *name_of_race(unsigned i)
{
	return race_list[i]->name;
}

static void read_ranges(struct reader *reader, json_t *object, struct loss_record *loss)
{
	json_t *array = field_array(reader, object, "ranges", LOSS_RANGES), *range;
	size_t i;

	for (i = 0; (range = json_array_get(array, i)); i++) {
		loss->ranges[i].first = (uint32_t)field_number(reader, range, "first", 0,
							       PAGES_MAX);
		loss->ranges[i].count = (uint32_t)field_number(reader, range, "count", 1,
							       PAGES_MAX);
	}
	loss->ranges_used = (uint32_t)json_array_size(array);
}

static void read_loss(struct reader *reader, json_t *object, struct outcome *outcome)
{
	unsigned kind = field_choice(reader, object, "loss", LOSS_COUNT, name_of_loss);
	struct loss_record *loss = &outcome->loss[kind];

	loss->pages = (uint32_t)field_number(reader, object, "pages", 1, PAGES_MAX);
	read_ranges(reader, object, loss);
	loss->first_offset = (uint64_t)field_number(reader, object, "first_offset", 0, INT64_MAX);
	if (kind == LOSS_LEAK) {
		loss->seen_by = (enum actor)field_choice(reader, object, "seen_by", ACTOR_PAGE,
							 name_of_actor);
		loss->cpu_sees = (enum sees)field_choice(reader, object, "sees", SEES_COUNT,
							 name_of_sees);
		field_bytes(reader, object, "seen_bytes", loss->seen, SAMPLE_BYTES);
		field_bytes(reader, object, "wanted_bytes", loss->wanted, SAMPLE_BYTES);
		return;
	}
	loss->cpu_sees = (enum sees)field_choice(reader, object, "cpu_sees", SEES_COUNT,
						 name_of_sees);
	field_bytes(reader, object, "cpu_bytes", loss->cpu, SAMPLE_BYTES);
	field_bytes(reader, object, "device_bytes", loss->device, SAMPLE_BYTES);
}

static void read_state(struct reader *reader, json_t *evidence, const char *key,
		       struct watched_page *state)
{
	json_t *object = field_object(reader, evidence, key);

	state->pfn = field_pfn(reader, object, "pfn");
	state->present = field_maybe(reader, object, "present");
	state->swapped = field_maybe(reader, object, "swapped");
	state->exclusive = field_maybe(reader, object, "exclusive");
	state->thp = field_maybe(reader, object, "thp");
	state->pmd_mapped = field_maybe(reader, object, "pmd_mapped");
}

/* Files of a version that did not write them yet have none. */
static void read_spans(struct reader *reader, json_t *evidence, struct outcome *outcome)
{
	json_t *array, *item;
	uint32_t next = 0;
	size_t i;

	if (!json_object_get(evidence, "spans"))
		return;
	array = field_array(reader, evidence, "spans", PAGE_SPANS);
	for (i = 0; (item = json_array_get(array, i)); i++) {
		struct page_span *span = &outcome->spans[i];

		span->first = (uint32_t)field_number(reader, item, "first", next, next);
		span->count = (uint32_t)field_number(reader, item, "count", 1, PAGES_MAX - next);
		span->before = (enum span_state)field_choice(reader, item, "before",
							     PAGE_STATE_COUNT, name_of_state);
		span->after = (enum span_state)field_choice(reader, item, "after", PAGE_STATE_COUNT,
							    name_of_state);
		span->moved = field_maybe(reader, item, "moved");
		next = span->first + span->count;
	}
	outcome->spans_used = (uint32_t)json_array_size(array);
}

static void read_events(struct reader *reader, json_t *object, struct outcome *outcome)
{
	json_t *array = field_array(reader, object, "events", EVENTS), *item;
	size_t i;

	for (i = 0; (item = json_array_get(array, i)); i++) {
		struct event *event = &outcome->events[i];

		event->actor = (enum actor)field_choice(reader, item, "actor", ACTOR_PAGE,
							name_of_actor);
		event->ns = (uint64_t)field_number(reader, item, "ns", 0, INT64_MAX);
		field_text(reader, item, "text", event->text, sizeof(event->text));
		event->page = (int32_t)field_known(reader, item, "page", 0, PAGES_MAX, -1);
		event->pfn_was = field_pfn(reader, item, "pfn_was");
		event->pfn_is = field_pfn(reader, item, "pfn_is");
	}
	outcome->events_used = (uint32_t)json_array_size(array);
}

static enum pin_observed read_observed(struct reader *reader, json_t *evidence)
{
	if (json_is_null(json_object_get(evidence, "observed_class")))
		return PIN_OBSERVED_UNKNOWN;
	/* The names of the first two classes */
	return field_choice(reader, evidence, "observed_class", 2, name_of_class) == PIN_CLASS_GET ?
		       PIN_OBSERVED_GET :
		       PIN_OBSERVED_PIN;
}

static void read_evidence(struct reader *reader, json_t *evidence, struct outcome *outcome)
{
	json_t *compared = field_array(reader, evidence, "compared", LOSS_COUNT);
	json_t *losses = field_array(reader, evidence, "losses", LOSS_COUNT), *item;
	json_t *vmstat = field_object(reader, evidence, "vmstat");
	size_t i;

	for (i = 0; (item = json_array_get(compared, i)); i++)
		for (unsigned kind = 0; kind < LOSS_COUNT; kind++)
			if (json_is_string(item) &&
			    !strcmp(json_string_value(item), name_of_loss(kind)))
				outcome->tested |= 1u << kind;
	for (i = 0; (item = json_array_get(losses, i)); i++)
		read_loss(reader, item, outcome);
	outcome->observed = read_observed(reader, evidence);
	outcome->pins_acquired = field_known(reader, evidence, "pins_acquired", 0, INT64_MAX, -1);
	outcome->pfns_moved = (int32_t)field_known(reader, evidence, "pfns_moved", 0, PAGES_MAX,
						   -1);
	outcome->watched_page = (uint32_t)field_number(reader, evidence, "watched_page", 0,
						       PAGES_MAX);
	outcome->sample_of = (uint32_t)field_known(reader, evidence, "sample_of", 1, PAGES_MAX, 0);
	read_state(reader, evidence, "before", &outcome->before);
	read_state(reader, evidence, "after", &outcome->after);
	read_spans(reader, evidence, outcome);
	outcome->child_pfn = field_pfn(reader, evidence, "child_pfn");
	for (unsigned item_at = 0; item_at < VMSTAT_COUNT; item_at++)
		outcome->vmstat.value[item_at] = field_known(reader, vmstat,
							     vmstat_name((enum vmstat_item)item_at),
							     0, INT64_MAX, -1);
	outcome->kernel_warnings = (int32_t)field_known(reader, evidence, "kernel_warnings", 0,
							INT32_MAX, -1);
	field_text(reader, evidence, "kernel_warning", outcome->kernel_warning,
		   sizeof(outcome->kernel_warning));
	field_text(reader, evidence, "counters_reason", outcome->counter_reason.text,
		   sizeof(outcome->counter_reason.text));
}

/*
 * Trials are lost when the verdict says so. An error may come after a loss, but not in
 * what is lost by design: that ends with the first.
 */
static bool trials_fit(const struct case_result *result)
{
	enum verdict verdict = result->outcome.verdict;

	if (verdict == VERDICT_OUT_OF_SYNC)
		return result->trials_lost;
	return !result->trials_lost ||
	       (verdict == VERDICT_ERROR && result_expectation(result) != EXPECT_BY_DESIGN);
}

static void read_outcome(struct reader *reader, json_t *object, struct case_result *result)
{
	struct outcome *outcome = &result->outcome;
	unsigned class = field_choice(reader, object, "pin_class", PIN_CLASS_COUNT, name_of_class);
	json_t *verdicts = field_object(reader, object, "verdicts");

	outcome_init(outcome, (enum pin_class) class);
	outcome->verdict = (enum verdict)field_choice(reader, object, "verdict", VERDICT_COUNT,
						      name_of_verdict);
	field_text(reader, object, "reason", outcome->reason.text, sizeof(outcome->reason.text));
	outcome->pages = (uint32_t)field_known(reader, object, "pages", 0, PAGES_MAX, 0);
	outcome->pages_lost = (uint32_t)field_known(reader, object, "pages_lost", 0, PAGES_MAX, 0);
	outcome->first_lost_page = (int32_t)field_known(reader, object, "first_lost_page", 0,
							PAGES_MAX, -1);
	outcome->first_lost_offset = field_known(reader, object, "first_lost_offset", 0, INT64_MAX,
						 -1);
	outcome->held = field_maybe(reader, object, "held") == 1;
	for (unsigned verdict = 0; verdict < VERDICT_COUNT; verdict++)
		if (json_object_get(verdicts, name_of_verdict(verdict)))
			result->verdicts[verdict] = (unsigned)field_number(reader, verdicts,
									   name_of_verdict(verdict),
									   1, INT32_MAX);
	result->trials = (unsigned)field_number(reader, object, "trials", 0, INT32_MAX);
	result->trials_lost = (unsigned)field_number(reader, object, "trials_lost", 0,
						     result->trials);
	if (!trials_fit(result))
		reader_fail(reader, "trials_lost", "a number that goes with the verdict");
	result->ns = field_milliseconds(reader, object, "ms");
	outcome->ns = result->ns;
	read_events(reader, object, outcome);
	read_evidence(reader, field_object(reader, object, "evidence"), outcome);
}

static void read_rule(struct reader *reader, json_t *object, struct case_result *result)
{
	json_t *value = json_object_get(object, "rule");

	if (json_is_null(value))
		return;
	if (json_is_string(value))
		result->rule = rule_named(json_string_value(value));
	if (!result->rule)
		reader_fail(reader, "rule", "a rule that this version knows, or null,");
}

void read_case(struct reader *reader, json_t *object, struct case_result *result)
{
	unsigned pin = field_choice(reader, object, "pin", (unsigned)pin_list_count, name_of_pin);
	unsigned memory = field_choice(reader, object, "memory", (unsigned)memory_list_count,
				       name_of_memory);
	unsigned race = field_choice(reader, object, "race", (unsigned)race_list_count,
				     name_of_race);

	result->id = (struct case_id){ pin_list[pin], memory_list[memory], race_list[race] };
	result->control = field_flag(reader, object, "control");
	read_rule(reader, object, result);
	/* Without a verdict the run did not come so far. */
	result->ran = !json_is_null(json_object_get(object, "verdict"));
	if (result->ran)
		read_outcome(reader, object, result);
}
