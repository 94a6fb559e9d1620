// SPDX-License-Identifier: GPL-2.0-or-later
#include <inttypes.h>
#include <string.h>

#include "host/host.h"
#include "output/parts.h"
#include "output/text.h"
#include "output/words.h"
#include "pins/pins.h"

#define HANG 4
#define EVENT_HANG 12 /* under the text of an event */
#define SHOWN_BYTES 8 /* of a sample */

static void print_heading(FILE *stream, const struct case_result *result, const struct style *style)
{
	bool unexpected = result_unexpected(result);
	enum tone tone = unexpected ? TONE_ALARM : TONE_BAD;
	const struct rule *rule = result->rule;
	char name[CASE_NAME_SIZE];
	struct wrap wrap;

	wrap_begin(&wrap, stream, style, 0, HANG);
	wrap_tone(&wrap, tone);
	wrap_printf(&wrap, "%s%s: OUT OF SYNC", unexpected ? "UNEXPECTED: " : "",
		    case_name(&result->id, name));
	if (result_flaky(result) || result_statistical(result))
		wrap_printf(&wrap, " in %u of %u trials", result->trials_lost, result->trials);
	wrap_printf(&wrap, ", %s", loss_words(&result->outcome));
	if (unexpected && rule)
		wrap_printf(&wrap, ": rule %s promises in sync on this kernel: please report it",
			    rule->id);
	else if (unexpected)
		wrap_text(&wrap, ": no rule of this kernel explains it: please report it");
	else if (rule)
		wrap_printf(&wrap, " (%s on this kernel, rule %s)",
			    expectation_name(rule->expectation), rule->id);
	wrap_end(&wrap);
}

static void begin_event(struct wrap *wrap, FILE *stream, const struct style *style, unsigned number,
			enum actor actor)
{
	char lead[32];

	wrap_begin(wrap, stream, style, 1, EVENT_HANG);
	snprintf(lead, sizeof(lead), "%2u %-7s ", number, actor_name(actor));
	wrap_word(wrap, lead);
}

/* " (page 0: PFN 0x7d400 -> 0x7f0c)", as much of it as is known. */
static void print_pfns(struct wrap *wrap, const struct event *event)
{
	uint64_t was = event->pfn_was, is = event->pfn_is;

	if (was == PFN_UNKNOWN && is == PFN_UNKNOWN)
		return;
	wrap_text(wrap, " (");
	/* Most texts name the page themselves. */
	if (event->page >= 0 && !strstr(event->text, "page "))
		wrap_printf(wrap, "page %" PRId32 ": ", event->page);
	if (was == PFN_UNKNOWN || is == PFN_UNKNOWN || was == is)
		wrap_printf(wrap, "PFN %#" PRIx64 ")", was ? was : is);
	else
		wrap_printf(wrap, "PFN %#" PRIx64 " -> %#" PRIx64 ")", was, is);
}

static void print_sample(struct wrap *wrap, const char *what, const unsigned char *bytes)
{
	char hex[3 * SHOWN_BYTES + 1];

	wrap_text(wrap, what);
	wrap_word(wrap, hex_text(bytes, SHOWN_BYTES, hex));
}

/* What the comparison of the bytes found, as the last event. */
static void print_conclusion(FILE *stream, const struct outcome *outcome, enum loss kind,
			     unsigned number, const struct style *style)
{
	const struct loss_record *loss = &outcome->loss[kind];
	char text[400];
	struct wrap wrap;

	begin_event(&wrap, stream, style, number, loss_seen_by(outcome, kind));
	wrap_text(&wrap, loss_seen_text(outcome, kind, text, sizeof(text)));
	wrap_printf(&wrap, ", first at offset %#" PRIx64 ":", loss->first_offset);
	/* Of the two views the newer bytes are wanted, and the reader has others. */
	print_sample(&wrap, " want ",
		     kind == LOSS_LEAK  ? loss->wanted :
		     kind == LOSS_WRITE ? loss->device :
					  loss->cpu);
	print_sample(&wrap, ", has ",
		     kind == LOSS_LEAK  ? loss->seen :
		     kind == LOSS_WRITE ? loss->cpu :
					  loss->device);
	if (kind == LOSS_WRITE)
		wrap_printf(&wrap, " (%s)", sees_words(loss->cpu_sees));
	wrap_end(&wrap);
}

static void print_events(FILE *stream, const struct outcome *outcome, const struct style *style)
{
	unsigned number = 0;

	for (uint32_t i = 0; i < outcome->events_used && i < EVENTS; i++) {
		const struct event *event = &outcome->events[i];
		struct wrap wrap;

		begin_event(&wrap, stream, style, ++number, event->actor);
		wrap_text(&wrap, event->text);
		print_pfns(&wrap, &outcome->events[i]);
		wrap_end(&wrap);
	}
	for (unsigned kind = 0; kind < LOSS_COUNT; kind++) {
		if (outcome->loss[kind].pages)
			print_conclusion(stream, outcome, (enum loss)kind, ++number, style);
	}
}

/* Evidence beside the bytes: references and page frames, where they can be seen. */
static void print_evidence(FILE *stream, const struct outcome *outcome, const struct style *style)
{
	const char *observed = observed_words(outcome->observed);
	uint32_t frames = outcome->sample_of ? outcome->sample_of : outcome->pages;
	struct wrap wrap;

	if (!observed && outcome->pfns_moved < 0)
		return;
	wrap_begin(&wrap, stream, style, 2, HANG);
	wrap_printf(&wrap, "Pin: %s", pin_class_name(outcome->pin_class));
	if (observed)
		wrap_printf(&wrap, " (vmstat shows %s)", observed);
	if (outcome->pfns_moved >= 0)
		wrap_printf(&wrap, "; %" PRId32 " of %" PRIu32 " page frame%s changed",
			    outcome->pfns_moved, frames, frames == 1 ? "" : "s");
	if (outcome->child_pfn != PFN_UNKNOWN)
		wrap_printf(&wrap, "; the child's page %" PRIu32 ": PFN %#" PRIx64,
			    outcome->watched_page, outcome->child_pfn);
	wrap_end(&wrap);
}

static void print_rule(FILE *stream, const struct rule *rule, const struct style *style)
{
	const char *commit = rule_commit(rule), *title = rule_title(rule);
	struct wrap wrap;

	wrap_begin(&wrap, stream, style, 2, HANG);
	wrap_printf(&wrap, "Rule %s: ", rule->id);
	wrap_text(&wrap, rule->mechanism);
	if (*commit)
		wrap_printf(&wrap, " Commit %s (\"%s\"); ", commit, title);
	else if (*title)
		wrap_printf(&wrap, " See %s; ", title);
	else
		wrap_text(&wrap, " Known: ");
	wrap_printf(&wrap, "%s.", certainty_words(rule->certainty));
	wrap_end(&wrap);

	if (rule->remedy && *rule->remedy) {
		wrap_begin(&wrap, stream, style, 2, HANG);
		wrap_text(&wrap, "Remedy: ");
		wrap_text(&wrap, rule->remedy);
		wrap_end(&wrap);
	}
}

void loss_paragraph(FILE *stream, const struct run *run, const struct case_result *result,
		    bool with_rule, const struct style *style)
{
	print_heading(stream, result, style);
	print_events(stream, &result->outcome, style);
	print_evidence(stream, &result->outcome, style);
	if (result->rule && with_rule)
		print_rule(stream, result->rule, style);
	/* Never wrapped: it is there to be copied. */
	fputs("  Again: ", stream);
	print_again(stream, run, result, run->host->file.path);
	fputc('\n', stream);
}
