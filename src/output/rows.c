// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "memory/memory.h"
#include "output/table.h"
#include "output/words.h"
#include "pins/pins.h"
#include "races/races.h"

enum {
	ROW_CASE,
	ROW_PIN,
	ROW_MEMORY,
	ROW_RACE,
	ROW_VERDICT,
	ROW_LOSS,
	ROW_EXPECTATION,
	ROW_UNEXPECTED,
	ROW_RULE,
	ROW_COMMIT,
	ROW_REMEDY,
	ROW_CLASS,
	ROW_OBSERVED,
	ROW_PINS,
	ROW_HELD,
	ROW_PAGES,
	ROW_PAGES_LOST,
	ROW_FIRST_PAGE,
	ROW_FIRST_OFFSET,
	ROW_SEES,
	ROW_MOVED,
	ROW_LATENT,
	ROW_PFN_BEFORE,
	ROW_PFN_AFTER,
	ROW_PFN_CHILD,
	ROW_TRIALS,
	ROW_TRIALS_LOST,
	ROW_RATE_BELOW,
	ROW_WARNINGS,
	ROW_COUNTERS,
	ROW_MS,
	ROW_REASON,
	ROW_COUNT,
};

const struct column row_columns[] = {
	[ROW_CASE] = { "CASE", "PIN/MEMORY/RACE", COLUMN_PRESET },
	[ROW_PIN] = { "PIN", "what pins the pages", 0 },
	[ROW_MEMORY] = { "MEMORY", "kind of memory", 0 },
	[ROW_RACE] = { "RACE", "what was done to the memory while pinned", 0 },
	[ROW_VERDICT] = { "VERDICT",
			  "in-sync, out-of-sync, refused, no-effect, skipped, error or not-run",
			  COLUMN_PRESET },
	[ROW_LOSS] = { "LOSS", "lost-write, stale-read, leak or several of them", COLUMN_PRESET },
	[ROW_EXPECTATION] = { "EXPECTATION", "promised, hazard, by-design or unknown",
			      COLUMN_PRESET },
	[ROW_UNEXPECTED] = { "UNEXPECTED", "a loss that no rule of this kernel explains",
			     COLUMN_FLAG },
	[ROW_RULE] = { "RULE", "rule the expectation comes from", COLUMN_PRESET },
	[ROW_COMMIT] = { "COMMIT", "kernel commit of the rule", 0 },
	[ROW_REMEDY] = { "REMEDY", "what to do against the loss", COLUMN_PROSE },
	[ROW_CLASS] = { "CLASS", "get, pin, longterm or odp, by the rules of this kernel", 0 },
	[ROW_OBSERVED] = { "OBSERVED", "reference that vmstat showed", 0 },
	[ROW_PINS] = { "PINS", "pins that vmstat counted while held", COLUMN_NUMBER },
	[ROW_HELD] = { "HELD", "the pin was held until the race was over", COLUMN_FLAG },
	[ROW_PAGES] = { "PAGES", "pages compared", COLUMN_NUMBER },
	[ROW_PAGES_LOST] = { "PAGES-LOST", "pages out of sync", COLUMN_PRESET | COLUMN_NUMBER },
	[ROW_FIRST_PAGE] = { "FIRST-PAGE", "index of the first page out of sync", COLUMN_NUMBER },
	[ROW_FIRST_OFFSET] = { "FIRST-OFFSET", "bytes from the start of the region",
			       COLUMN_NUMBER },
	[ROW_SEES] = { "SEES", "what is seen there: old, zero, other, cpu-, device- or child-write",
		       0 },
	[ROW_MOVED] = { "MOVED", "pages whose page frame changed", COLUMN_NUMBER },
	[ROW_LATENT] = { "LATENT", "in sync, although page frames changed", COLUMN_FLAG },
	[ROW_PFN_BEFORE] = { "PFN-BEFORE", "page frame of the watched page while pinned", 0 },
	[ROW_PFN_AFTER] = { "PFN-AFTER", "the same after the race", 0 },
	[ROW_PFN_CHILD] = { "PFN-CHILD", "the same in the child", 0 },
	[ROW_TRIALS] = { "TRIALS", "times the case ran", COLUMN_NUMBER },
	[ROW_TRIALS_LOST] = { "TRIALS-LOST", "times it ended out of sync", COLUMN_NUMBER },
	[ROW_RATE_BELOW] = { "RATE-BELOW", "bound of the rate of losses at 95 %, in per cent",
			     COLUMN_NUMBER },
	[ROW_WARNINGS] = { "WARNINGS", "kernel warnings during the case", COLUMN_NUMBER },
	[ROW_COUNTERS] = { "COUNTERS", "what --counters counted", 0 },
	[ROW_MS] = { "MS", "milliseconds", COLUMN_NUMBER },
	[ROW_REASON] = { "REASON", "why there is no verdict by bytes",
			 COLUMN_PRESET | COLUMN_PROSE },
};

const size_t row_columns_count = ROW_COUNT;

static const char *number_text(int64_t value, char *text)
{
	/* Negative: not known. */
	if (value < 0)
		return NULL;
	snprintf(text, TABLE_TEXT, "%" PRId64, value);
	return text;
}

static const char *pfn_text(uint64_t pfn, char *text)
{
	if (pfn == PFN_UNKNOWN)
		return NULL;
	snprintf(text, TABLE_TEXT, "%#" PRIx64, pfn);
	return text;
}

static const char *yes_no(bool value)
{
	return value ? "yes" : "no";
}

static const char *losses_text(const struct outcome *outcome, char *text)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned kind = 0; kind < LOSS_COUNT; kind++) {
		if (outcome->loss[kind].pages)
			used += (size_t)snprintf(text + used, TABLE_TEXT - used, "%s%s",
						 used ? "," : "", loss_name((enum loss)kind));
	}
	return text;
}

/* "perf::page-faults=17 ...", without those that were not counted. */
static const char *counters_text(const struct run *run, const struct outcome *outcome, char *text)
{
	const char *const *names = run->options.counters;
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; names && i < outcome->counters && i < COUNTERS_MAX; i++) {
		if (outcome->counter[i] >= 0 && used < TABLE_TEXT)
			used += (size_t)snprintf(text + used, TABLE_TEXT - used, "%s%s=%" PRId64,
						 used ? " " : "", names[i], outcome->counter[i]);
	}
	return text;
}

/* What is known without a run: names and rules. */
static const char *planned_cell(const struct case_result *result, unsigned column, char *text)
{
	const struct rule *rule = result->rule;

	switch (column) {
	case ROW_CASE:
		return case_name(&result->id, text);
	case ROW_PIN:
		return result->id.pin->name;
	case ROW_MEMORY:
		return result->id.memory->name;
	case ROW_RACE:
		return result->id.race->name;
	case ROW_VERDICT:
		return result->ran ? verdict_name(result->outcome.verdict) : "not-run";
	case ROW_EXPECTATION:
		return expectation_name(result_expectation(result));
	case ROW_RULE:
		return rule ? rule->id : NULL;
	case ROW_COMMIT:
		return rule ? rule_commit(rule) : NULL;
	case ROW_REMEDY:
		return rule ? rule->remedy : NULL;
	default:
		return NULL;
	}
}

/* What was seen in the worker before and after the race. */
static const char *evidence_cell(const struct outcome *outcome, unsigned column, char *text)
{
	switch (column) {
	case ROW_OBSERVED:
		return observed_words(outcome->observed);
	case ROW_PINS:
		return number_text(outcome->pins_acquired, text);
	case ROW_MOVED:
		return number_text(outcome->pfns_moved, text);
	case ROW_PFN_BEFORE:
		return pfn_text(outcome->before.pfn, text);
	case ROW_PFN_AFTER:
		return pfn_text(outcome->after.pfn, text);
	case ROW_PFN_CHILD:
		return pfn_text(outcome->child_pfn, text);
	case ROW_WARNINGS:
		return outcome->kernel_warnings < 0 ? NULL :
						      number_text(outcome->kernel_warnings, text);
	default:
		return NULL;
	}
}

/* What the comparison of the bytes found. */
static const char *compared_cell(const struct outcome *outcome, unsigned column, char *text)
{
	const struct loss_record *lost = outcome->loss;

	while (!lost->pages && lost < &outcome->loss[LOSS_COUNT - 1])
		lost++;
	if (!outcome_compared(outcome))
		return NULL;
	switch (column) {
	case ROW_LOSS:
		return losses_text(outcome, text);
	case ROW_PAGES:
		return number_text(outcome->pages, text);
	case ROW_PAGES_LOST:
		return number_text(outcome->pages_lost, text);
	case ROW_HELD:
		return yes_no(outcome->held);
	case ROW_FIRST_PAGE:
		return number_text(outcome->first_lost_page, text);
	case ROW_FIRST_OFFSET:
		return number_text(outcome->first_lost_offset, text);
	case ROW_SEES:
		return lost->pages ? sees_name(lost->cpu_sees) : NULL;
	default:
		return NULL;
	}
}

struct row {
	const struct run *run;
	const struct case_result *result;
};

static const char *row_cell(const void *data, unsigned column, char *text)
{
	const struct row *row = data;
	const struct case_result *result = row->result;
	const char *known = planned_cell(result, column, text);

	if (known || !result->ran)
		return known;
	switch (column) {
	case ROW_CLASS:
		return pin_class_name(result->id.pin->class(row->run->host));
	case ROW_COUNTERS:
		return counters_text(row->run, &result->outcome, text);
	case ROW_UNEXPECTED:
		return yes_no(result_lost(result) && result_unexpected(result));
	case ROW_LATENT:
		return result->outcome.pfns_moved < 0 ? NULL : yes_no(result_latent(result));
	case ROW_TRIALS:
		return number_text(result->trials, text);
	case ROW_TRIALS_LOST:
		return number_text(result->trials_lost, text);
	case ROW_RATE_BELOW:
		if (!(result_rate_below(result) > 0))
			return NULL;
		snprintf(text, TABLE_TEXT, "%.2g", 100 * result_rate_below(result));
		return text;
	case ROW_MS:
		snprintf(text, TABLE_TEXT, "%.1f", (double)result->ns / 1e6);
		return text;
	case ROW_REASON:
		return result->outcome.reason.text;
	default:
		break;
	}
	known = evidence_cell(&result->outcome, column, text);
	return known ? known : compared_cell(&result->outcome, column, text);
}

int output_rows_check(const struct table_options *options, struct reason *why)
{
	struct table table;

	return table_choose(&table, row_columns, row_columns_count, options, why);
}

int output_rows(FILE *stream, const struct run *run, const struct table_options *options,
		const struct style *style, struct reason *why)
{
	struct table table;
	int err = table_choose(&table, row_columns, row_columns_count, options, why);

	if (err)
		return err;
	err = table_begin(&table, "cases", stream, options, style);
	for (size_t i = 0; !err && i < run->count; i++) {
		const struct row row = { run, &run->results[i] };

		if (!row.result->control)
			err = table_add(&table, &row, row_cell);
	}
	if (!err)
		err = table_print(&table, style);
	table_free(&table);
	return err ? fail_errno(why, -err, "table of cases") : 0;
}
