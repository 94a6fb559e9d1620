// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The events of a case, from the top down: each is a numbered mark in the lane of
 * who acts. The last lane has the frame that the process has of the page which the
 * race works on: A is the one that was pinned.
 */
#include <inttypes.h>
#include <string.h>

#include "output/html_parts.h"
#include "output/words.h"

#define ACTORS (ACTOR_KERNEL + 1)

struct lanes {
	const struct report *report;
	struct html *html;
	const struct outcome *outcome;
	bool shown[ACTORS]; /* who acts at all */
	bool page;          /* something is known of the page */
	unsigned number;
};

static bool event_moves(const struct event *event)
{
	return event->pfn_was && event->pfn_is && event->pfn_was != event->pfn_is;
}

static void find_actors(struct lanes *lanes)
{
	const struct outcome *outcome = lanes->outcome;

	lanes->shown[ACTOR_PARENT] = lanes->shown[ACTOR_DEVICE] = true;
	for (uint32_t i = 0; i < outcome->events_used && i < EVENTS; i++) {
		const struct event *event = &outcome->events[i];

		if (event->actor < ACTORS)
			lanes->shown[event->actor] = true;
		lanes->page |= event->pfn_was != PFN_UNKNOWN;
	}
	if (outcome->loss[LOSS_LEAK].pages && outcome->loss[LOSS_LEAK].seen_by < ACTORS)
		lanes->shown[outcome->loss[LOSS_LEAK].seen_by] = true;
}

static void header(struct html *html, const char *class, const char *text)
{
	html_open(html, "th");
	html_attribute(html, "scope", "col");
	if (class)
		html_attribute(html, "class", class);
	html_text(html, text);
	html_close(html);
}

static void begin_table(struct lanes *lanes)
{
	struct html *html = lanes->html;

	html_newline(html);
	html_open(html, "table");
	html_attribute(html, "class", "lanes");
	html_element(html, "caption", NULL, "What happened, in this order");
	html_open(html, "thead");
	html_open(html, "tr");
	for (unsigned actor = 0; actor < ACTORS; actor++)
		if (lanes->shown[actor])
			header(html, "lane", actor_name((enum actor)actor));
	if (lanes->page)
		header(html, "lane", "page");
	header(html, NULL, "event");
	html_close(html);
	html_close(html);
	html_open(html, "tbody");
}

/* Up to the cell with the text, which is left open. */
static void begin_row(struct lanes *lanes, enum actor actor, const char *page, bool bad)
{
	struct html *html = lanes->html;

	html_newline(html);
	html_open(html, "tr");
	lanes->number++;
	for (unsigned lane = 0; lane < ACTORS; lane++) {
		if (!lanes->shown[lane])
			continue;
		html_open(html, "td");
		html_attribute(html, "class", "lane");
		if (lane == actor) {
			html_open(html, "span");
			html_attribute(html, "class", bad ? "dot bad" : "dot");
			html_printf(html, "%u", lanes->number);
			html_close(html);
		}
		html_close(html);
	}
	if (lanes->page) {
		html_open(html, "td");
		html_attribute(html, "class", "lane");
		if (*page)
			html_element(html, "span", "frame", page);
		html_close(html);
	}
	html_open(html, "td");
	html_element(html, "b", bad ? "bad" : NULL, actor_name(actor));
	html_text(html, " ");
}

static void end_row(struct lanes *lanes)
{
	html_close(lanes->html);
	html_close(lanes->html);
}

static void print_event(struct lanes *lanes, const struct event *event)
{
	const struct report *report = lanes->report;
	bool moved = event_moves(event);
	char text[sizeof(event->text) + 32], time[32];

	begin_row(lanes, event->actor, moved ? "A\342\206\222B" : event->pfn_was ? "A" : "", false);
	html_text(lanes->html, report_hide(report, event->text, text, sizeof(text)));
	if (moved && report->full)
		html_printf(lanes->html, " (PFN %#" PRIx64 " \342\206\222 %#" PRIx64 ")",
			    event->pfn_was, event->pfn_is);
	else if (moved)
		html_text(lanes->html, " (a new frame)");
	else if (report->full && event->pfn_was)
		html_printf(lanes->html, " (PFN %#" PRIx64 ")", event->pfn_was);
	snprintf(time, sizeof(time), "%.3f ms", (double)event->ns / 1e6);
	html_text(lanes->html, " ");
	html_element(lanes->html, "small", NULL, time);
	end_row(lanes);
}

/* Who has which frame in the end, where frames can be seen. */
static void print_frames(struct lanes *lanes)
{
	const struct outcome *outcome = lanes->outcome;
	uint64_t pinned = outcome->before.pfn, now = outcome->after.pfn;
	uint64_t child = outcome->child_pfn;

	if (!pinned || !now)
		return;
	html_newline(lanes->html);
	html_open(lanes->html, "p");
	html_attribute(lanes->html, "class", "frames");
	html_printf(lanes->html, "Page %" PRIu32 " in the end: ", outcome->watched_page);
	html_element(lanes->html, "b", NULL, "device A");
	html_text(lanes->html, ", ");
	html_element(lanes->html, "b", pinned != now ? "bad" : NULL,
		     pinned != now ? "parent B" : "parent A");
	if (child) {
		html_text(lanes->html, ", ");
		html_element(lanes->html, "b", NULL,
			     child == pinned ? "child A" :
			     child == now    ? "child B" :
					       "child C");
	}
	html_text(lanes->html, " (A is the page frame that was pinned).");
	html_close(lanes->html);
}

void html_lanes(const struct report *report, const struct outcome *outcome)
{
	struct lanes lanes = { .report = report, .html = report->html, .outcome = outcome };

	find_actors(&lanes);
	begin_table(&lanes);
	for (uint32_t i = 0; i < outcome->events_used && i < EVENTS; i++)
		print_event(&lanes, &outcome->events[i]);
	for (unsigned kind = 0; kind < LOSS_COUNT; kind++) {
		char text[400];

		if (!outcome->loss[kind].pages)
			continue;
		begin_row(&lanes, loss_seen_by(outcome, (enum loss)kind), "", true);
		html_text(lanes.html, loss_seen_text(outcome, (enum loss)kind, text, sizeof(text)));
		end_row(&lanes);
	}
	html_close(lanes.html);
	html_close(lanes.html);
	print_frames(&lanes);
}
