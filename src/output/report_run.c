// SPDX-License-Identifier: GPL-2.0-or-later
/* Of a report: what was run, and how it ended. */
#include <stdlib.h>

#include "config.h"
#include "output/report_parts.h"
#include "output/words.h"

/* Of many cases it is long, which the text of one loss has no room for. */
static void print_command(const struct report *report)
{
	const char *command = report->run->command;
	char *shown = report_hide_command(report, command ? command : ""), *line = NULL;

	if (!shown || asprintf(&line, "thpin %s", shown) < 0)
		line = NULL;
	report_setting(report, "command", line);
	free(line);
	free(shown);
}

void report_run(const struct report *report)
{
	const struct run *run = report->run;
	struct run_summary summary;
	unsigned *verdicts = summary.verdicts;
	char counts[200] = "";
	size_t used = 0;

	run_summarize(run, &summary);
	/* As thpin repro counts: those by design are told apart. */
	verdicts[VERDICT_OUT_OF_SYNC] -= summary.by_design;
	report_head(report, "What was run");
	print_command(report);
	report_line(report, "version", "thpin %s, seed %llu, %u run%s a case",
		    run->version ? run->version : THPIN_VERSION,
		    (unsigned long long)run->options.seed, run->repeat,
		    run->repeat == 1 ? "" : "s");
	if (!run->count && run->inspection)
		return;
	for (unsigned i = 0; i < VERDICT_COUNT && used < sizeof(counts); i++)
		if (verdicts[i])
			used += (size_t)snprintf(counts + used, sizeof(counts) - used, ", %u %s",
						 verdicts[i], verdict_words((enum verdict)i));
	report_line(report, "result", "%u case%s%s, %u by design%s", summary.cases,
		    summary.cases == 1 ? "" : "s", counts, summary.by_design,
		    run->interrupted ? "; INTERRUPTED" : "");
	if (summary.detector_failed)
		report_line(report, "detector",
			    "FAILED: no control of %s lost anything; do not trust these results",
			    summary.blind_pin);
}
