// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The report as one HTML file: no script, nothing that is fetched. What matters at
 * three in the morning comes first: the sentence, the remedy, the matrix.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "output/html_parts.h"
#include "output/words.h"
#include "races/races.h"

static bool same_ranges(const struct loss_record *a, const struct loss_record *b)
{
	return a->pages == b->pages && a->ranges_used == b->ranges_used &&
	       !memcmp(a->ranges, b->ranges, a->ranges_used * sizeof(a->ranges[0]));
}

static bool same_spans(const struct outcome *a, const struct outcome *b)
{
	bool same = a->spans_used == b->spans_used;

	for (uint32_t i = 0; same && i < a->spans_used; i++)
		same = a->spans[i].count == b->spans[i].count &&
		       a->spans[i].before == b->spans[i].before &&
		       a->spans[i].after == b->spans[i].after &&
		       a->spans[i].moved == b->spans[i].moved;
	return same;
}

/* Two losses that one section can tell: of them all but pin and memory is the same. */
static bool alike(const struct case_result *a, const struct case_result *b)
{
	bool same = a->rule == b->rule && a->id.race == b->id.race &&
		    a->outcome.pages == b->outcome.pages &&
		    (a->trials_lost < a->trials) == (b->trials_lost < b->trials) &&
		    same_spans(&a->outcome, &b->outcome);

	for (unsigned kind = 0; same && kind < LOSS_COUNT; kind++)
		same = same_ranges(&a->outcome.loss[kind], &b->outcome.loss[kind]);
	return same;
}

static int find_leaders(const struct run *run, struct html_losses *losses)
{
	losses->leader = calloc(run->count + 1, sizeof(*losses->leader));
	if (!losses->leader)
		return -ENOMEM;
	for (size_t i = 0; i < run->count; i++) {
		const struct case_result *result = &run->results[i];
		size_t j = 0;

		losses->leader[i] = SIZE_MAX;
		if (result->control || !result_lost(result))
			continue;
		while (j < i && (losses->leader[j] != j || !alike(&run->results[j], result)))
			j++;
		losses->leader[i] = j;
	}
	return 0;
}

static const char *standing(const struct case_result *result)
{
	if (result_unexpected(result))
		return result->rule ? "UNEXPECTED: a rule promises that this is in sync here." :
				      "UNEXPECTED: no rule explains it on this kernel.";
	return result_bad(result) ? "A known hazard of this kernel." :
				    "By design: the program asked for it.";
}

static void print_alike(const struct report *report, const struct html_losses *losses,
			size_t leader)
{
	const struct run *run = report->run;
	char name[CASE_NAME_SIZE];
	bool any = false;

	for (size_t i = leader + 1; i < run->count; i++) {
		if (losses->leader[i] != leader)
			continue;
		if (!any)
			html_open(report->html, "p");
		html_text(report->html, any ? ", " : "The same pages, in the same way: ");
		html_text(report->html, case_name(&run->results[i].id, name));
		any = true;
	}
	if (any)
		html_close(report->html);
}

static void print_section(const struct report *report, const struct html_losses *losses,
			  size_t leader)
{
	const struct case_result *result = &report->run->results[leader];
	struct html *html = report->html;
	bool bad = result_bad(result);
	char name[CASE_NAME_SIZE];

	html_newline(html);
	html_open(html, "section");
	html_attributef(html, "id", "loss-%zu", leader + 1);
	html_open(html, "h3");
	html_printf(html, "%s: %s", case_name(&result->id, name), loss_words(&result->outcome));
	html_close(html);
	html_element(html, "p", bad ? "bad" : "dim", standing(result));
	if (result->trials > 1)
		html_fact(html, "", "Of several trials, this is one that was lost.");
	html_pages(html, &result->outcome, !bad);
	html_lanes(report, &result->outcome);
	/* A loss that was asked for needs no proof. */
	if (bad)
		report_evidence(report, result);
	html_end_facts(html);
	print_alike(report, losses, leader);
	html_close(html);
}

static bool is_leader(const struct report *report, const struct html_losses *losses, size_t i,
		      unsigned pass)
{
	const struct case_result *result = &report->run->results[i];

	return losses->leader[i] == i && pass == (result_unexpected(result) ? 0u :
						  result_bad(result)        ? 1u :
									      2u);
}

/* The unexpected ones first, those by design last. */
static void print_losses(const struct report *report, const struct html_losses *losses)
{
	static const char *const heads[] = { "Unexpected losses", "Known hazards of this kernel",
					     "Losses by design" };
	unsigned seen = 0;

	for (size_t i = 0; i < report->run->count; i++)
		if (losses->leader[i] == i)
			html_pages_seen(&report->run->results[i].outcome,
					!result_bad(&report->run->results[i]), &seen);
	for (unsigned pass = 0; pass < 3; pass++) {
		bool head = false;

		for (size_t i = 0; i < report->run->count; i++) {
			if (!is_leader(report, losses, i, pass))
				continue;
			if (!head)
				report_head(report, heads[pass]);
			head = true;
			if (seen)
				html_legend(report->html, seen);
			seen = 0;
			print_section(report, losses, i);
		}
	}
}

/* A hazard for which there is something to do. */
static bool has_remedy(const struct report *report, const struct html_losses *losses, size_t i)
{
	const struct rule *rule = report->run->results[i].rule;

	return rule && *rule->remedy && is_leader(report, losses, i, 1);
}

/* The first loss whose rule has this remedy; rules that share one are told together. */
static bool first_with_remedy(const struct report *report, const struct html_losses *losses,
			      size_t i)
{
	const struct case_result *results = report->run->results;

	if (!has_remedy(report, losses, i))
		return false;
	for (size_t j = 0; j < i; j++)
		if (has_remedy(report, losses, j) &&
		    !strcmp(results[j].rule->remedy, results[i].rule->remedy))
			return false;
	return true;
}

static void print_rules(const struct report *report, const struct html_losses *losses, size_t first)
{
	const struct case_result *results = report->run->results;

	for (size_t i = first; i < report->run->count; i++) {
		bool told = !has_remedy(report, losses, i) ||
			    strcmp(results[i].rule->remedy, results[first].rule->remedy);

		for (size_t j = first; !told && j < i; j++)
			told = has_remedy(report, losses, j) && results[j].rule == results[i].rule;
		if (!told)
			html_printf(report->html, "%s%s", i == first ? " (" : ", ",
				    results[i].rule->id);
	}
	html_text(report->html, ")");
}

static void print_remedies(const struct report *report, const struct html_losses *losses)
{
	for (size_t i = 0; i < report->run->count; i++) {
		if (!first_with_remedy(report, losses, i))
			continue;
		html_newline(report->html);
		html_open(report->html, "p");
		html_element(report->html, "b", NULL, "What to do: ");
		html_text(report->html, report->run->results[i].rule->remedy);
		print_rules(report, losses, i);
		html_close(report->html);
	}
}

static void begin(const struct report *report, const char *headline)
{
	struct html *html = report->html;

	html_begin(html, report->stream);
	html_open(html, "html");
	html_attribute(html, "lang", "en");
	html_open(html, "head");
	html_open(html, "meta");
	html_attribute(html, "charset", "utf-8");
	html_close(html);
	html_open(html, "meta");
	html_attribute(html, "name", "viewport");
	html_attribute(html, "content", "width=device-width, initial-scale=1");
	html_close(html);
	html_newline(html);
	html_element(html, "title", NULL, headline);
	html_open(html, "style");
	html_constant(html, html_style);
	html_close(html);
	html_close(html);
	html_newline(html);
	html_open(html, "body");
	html_constant(html, html_patterns);
	html_open(html, "main");
}

int report_html(struct report *report)
{
	static const char *const classes[] = {
		[ANSWER_SAME] = "verdict good",
		[ANSWER_PARTED] = "verdict bad",
		[ANSWER_OPEN] = "verdict warn",
	};
	struct html html;
	struct html_losses losses = { 0 };
	char line[256];
	int err = find_leaders(report->run, &losses);

	if (err)
		return err;
	report->html = &html;
	begin(report, report->headline);
	html_element(&html, "h1", NULL, report_title(report->answer));
	html_element(&html, "p", classes[report->answer], report->headline);
	host_line(report->run->host, line, sizeof(line));
	html_element(&html, "p", "dim", line);
	print_remedies(report, &losses);
	if (report->run->count) {
		report_head(report, "Verdicts");
		err = html_matrix(report, &losses);
		print_losses(report, &losses);
	}
	if (!err && report->run->inspection)
		err = report_inspection(report);
	report_run(report);
	report_untested(report);
	report_environment(report);
	report_recipients(report);
	html_close_to(&html, 0);
	html_newline(&html);
	report->html = NULL;
	free(losses.leader);
	return err;
}
