// SPDX-License-Identifier: GPL-2.0-or-later
/* The first sentence of a report, and what it answers. */
#include <stdio.h>

#include "host/host.h"
#include "output/report_parts.h"
#include "output/words.h"

const char *report_title(enum report_answer answer)
{
	switch (answer) {
	case ANSWER_SAME:
		return "Device and CPU see the same memory";
	case ANSWER_PARTED:
		return "Device and CPU see different memory";
	case ANSWER_OPEN:
		break;
	}
	return "Whether device and CPU see the same memory was not found out";
}

unsigned report_losses(const struct run *run, const struct case_result **first)
{
	unsigned count = 0;

	*first = NULL;
	for (size_t i = 0; i < run->count; i++) {
		if (run->results[i].control || !result_bad(&run->results[i]))
			continue;
		if (!count++)
			*first = &run->results[i];
	}
	return count;
}

static void say_lost(const struct run *run, const struct run_summary *summary, unsigned bad,
		     const struct case_result *first, char *text, size_t size)
{
	const char *release = run->host->uts.release;
	char name[CASE_NAME_SIZE];

	if (bad == 1)
		snprintf(text, size, "Linux %s: %s of pinned memory in %s (%s).", release,
			 loss_words(&first->outcome), case_name(&first->id, name),
			 result_unexpected(first) ? "UNEXPECTED: a bug of this kernel" :
						    "a known hazard of this kernel");
	else
		snprintf(text, size,
			 "Linux %s: device and CPU see different memory in %u of %u cases, "
			 "%u of them UNEXPECTED.",
			 release, bad, summary->cases, summary->unexpected);
}

/*
 * Without a loss: memory is the same only where it was compared by a detector that
 * works, up to the end, which is where "thpin repro" ends with status 0.
 */
static enum report_answer say_kept(const struct run *run, const struct run_summary *summary,
				   char *text, size_t size)
{
	const char *release = run->host->uts.release, *s = summary->cases == 1 ? "" : "s";
	unsigned in_sync = summary->verdicts[VERDICT_IN_SYNC];
	unsigned refused = summary->verdicts[VERDICT_REFUSED];
	unsigned errors = summary->verdicts[VERDICT_ERROR];
	unsigned compared = in_sync + summary->by_design;
	const char *were = compared == 1 ? "was" : "were";

	if (summary->detector_failed)
		snprintf(text, size,
			 "Linux %s: the detector FAILED: no control of %s lost anything, so that "
			 "nothing can be concluded from no loss in %u case%s.",
			 release, summary->blind_pin, summary->cases, s);
	else if (run->interrupted)
		snprintf(text, size,
			 "Linux %s: INTERRUPTED; no loss in the %u case%s before, of which %u %s "
			 "compared.",
			 release, summary->cases, s, compared, were);
	else if (!summary->cases)
		snprintf(text, size, "Linux %s: no case was run.", release);
	else if (errors)
		snprintf(text, size,
			 "Linux %s: thpin failed: %u error%s; no loss in %u case%s, of which %u "
			 "%s compared.",
			 release, errors, errors == 1 ? "" : "s", summary->cases, s, compared,
			 were);
	else if (!compared && !refused)
		snprintf(text, size, "Linux %s: in %u case%s nothing was compared.", release,
			 summary->cases, s);
	else if (!in_sync && !refused)
		snprintf(text, size,
			 "Linux %s: no loss in %u case%s but %u by design, and no other was "
			 "compared.",
			 release, summary->cases, s, compared);
	else if (!compared)
		snprintf(text, size, "Linux %s: no loss in %u case%s; %u refused by the kernel.",
			 release, summary->cases, s, refused);
	else
		snprintf(text, size, "Linux %s: no loss in %u case%s, of which %u %s compared.",
			 release, summary->cases, s, compared, were);
	return run_exit_code(run, summary, FAIL_ON_LOSS) || !(in_sync || refused) ? ANSWER_OPEN :
										    ANSWER_SAME;
}

enum report_answer report_headline(const struct report *report, char *text, size_t size)
{
	const struct run *run = report->run;
	const struct case_result *first;
	struct run_summary summary;
	unsigned bad = report_losses(run, &first);
	enum report_answer answer;

	/* Cases that are in sync say nothing of a process that is not. */
	if (run->inspection && !bad) {
		answer = report_inspected(report, text, size);
		if (answer == ANSWER_PARTED || !run->count)
			return answer;
	}
	run_summarize(run, &summary);
	if (!bad)
		return say_kept(run, &summary, text, size);
	say_lost(run, &summary, bad, first, text, size);
	return ANSWER_PARTED;
}
