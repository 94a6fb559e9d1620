/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_PROCFS_VMSTAT_H
#define THPIN_PROCFS_VMSTAT_H

#include <stddef.h>
#include <stdint.h>

/* The events of /proc/vmstat that explain a case; one list for all users. */
enum vmstat_item {
	VMSTAT_FOLL_PIN_ACQUIRED,
	VMSTAT_FOLL_PIN_RELEASED,
	VMSTAT_THP_FAULT_ALLOC,
	VMSTAT_THP_SPLIT_PMD,
	VMSTAT_THP_SPLIT_PAGE,
	VMSTAT_THP_SPLIT_PAGE_FAILED,
	VMSTAT_THP_COLLAPSE_ALLOC,
	VMSTAT_PSWPOUT,
	VMSTAT_PSWPIN,
	VMSTAT_PGMIGRATE_SUCCESS,
	VMSTAT_PGMIGRATE_FAIL,
	VMSTAT_COUNT,
};

struct vmstat_sample {
	int64_t value[VMSTAT_COUNT]; /* -1: this kernel has no such counter */
};

const char *vmstat_name(enum vmstat_item item); /* "nr_foll_pin_acquired" */

/* Pick the listed counters out of the text of /proc/vmstat. */
void vmstat_parse(const char *text, struct vmstat_sample *sample);

/* /proc/vmstat, kept open for who reads it several times. */
struct vmstat {
	int counters;
	int refresh; /* -1: this process may not */
};

/* Returns 0 or -errno. vmstat_close() what could not be opened is allowed. */
int vmstat_open(struct vmstat *vmstat);
void vmstat_close(struct vmstat *vmstat);

/*
 * Read it. Events are exact; what counts pages may lack what a CPU has not yet handed
 * in, a hundred or so (vm_event_states[], mm/vmstat.c). Returns 0 or -errno, with
 * every value -1.
 */
int vmstat_read(const struct vmstat *vmstat, struct vmstat_sample *sample);

/*
 * The same once each CPU has handed in what it has, by a write to
 * /proc/sys/vm/stat_refresh (root only; Documentation/admin-guide/sysctl/vm.rst).
 * Returns 0, or 1 when that could not be had, so that small deltas may be missing, or
 * -errno.
 */
int vmstat_read_folded(const struct vmstat *vmstat, struct vmstat_sample *sample);

/* after - before, -1 where either is unknown or the counter went back. */
void vmstat_delta(const struct vmstat_sample *before, const struct vmstat_sample *after,
		  struct vmstat_sample *delta);

#endif
