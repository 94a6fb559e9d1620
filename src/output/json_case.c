// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>

#include "memory/memory.h"
#include "output/json.h"
#include "output/words.h"
#include "pins/pins.h"
#include "races/races.h"

static json_t *bytes_text(const uint8_t *bytes)
{
	char hex[3 * SAMPLE_BYTES + 1];

	return json_string(hex_text(bytes, SAMPLE_BYTES, hex));
}

static json_t *ranges_array(const struct loss_record *loss)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (uint32_t i = 0; !err && i < loss->ranges_used && i < LOSS_RANGES; i++) {
		json_t *range = json_object();

		err = json_put(range, "first", json_integer(loss->ranges[i].first));
		err |= json_put(range, "count", json_integer(loss->ranges[i].count));
		err |= json_array_append_new(array, json_finish(range, err));
	}
	return json_finish(array, err);
}

static json_t *loss_object(const struct loss_record *loss, enum loss kind)
{
	json_t *object = json_object();
	int err = json_put(object, "loss", json_string(loss_name(kind)));

	err |= json_put(object, "pages", json_integer(loss->pages));
	err |= json_put(object, "ranges", ranges_array(loss));
	err |= json_put(object, "first_offset", json_integer((json_int_t)loss->first_offset));
	if (kind == LOSS_LEAK) {
		err |= json_put(object, "seen_by", json_string(actor_name(loss->seen_by)));
		err |= json_put(object, "sees", json_string(sees_name(loss->cpu_sees)));
		err |= json_put(object, "seen_bytes", bytes_text(loss->seen));
		err |= json_put(object, "wanted_bytes", bytes_text(loss->wanted));
		return json_finish(object, err);
	}
	err |= json_put(object, "cpu_sees", json_string(sees_name(loss->cpu_sees)));
	err |= json_put(object, "cpu_bytes", bytes_text(loss->cpu));
	err |= json_put(object, "device_bytes", bytes_text(loss->device));
	return json_finish(object, err);
}

/* What was compared and what was lost differ only in whose bits are asked. */
static json_t *names_array(const struct outcome *outcome, bool lost)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (unsigned kind = 0; !err && kind < LOSS_COUNT; kind++) {
		if (lost ? outcome->loss[kind].pages : outcome->tested & 1u << kind)
			err = json_array_append_new(array, json_string(loss_name((enum loss)kind)));
	}
	return json_finish(array, err);
}

static json_t *losses_array(const struct outcome *outcome)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (unsigned kind = 0; !err && kind < LOSS_COUNT; kind++) {
		const struct loss_record *loss = &outcome->loss[kind];

		if (loss->pages)
			err = json_array_append_new(array, loss_object(loss, (enum loss)kind));
	}
	return json_finish(array, err);
}

static json_t *events_array(const struct outcome *outcome)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (uint32_t i = 0; !err && i < outcome->events_used && i < EVENTS; i++) {
		const struct event *event = &outcome->events[i];
		json_t *object = json_object();

		err = json_put(object, "actor", json_string(actor_name(event->actor)));
		err |= json_put(object, "ns", json_integer((json_int_t)event->ns));
		err |= json_put(object, "text", json_text(event->text));
		err |= json_put(object, "page", json_known(event->page));
		err |= json_put(object, "pfn_was", json_pfn(event->pfn_was));
		err |= json_put(object, "pfn_is", json_pfn(event->pfn_is));
		err |= json_array_append_new(array, json_finish(object, err));
	}
	return json_finish(array, err);
}

static json_t *flag(int8_t value)
{
	return value < 0 ? json_null() : json_boolean(value);
}

static json_t *state_object(const struct watched_page *state)
{
	json_t *object = json_object();
	int err = json_put(object, "pfn", json_pfn(state->pfn));

	err |= json_put(object, "present", flag(state->present));
	err |= json_put(object, "swapped", flag(state->swapped));
	err |= json_put(object, "exclusive", flag(state->exclusive));
	err |= json_put(object, "thp", flag(state->thp));
	err |= json_put(object, "pmd_mapped", flag(state->pmd_mapped));
	return json_finish(object, err);
}

static json_t *spans_array(const struct outcome *outcome)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (uint32_t i = 0; !err && i < outcome->spans_used && i < PAGE_SPANS; i++) {
		const struct page_span *span = &outcome->spans[i];
		json_t *object = json_object();

		err = json_put(object, "first", json_integer(span->first));
		err |= json_put(object, "count", json_integer(span->count));
		err |= json_put(object, "before", json_string(span_state_name(span->before)));
		err |= json_put(object, "after", json_string(span_state_name(span->after)));
		err |= json_put(object, "moved", flag(span->moved));
		err |= json_array_append_new(array, json_finish(object, err));
	}
	return json_finish(array, err);
}

static json_t *vmstat_object(const struct vmstat_sample *vmstat)
{
	json_t *object = json_object();
	int err = 0;

	for (unsigned i = 0; i < VMSTAT_COUNT; i++)
		err |= json_put(object, vmstat_name((enum vmstat_item)i),
				json_known(vmstat->value[i]));
	return json_finish(object, err);
}

static json_t *counters_object(const struct run *run, const struct outcome *outcome)
{
	const char *const *names = run->options.counters;
	json_t *object = json_object();
	int err = object ? 0 : -ENOMEM;

	for (uint32_t i = 0; names && i < outcome->counters && i < COUNTERS_MAX && names[i]; i++)
		err |= json_put(object, names[i], json_known(outcome->counter[i]));
	return json_finish(object, err);
}

static json_t *observed_text(enum pin_observed observed)
{
	switch (observed) {
	case PIN_OBSERVED_GET:
		return json_string("get");
	case PIN_OBSERVED_PIN:
		return json_string("pin");
	case PIN_OBSERVED_UNKNOWN:
		break;
	}
	return json_null();
}

static json_t *evidence_object(const struct run *run, const struct outcome *outcome)
{
	json_t *object = json_object();
	int err = json_put(object, "compared", names_array(outcome, false));

	err |= json_put(object, "losses", losses_array(outcome));
	err |= json_put(object, "observed_class", observed_text(outcome->observed));
	err |= json_put(object, "pins_acquired", json_known(outcome->pins_acquired));
	err |= json_put(object, "pfns_moved", json_known(outcome->pfns_moved));
	err |= json_put(object, "watched_page", json_integer(outcome->watched_page));
	err |= json_put(object, "sample_of",
			outcome->sample_of ? json_integer(outcome->sample_of) : json_null());
	err |= json_put(object, "before", state_object(&outcome->before));
	err |= json_put(object, "after", state_object(&outcome->after));
	err |= json_put(object, "spans", spans_array(outcome));
	err |= json_put(object, "child_pfn", json_pfn(outcome->child_pfn));
	err |= json_put(object, "vmstat", vmstat_object(&outcome->vmstat));
	err |= json_put(object, "kernel_warnings", json_known(outcome->kernel_warnings));
	err |= json_put(object, "kernel_warning", json_text(outcome->kernel_warning));
	err |= json_put(object, "counters", counters_object(run, outcome));
	err |= json_put(object, "counters_reason", json_text(outcome->counter_reason.text));
	return json_finish(object, err);
}

static int put_rule(json_t *object, const struct case_result *result)
{
	const struct rule *rule = result->rule;
	int err = json_put(object, "expectation",
			   json_string(expectation_name(result_expectation(result))));

	err |= json_put(object, "unexpected",
			json_boolean(result_lost(result) && result_unexpected(result)));
	err |= json_put(object, "rule", json_text(rule ? rule->id : NULL));
	err |= json_put(object, "rule_commit", json_text(rule ? rule_commit(rule) : NULL));
	err |= json_put(object, "rule_certainty",
			json_text(rule ? certainty_name(rule->certainty) : NULL));
	return err;
}

static json_t *moved(const struct outcome *outcome)
{
	return outcome->pfns_moved < 0 ? json_null() : json_boolean(outcome->pfns_moved > 0);
}

/* What only a case that ran has; without, all of it is null. */
/* Those that there were: {"in-sync": 19, "refused": 1}. */
static json_t *verdicts_object(const struct case_result *result)
{
	json_t *object = json_object();
	int err = 0;

	for (enum verdict verdict = 0; verdict < VERDICT_COUNT; verdict++)
		if (result->verdicts[verdict])
			err |= json_put(object, verdict_name(verdict),
					json_integer(result->verdicts[verdict]));
	return json_finish(object, err);
}

static int put_outcome(json_t *object, const struct run *run, const struct case_result *result)
{
	const struct outcome *outcome = result->ran ? &result->outcome : NULL;
	bool compared = outcome && outcome_compared(outcome);
	int err = json_put(object, "pages", compared ? json_integer(outcome->pages) : json_null());

	err |= json_put(object, "pages_lost",
			compared ? json_integer(outcome->pages_lost) : json_null());
	err |= json_put(object, "first_lost_page",
			compared ? json_known(outcome->first_lost_page) : json_null());
	err |= json_put(object, "first_lost_offset",
			compared ? json_known(outcome->first_lost_offset) : json_null());
	err |= json_put(object, "pfn_moved", outcome ? moved(outcome) : json_null());
	err |= json_put(object, "latent",
			outcome && outcome->pfns_moved >= 0 ? json_boolean(result_latent(result)) :
							      json_null());
	err |= json_put(object, "pin_class",
			json_string(pin_class_name(result->id.pin->class(run->host))));
	err |= json_put(object, "held", compared ? json_boolean(outcome->held) : json_null());
	err |= json_put(object, "verdicts", verdicts_object(result));
	err |= json_put(object, "trials", json_integer(result->trials));
	err |= json_put(object, "trials_lost", json_integer(result->trials_lost));
	err |= json_put(object, "rate_below",
			result_rate_below(result) > 0 ? json_real(result_rate_below(result)) :
							json_null());
	err |= json_put(object, "ms", outcome ? json_milliseconds(result->ns) : json_null());
	err |= json_put(object, "events", outcome ? events_array(outcome) : json_array());
	err |= json_put(object, "evidence", outcome ? evidence_object(run, outcome) : json_null());
	return err;
}

json_t *json_case(const struct run *run, const struct case_result *result)
{
	const struct outcome *outcome = &result->outcome;
	json_t *object = json_object();
	char name[CASE_NAME_SIZE];
	int err = json_put(object, "case", json_string(case_name(&result->id, name)));

	err |= json_put(object, "pin", json_string(result->id.pin->name));
	err |= json_put(object, "memory", json_string(result->id.memory->name));
	err |= json_put(object, "race", json_string(result->id.race->name));
	err |= json_put(object, "control", json_boolean(result->control));
	err |= json_put(object, "verdict",
			json_text(result->ran ? verdict_name(outcome->verdict) : NULL));
	err |= json_put(object, "loss", result->ran ? names_array(outcome, true) : json_array());
	err |= json_put(object, "reason", json_text(result->ran ? outcome->reason.text : NULL));
	err |= put_rule(object, result);
	err |= put_outcome(object, run, result);
	return json_finish(object, err);
}
