/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_WORDS_H
#define THPIN_OUTPUT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "case/run.h"
#include "output/output.h"

/* Words for what came of a run that more than one format needs. */

/* "0.083 % (95 % confidence)" of a bound like that; returns @text. */
char *rate_text(double rate, char *text, size_t size);

/* "lost write", "stale read and leak" ... */
const char *loss_words(const struct outcome *outcome);

/* "in sync", "OUT OF SYNC", "refused" ... */
const char *verdict_words(enum verdict verdict);

/* "FOLL_GET", "FOLL_PIN", NULL when vmstat did not tell. */
const char *observed_words(enum pin_observed observed);

/* "page 5" or "pages 5, 256-511, ...": what a loss hit; returns @text. */
char *ranges_text(const struct loss_record *loss, char *text, size_t size);

/* What the CPU, or whoever a leak reached, has instead: "zeros" ... */
const char *sees_words(enum sees sees);

/* Who it is that does not see a write, or to whom it leaked. */
enum actor loss_seen_by(const struct outcome *outcome, enum loss kind);

/* What that one does: "does not see the device write in page 5 (1 of 512 pages)"; returns @text. */
char *loss_seen_text(const struct outcome *outcome, enum loss kind, char *text, size_t size);

/* "dd dd aa aa" of @count bytes; returns @text, of 3 * @count bytes. */
char *hex_text(const unsigned char *bytes, unsigned count, char *text);

/* "5.9..6.5" (6.5 not included), "6.5..", "..5.18" or "all"; returns @text. */
char *kernels_text(const struct rule *rule, char *text, size_t size);

/* True when the kernel is one the rule is about. */
bool rule_covers(const struct rule *rule, const struct host *host);

/* The commits that may be printed: "" when they were never checked. */
const char *rule_commit(const struct rule *rule);

/* The title of that commit, or of the document that says so; "" likewise. */
const char *rule_title(const struct rule *rule);

/* "measured", "read in the kernel source" ... for sentences. */
const char *certainty_words(enum certainty certainty);

/*
 * "thpin repro NAME" with what else the case depends on, for a shell, without an end of
 * the line. @file: the path of --file as it may be shown, NULL: not known.
 */
void print_again(FILE *stream, const struct run *run, const struct case_result *result,
		 const char *file);

#endif
