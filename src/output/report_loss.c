// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "memory/memory.h"
#include "output/report_parts.h"
#include "output/words.h"
#include "pins/pins.h"
#include "races/races.h"

static void print_events(const struct report *report, const struct outcome *outcome)
{
	for (uint32_t i = 0; i < outcome->events_used && i < EVENTS; i++) {
		const struct event *event = &outcome->events[i];
		bool moved = event->pfn_was && event->pfn_is && event->pfn_was != event->pfn_is;
		char lead[48], text[sizeof(event->text) + 32];
		struct wrap wrap;

		wrap_begin(&wrap, report->stream, &report->style, report->indent,
			   report->indent + 23);
		snprintf(lead, sizeof(lead), "%2" PRIu32 " %9.3f ms %-7s ", i + 1,
			 (double)event->ns / 1e6, actor_name(event->actor));
		wrap_word(&wrap, lead);
		wrap_text(&wrap, report_hide(report, event->text, text, sizeof(text)));
		if (moved && report->full)
			wrap_printf(&wrap, " (PFN %#" PRIx64 " -> %#" PRIx64 ")", event->pfn_was,
				    event->pfn_is);
		else if (moved)
			wrap_text(&wrap, " (a new frame)");
		else if (report->full && event->pfn_was)
			wrap_printf(&wrap, " (PFN %#" PRIx64 ")", event->pfn_was);
		wrap_end(&wrap);
	}
}

static void print_bytes(const struct report *report, enum loss kind, const struct loss_record *loss)
{
	char ranges[200], hex[3 * SAMPLE_BYTES + 1], label[16];

	report_line(report, loss_name(kind), "%s, first at offset %#" PRIx64 ":",
		    ranges_text(loss, ranges, sizeof(ranges)), loss->first_offset);
	if (kind == LOSS_LEAK) {
		report_line(report, "  wanted", "%s", hex_text(loss->wanted, SAMPLE_BYTES, hex));
		snprintf(label, sizeof(label), "  %s", actor_name(loss->seen_by));
		report_line(report, label, "%s", hex_text(loss->seen, SAMPLE_BYTES, hex));
		return;
	}
	report_line(report, "  device", "%s", hex_text(loss->device, SAMPLE_BYTES, hex));
	report_line(report, "  CPU", "%s", hex_text(loss->cpu, SAMPLE_BYTES, hex));
}

/* "present, exclusive, THP, PMD-mapped" */
static const char *state_text(const struct watched_page *state, char *text, size_t size)
{
	const struct {
		int8_t value;
		const char *yes, *no;
	} flags[] = {
		{ state->present, "present", "not present" },
		{ state->swapped, "swapped", NULL },
		{ state->exclusive, "exclusive", "not exclusive" },
		{ state->thp, "part of a THP", "no THP" },
		{ state->pmd_mapped, "PMD-mapped", "PTE-mapped" },
	};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]) && used < size; i++) {
		const char *word = flags[i].value < 0 ? NULL :
				   flags[i].value     ? flags[i].yes :
							flags[i].no;

		if (word)
			used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "",
						 word);
	}
	return used ? text : "not visible without CAP_SYS_ADMIN";
}

static void print_evidence(const struct report *report, const struct case_result *result)
{
	const struct outcome *outcome = &result->outcome;
	const char *observed = observed_words(outcome->observed);
	char before[160], after[160], deltas[480] = "";
	size_t used = 0;

	report_line(report, "pin", "class %s%s%s; %s", pin_class_name(outcome->pin_class),
		    observed ? ", vmstat shows " : "", observed ? observed : "",
		    result->id.pin->held_by);
	report_line(report, "page", "%" PRIu32 " of %" PRIu32 ", before: %s; after: %s",
		    outcome->watched_page, outcome->pages,
		    state_text(&outcome->before, before, sizeof(before)),
		    state_text(&outcome->after, after, sizeof(after)));
	if (outcome->pfns_moved >= 0)
		report_line(report, "frames", "%" PRId32 " of %" PRIu32 " changed%s",
			    outcome->pfns_moved,
			    outcome->sample_of ? outcome->sample_of : outcome->pages,
			    outcome->child_pfn && outcome->child_pfn == outcome->before.pfn ?
				    "; the child has the page of the device" :
				    "");
	for (unsigned item = 0; item < VMSTAT_COUNT && used < sizeof(deltas); item++)
		if (outcome->vmstat.value[item] > 0)
			used += (size_t)snprintf(deltas + used, sizeof(deltas) - used,
						 "%s%s +%" PRId64, used ? ", " : "",
						 vmstat_name((enum vmstat_item)item),
						 outcome->vmstat.value[item]);
	report_line(report, "vmstat", "%s", used ? deltas : "no listed counter went up");
}

static void print_counters(const struct report *report, const struct outcome *outcome)
{
	const char *const *names = report->run->options.counters;
	char text[640] = "";
	size_t used = 0;

	for (uint32_t i = 0; names && names[i] && i < outcome->counters && i < COUNTERS_MAX; i++)
		if (outcome->counter[i] >= 0 && used < sizeof(text))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s %" PRId64,
						 used ? ", " : "", names[i], outcome->counter[i]);
	if (used)
		report_line(report, "counters", "%s", text);
}

static void print_warnings(const struct report *report, const struct outcome *outcome)
{
	char text[WARNING_TEXT + 32], line[WARNING_TEXT + 96];

	if (outcome->kernel_warnings > 0) {
		snprintf(line, sizeof(line), "%" PRId32 " new WARNING or BUG, first: %s",
			 outcome->kernel_warnings,
			 report_hide(report, outcome->kernel_warning, text, sizeof(text)));
		report_setting(report, "dmesg", line);
	} else {
		report_line(report, "dmesg", "%s",
			    outcome->kernel_warnings ? "cannot be read here" :
						       "no new WARNING or BUG");
	}
}

static void print_rule(const struct report *report, const struct rule *rule)
{
	const char *commit, *title;
	char kernels[64];

	if (!rule) {
		report_line(report, "rule", "none explains it on this kernel");
		return;
	}
	commit = rule_commit(rule);
	title = rule_title(rule);
	report_line(report, "rule", "%s (kernels: %s; %s): %s%s%s%s", rule->id,
		    kernels_text(rule, kernels, sizeof(kernels)), certainty_words(rule->certainty),
		    rule->mechanism, *commit || !*title ? "" : " See ", *commit ? "" : title,
		    *commit || !*title ? "" : ".");
	if (*commit)
		report_line(report, "commit", "%s (\"%s\")", commit, title);
	if (*rule->remedy)
		report_line(report, "remedy", "%s", rule->remedy);
}

static void report_again(const struct report *report, const struct case_result *result)
{
	char *again = NULL;
	size_t size;
	FILE *stream = open_memstream(&again, &size);

	if (stream) {
		print_again(stream, report->run, result,
			    report->full ? report->run->host->file.path : NULL);
		if (fclose(stream)) {
			free(again);
			again = NULL;
		}
	}
	report_line(report, "again", "%s", again ? again : "(no memory for it)");
	free(again);
}

void report_evidence(const struct report *report, const struct case_result *result)
{
	const struct outcome *outcome = &result->outcome;

	for (unsigned kind = 0; kind < LOSS_COUNT; kind++)
		if (outcome->loss[kind].pages)
			print_bytes(report, (enum loss)kind, &outcome->loss[kind]);
	print_evidence(report, result);
	print_counters(report, outcome);
	print_warnings(report, outcome);
	print_rule(report, result->rule);
	report_again(report, result);
}

void report_loss(const struct report *report, const struct case_result *result)
{
	char name[CASE_NAME_SIZE], head[CASE_NAME_SIZE + 64];

	snprintf(head, sizeof(head), "%s: %s", case_name(&result->id, name),
		 loss_words(&result->outcome));
	report_head(report, head);
	if (result->trials > 1)
		report_line(report, "", "Lost in %u of %u trials; these are the events of one:",
			    result->trials_lost, result->trials);
	print_events(report, &result->outcome);
	report_evidence(report, result);
}
