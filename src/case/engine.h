/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_ENGINE_H
#define THPIN_CASE_ENGINE_H

#include "case/run.h"

/* Called before each case with how many are done of how many. */
typedef void engine_progress(void *context, size_t done, size_t total, const char *name);

/*
 * Run the planned cases of @run, each in a process of its own, one after the
 * other, and fill in what came of them. SIGINT and SIGTERM end the run after
 * the current case is cleaned up; run->interrupted says so. Returns 0 or
 * -errno when nothing could be run.
 */
int engine_run(struct run *run, engine_progress *progress, void *context, struct reason *why);

#endif
