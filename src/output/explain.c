// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is known of a case, in numbered events, for somebody who has not read the
 * kernel. All of it comes from the rules; nothing is run.
 */
#include "output/explain.h"

#include <stdio.h>
#include <string.h>

#include "host/host.h"
#include "memory/memory.h"
#include "output/text.h"
#include "output/words.h"
#include "pins/pins.h"
#include "races/races.h"

#define INDENT 2
#define STEP_HANG 13 /* under the text of an event */

char *kernels_words(unsigned from, unsigned to, char *text, size_t size)
{
	unsigned major = to >> 16, minor = to >> 8 & 0xff;

	if (!from && !to)
		snprintf(text, size, "every Linux");
	else if (!to)
		snprintf(text, size, "Linux %u.%u and later", from >> 16, from >> 8 & 0xff);
	else if (!from)
		snprintf(text, size, "Linux before %u.%u", major, minor);
	else
		snprintf(text, size, "Linux %u.%u up to, but not including, %u.%u", from >> 16,
			 from >> 8 & 0xff, major, minor);
	return text;
}

static void heading(FILE *stream, const struct style *style, const char *text)
{
	fputc('\n', stream);
	tone_on(stream, style, TONE_HEAD);
	fputs(text, stream);
	tone_off(stream, style, TONE_HEAD);
	fputc('\n', stream);
}

static void paragraph(FILE *stream, const struct style *style, const char *text)
{
	struct wrap wrap;

	wrap_begin(&wrap, stream, style, INDENT, INDENT);
	wrap_text(&wrap, text);
	wrap_end(&wrap);
}

static void print_steps(FILE *stream, const struct rule *rule, const struct style *style)
{
	heading(stream, style, rule_expects_loss(rule) ? "How bytes are lost" : "What happens");
	for (unsigned i = 0; i < RULE_STEPS && rule->steps[i].text; i++) {
		struct wrap wrap;
		char lead[32];

		wrap_begin(&wrap, stream, style, INDENT, STEP_HANG);
		snprintf(lead, sizeof(lead), "%u %-8s ", i + 1, actor_name(rule->steps[i].actor));
		wrap_word(&wrap, lead);
		wrap_text(&wrap, rule->steps[i].text);
		wrap_end(&wrap);
	}
	fputc('\n', stream);
	paragraph(stream, style, rule->mechanism);
}

static void print_kernels(FILE *stream, const struct rule *rule, const struct host *host,
			  const struct style *style)
{
	char kernels[64];
	struct wrap wrap;

	heading(stream, style, "Kernels");
	wrap_begin(&wrap, stream, style, INDENT, INDENT);
	wrap_printf(&wrap, "%s. ", kernels_words(rule->from, rule->to, kernels, sizeof(kernels)));
	wrap_printf(&wrap, "This one, %s, is %sone of them.", host->uts.release,
		    rule_covers(rule, host) ? "" : "not ");
	wrap_end(&wrap);
}

/* What is to be done, or who is to hear of a loss where there is nothing to do. */
static void print_remedy(FILE *stream, const struct rule *rule, const struct style *style)
{
	char kernels[64];
	struct wrap wrap;

	heading(stream, style, "Remedy");
	if (rule_expects_loss(rule)) {
		paragraph(stream, style, rule->remedy);
		return;
	}
	wrap_begin(&wrap, stream, style, INDENT, INDENT);
	wrap_printf(&wrap, "None is needed on %s: the kernel promises it. A loss there is a bug",
		    kernels_words(rule->from, rule->to, kernels, sizeof(kernels)));
	wrap_text(&wrap, " of the kernel, for linux-mm@kvack.org.");
	wrap_end(&wrap);
}

static void print_known(FILE *stream, const struct rule *rule, const struct style *style)
{
	const char *commit = rule_commit(rule), *title = rule_title(rule);
	struct wrap wrap;

	heading(stream, style, "How it is known");
	wrap_begin(&wrap, stream, style, INDENT, INDENT);
	wrap_printf(&wrap, "Rule %s: ", rule->id);
	wrap_text(&wrap, certainty_words(rule->certainty));
	wrap_text(&wrap, rule->certainty == CERTAIN_RECALLED ?
				 " in any source: take it for a guess." :
				 ".");
	if (*commit)
		wrap_printf(&wrap, " Commit %s (\"%s\").", commit, title);
	else if (*title)
		wrap_printf(&wrap, " See %s.", title);
	if (rule->references)
		wrap_printf(&wrap, " %s%s", *title ? "Also: " : "", rule->references);
	wrap_end(&wrap);
}

void explain_rule(FILE *stream, const struct rule *rule, const struct host *host,
		  const struct style *style)
{
	static const char *const means[EXPECT_COUNT] = {
		[EXPECT_PROMISED] = "in sync, promised by the kernel",
		[EXPECT_HAZARD] = "OUT OF SYNC, a known hazard",
		[EXPECT_BY_DESIGN] = "OUT OF SYNC by design, as the program asked for it",
		[EXPECT_UNKNOWN] = "not known",
	};
	struct wrap wrap;

	wrap_begin(&wrap, stream, style, 0, INDENT);
	wrap_printf(&wrap, "Rule %s: %s", rule->id, means[rule->expectation]);
	wrap_end(&wrap);
	fputc('\n', stream);
	wrap_begin(&wrap, stream, style, INDENT, INDENT);
	wrap_printf(&wrap, "For pins that %s, held as:",
		    rule->access == RULE_WRITE_PIN ? "write" :
		    rule->access == RULE_READ_PIN  ? "only read" :
						     "read or write");
	for (unsigned class = 0; class < PIN_CLASS_COUNT; class ++)
		if (rule->classes >> class & 1)
			wrap_printf(&wrap, " %s", pin_class_name((enum pin_class) class));
	wrap_printf(&wrap, "; pins: %s; memory: %s; races: %s.", rule->pins ? rule->pins : "all",
		    rule->memory ? rule->memory : "all", rule->races ? rule->races : "all");
	wrap_end(&wrap);
	print_steps(stream, rule, style);
	print_kernels(stream, rule, host, style);
	print_remedy(stream, rule, style);
	print_known(stream, rule, style);
}

/* The last minor versions of each major one; of the newest, those there can be. */
static unsigned next_kernel(unsigned kernel)
{
	unsigned major = kernel >> 16, minor = kernel >> 8 & 0xff;
	unsigned last = major == 4 ? 20 : major == 5 || major == 6 ? 19 : 254;

	return minor < last ? KERNEL(major, minor + 1) : KERNEL(major + 1, 0);
}

#define OLDEST KERNEL(4, 4)
#define NEWEST KERNEL(7, 3) /* that anything was measured on */

static void other_kernels(FILE *stream, const struct case_id *id, const struct host *host,
			  const struct style *style)
{
	const struct rule *rule = NULL, *now;
	struct host other = *host;
	unsigned from = 0;

	heading(stream, style, "The same case on other kernels");
	for (unsigned kernel = OLDEST;; kernel = next_kernel(kernel)) {
		char kernels[64];
		struct wrap wrap;

		other.kernel = kernel;
		now = rule_for(id, &other);
		if (kernel == OLDEST)
			rule = now;
		if (now == rule && kernel < NEWEST)
			continue;
		wrap_begin(&wrap, stream, style, INDENT, INDENT + 2);
		wrap_text(&wrap,
			  kernels_words(from, now == rule ? 0 : kernel, kernels, sizeof(kernels)));
		wrap_printf(&wrap, ": %s (%s)",
			    expectation_name(rule ? rule->expectation : EXPECT_UNKNOWN),
			    rule ? rule->id : "no rule");
		wrap_end(&wrap);
		rule = now;
		from = kernel;
		if (kernel >= NEWEST)
			break;
	}
}

static void print_part(FILE *stream, const struct style *style, const char *name, const char *help)
{
	struct wrap wrap;
	char lead[48];

	wrap_begin(&wrap, stream, style, INDENT, 25);
	snprintf(lead, sizeof(lead), "%-22s ", name);
	wrap_word(&wrap, lead);
	wrap_text(&wrap, help);
	wrap_end(&wrap);
}

static const char *expected_words(const struct rule *rule)
{
	if (!rule)
		return "nothing is known of it on";
	switch (rule->expectation) {
	case EXPECT_PROMISED:
		return "in sync is promised on";
	case EXPECT_HAZARD:
		return "OUT OF SYNC is a known hazard of";
	default:
		return "OUT OF SYNC is by design on";
	}
}

void explain_case(FILE *stream, const struct case_id *id, const struct host *host,
		  const struct style *style)
{
	const struct rule *rule = rule_for(id, host);
	const char *inapplicable = case_inapplicable(id);
	char name[CASE_NAME_SIZE], pin[160];
	struct wrap wrap;

	wrap_begin(&wrap, stream, style, 0, INDENT);
	wrap_tone(&wrap, TONE_HEAD);
	wrap_printf(&wrap, "%s: %s Linux %s", case_name(id, name), expected_words(rule),
		    host->uts.release);
	wrap_end(&wrap);
	fputc('\n', stream);
	snprintf(pin, sizeof(pin), "%s; class %s on this kernel", id->pin->help,
		 pin_class_name(id->pin->class(host)));
	print_part(stream, style, id->pin->name, pin);
	print_part(stream, style, id->memory->name, id->memory->help);
	print_part(stream, style, id->race->name, id->race->help);
	if (inapplicable)
		print_part(stream, style, "does not apply", inapplicable);
	if (rule) {
		print_steps(stream, rule, style);
		print_kernels(stream, rule, host, style);
		print_remedy(stream, rule, style);
		print_known(stream, rule, style);
	} else {
		heading(stream, style, "Kernels");
		paragraph(stream, style,
			  "No rule of the catalogue is about this case on this "
			  "kernel. A loss would be unexpected.");
		heading(stream, style, "Remedy");
		wrap_begin(&wrap, stream, style, INDENT, INDENT);
		wrap_printf(&wrap, "Find out, with: thpin repro %s", name);
		wrap_end(&wrap);
	}
	other_kernels(stream, id, host, style);
}
