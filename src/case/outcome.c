// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/outcome.h"

#include <stdarg.h>
#include <stdio.h>

#include "util/io.h"

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[VERDICT_COUNT] = {
		"in-sync", "out-of-sync", "refused", "no-effect", "skipped", "error",
	};

	return names[verdict];
}

const char *loss_name(enum loss loss)
{
	static const char *const names[LOSS_COUNT] = { "lost-write", "stale-read", "leak" };

	return names[loss];
}

const char *pin_class_name(enum pin_class class)
{
	static const char *const names[PIN_CLASS_COUNT] = { "get", "pin", "longterm", "odp" };

	return names[class];
}

const char *sees_name(enum sees sees)
{
	static const char *const names[] = { "old",   "zero",         "cpu-write",
					     "other", "device-write", "child-write" };

	return names[sees];
}

const char *actor_name(enum actor actor)
{
	static const char *const names[] = { "parent", "child", "device", "kernel", "page" };

	return names[actor];
}

const char *span_state_name(enum span_state state)
{
	static const char *const names[PAGE_STATE_COUNT] = {
		"unknown", "absent", "swapped", "shared", "exclusive",
	};

	return names[state];
}

void outcome_init(struct outcome *outcome, enum pin_class class)
{
	*outcome = (struct outcome){
		.first_lost_page = -1,
		.first_lost_offset = -1,
		.pin_class = class,
		.pins_acquired = -1,
		.pfns_moved = -1,
		.kernel_warnings = -1,
	};
	outcome->before = outcome->after = (struct watched_page){
		.present = -1,
		.swapped = -1,
		.exclusive = -1,
		.thp = -1,
		.pmd_mapped = -1,
	};
}

bool outcome_compared(const struct outcome *outcome)
{
	return outcome->tested != 0;
}

struct event *outcome_event(struct outcome *outcome, enum actor actor, const char *format, ...)
{
	struct event *event = &outcome->events[EVENTS - 1];
	uint64_t now = clock_ns();
	va_list args;

	if (!outcome->events_used)
		outcome->began_ns = now;
	if (outcome->events_used < EVENTS)
		event = &outcome->events[outcome->events_used++];
	*event = (struct event){ .actor = actor, .ns = now - outcome->began_ns, .page = -1 };
	va_start(args, format);
	vsnprintf(event->text, sizeof(event->text), format, args);
	va_end(args);
	return event;
}
