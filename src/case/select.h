/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_SELECT_H
#define THPIN_CASE_SELECT_H

#include <stddef.h>

#include "case/case.h"

/* What was asked for; lists are NULL-terminated, NULL: everything. */
struct selection {
	const char *const *names; /* globs of PIN/MEMORY/RACE */
	const char *pins;         /* comma-separated globs */
	const char *memory;
	const char *races;
	bool all;      /* not the default set: everything that is not to be named */
	bool controls; /* see add_controls() */
};

/*
 * Whether any case of these was asked for; NULL: whichever. Names and globs that fit
 * nothing ask for nothing. Controls are not looked at.
 */
bool selects_any(const struct selection *selection, const struct pin_ops *pin,
		 const struct memory_ops *memory, const struct race_ops *race);

/*
 * Plan the cases: every combination that was asked for, in the order of the
 * tables, races fastest. Without names, combinations that cannot apply are left
 * out. *results is to be freed by the caller. Returns 0, or -EINVAL with the
 * nearest name when a name or glob fits nothing.
 */
int select_cases(const struct selection *selection, const struct host *host,
		 struct case_result **results, size_t *count, struct reason *why);

/*
 * Add a control to the end of @results, which select_cases() has made, for every pin and
 * memory of them that lack one: they have no case by design whose loss can be counted
 * on, or it was skipped, and others that are to be run, or are in sync.
 */
void add_controls(struct case_result *results, size_t *count, const struct host *host);

/*
 * Make @result the quickest control of its pin and memory; where it has a race, the
 * next one after that. False: there is none, and @result is as it was.
 */
bool plan_control(struct case_result *result, const struct host *host);

/* The same pin and memory: a control of the one is one of the other. */
bool same_place(const struct case_id *one, const struct case_id *other);

#endif
