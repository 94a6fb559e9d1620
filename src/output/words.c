// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "host/host.h"
#include "pins/pins.h"

char *rate_text(double rate, char *text, size_t size)
{
	snprintf(text, size, "%.2g %% (95 %% confidence)", 100 * rate);
	return text;
}

const char *loss_words(const struct outcome *outcome)
{
	static const char *const words[] = {
		"",
		"lost write",
		"stale read",
		"lost write and stale read",
		"leak",
		"lost write and leak",
		"stale read and leak",
		"lost write, stale read and leak",
	};
	unsigned lost = 0;

	for (unsigned kind = 0; kind < LOSS_COUNT; kind++)
		lost |= outcome->loss[kind].pages ? 1u << kind : 0;
	return words[lost];
}

const char *verdict_words(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_IN_SYNC:
		return "in sync";
	case VERDICT_OUT_OF_SYNC:
		return "OUT OF SYNC";
	case VERDICT_REFUSED:
		return "refused";
	case VERDICT_NO_EFFECT:
		return "no effect";
	case VERDICT_SKIPPED:
		return "skipped";
	case VERDICT_ERROR:
	case VERDICT_COUNT:
		break;
	}
	return "error";
}

const char *observed_words(enum pin_observed observed)
{
	switch (observed) {
	case PIN_OBSERVED_GET:
		return "FOLL_GET";
	case PIN_OBSERVED_PIN:
		return "FOLL_PIN";
	case PIN_OBSERVED_UNKNOWN:
		break;
	}
	return NULL;
}

/* snprintf at the end of a text; what does not fit is cut. */
static __attribute__((format(printf, 3, 4))) void append(char *text, size_t size,
							 const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

char *ranges_text(const struct loss_record *loss, char *text, size_t size)
{
	uint32_t listed = 0;

	snprintf(text, size, loss->pages == 1 ? "page" : "pages");
	for (uint32_t i = 0; i < loss->ranges_used && i < LOSS_RANGES; i++) {
		const struct page_range *range = &loss->ranges[i];

		append(text, size, "%s %" PRIu32, i ? "," : "", range->first);
		if (range->count > 1)
			append(text, size, "-%" PRIu32, range->first + range->count - 1);
		listed += range->count;
	}
	if (listed < loss->pages)
		append(text, size, ", ...");
	return text;
}

const char *sees_words(enum sees sees)
{
	switch (sees) {
	case SEES_OLD:
		return "the bytes from before the device write";
	case SEES_ZERO:
		return "zeros";
	case SEES_CPU_WRITE:
		return "what the CPU wrote itself";
	case SEES_DEVICE_WRITE:
		return "what the device wrote";
	case SEES_CHILD_WRITE:
		return "what the child wrote";
	case SEES_OTHER:
	case SEES_COUNT:
		break;
	}
	return "neither what the device nor what the CPU wrote";
}

enum actor loss_seen_by(const struct outcome *outcome, enum loss kind)
{
	return kind == LOSS_LEAK  ? outcome->loss[kind].seen_by :
	       kind == LOSS_WRITE ? ACTOR_PARENT :
				    ACTOR_DEVICE;
}

char *loss_seen_text(const struct outcome *outcome, enum loss kind, char *text, size_t size)
{
	const struct loss_record *loss = &outcome->loss[kind];
	char ranges[256];

	ranges_text(loss, ranges, sizeof(ranges));
	text[0] = '\0';
	if (kind == LOSS_LEAK)
		append(text, size,
		       "sees in %s (%" PRIu32 " of %" PRIu32 " page%s) %s after the fork", ranges,
		       loss->pages, outcome->pages, outcome->pages == 1 ? "" : "s",
		       loss->cpu_sees == SEES_CPU_WRITE ? "what the parent wrote" :
							  sees_words(loss->cpu_sees));
	else
		append(text, size,
		       "does not see the %s write in %s (%" PRIu32 " of %" PRIu32 " page%s)",
		       kind == LOSS_WRITE ? "device" : "CPU", ranges, loss->pages, outcome->pages,
		       outcome->pages == 1 ? "" : "s");
	return text;
}

char *hex_text(const unsigned char *bytes, unsigned count, char *text)
{
	for (unsigned i = 0; i < count; i++)
		snprintf(text + 3 * (size_t)i, 4, "%02x ", bytes[i]);
	text[3 * count - 1] = '\0';
	return text;
}

static void append_kernel(char *text, size_t size, unsigned kernel)
{
	if (kernel)
		append(text, size, "%u.%u", kernel >> 16, kernel >> 8 & 0xff);
}

char *kernels_text(const struct rule *rule, char *text, size_t size)
{
	text[0] = '\0';
	if (!rule->from && !rule->to)
		append(text, size, "all");
	else {
		append_kernel(text, size, rule->from);
		append(text, size, "..");
		append_kernel(text, size, rule->to);
	}
	return text;
}

bool rule_covers(const struct rule *rule, const struct host *host)
{
	return host->kernel >= rule->from && (!rule->to || host->kernel < rule->to);
}

const char *rule_commit(const struct rule *rule)
{
	return rule->certainty == CERTAIN_RECALLED || !rule->commit ? "" : rule->commit;
}

const char *rule_title(const struct rule *rule)
{
	bool hidden = rule->commit && *rule->commit && !*rule_commit(rule);

	return hidden || !rule->title ? "" : rule->title;
}

const char *certainty_words(enum certainty certainty)
{
	switch (certainty) {
	case CERTAIN_MEASURED:
		return "measured";
	case CERTAIN_SOURCE:
		return "read in the kernel source";
	case CERTAIN_LISTS:
		return "read in the kernel mailing lists";
	case CERTAIN_RECALLED:
		break;
	}
	return "not checked";
}
