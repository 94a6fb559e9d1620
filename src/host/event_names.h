/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_EVENT_NAMES_H
#define THPIN_HOST_EVENT_NAMES_H

#include "util/reason.h"

struct perf_event_attr;

/*
 * Loaded only when events are asked for: its tables are a megabyte of pointers, which
 * the dynamic linker relocates and each fork() would then copy the page tables of.
 */
#define LIBPFM "libpfm.so.4"

/*
 * What perf_event_open(2) takes for the events @names, NULL-terminated and named as
 * libpfm4 has them, into @attrs, which has room for @room. Returns how many, -EINVAL
 * for a name that libpfm does not know or for too many of them, -ENOTSUP without libpfm.
 */
int event_names_encode(const char *const *names, struct perf_event_attr *attrs, unsigned room,
		       struct reason *why);

#endif
