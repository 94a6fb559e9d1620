/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_CASE_OUTCOME_H
#define THPIN_CASE_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "procfs/vmstat.h"
#include "util/reason.h"

/* What was found; only bytes compared both ways make the first two. */
enum verdict {
	VERDICT_IN_SYNC,
	VERDICT_OUT_OF_SYNC,
	VERDICT_REFUSED,   /* the kernel refused the race; bytes still agree */
	VERDICT_NO_EFFECT, /* the race did not happen; bytes still agree */
	VERDICT_SKIPPED,   /* cannot run here; outcome.reason says why */
	VERDICT_ERROR,     /* thpin failed; outcome.reason says why */
	VERDICT_COUNT,
};

/*
 * The two ways in which DMA view and CPU view part, and the one in which data
 * gets where it must not: fork() promised another process a copy.
 */
enum loss {
	LOSS_WRITE, /* the device wrote, the CPU does not see it */
	LOSS_STALE, /* the device reads other bytes than the CPU sees */
	LOSS_LEAK,  /* a process sees what was written after the fork, by another */
	LOSS_COUNT,
};

/* How a pin holds its pages (Documentation/core-api/pin_user_pages.rst). */
enum pin_class {
	PIN_CLASS_GET,      /* FOLL_GET: a plain page reference */
	PIN_CLASS_PIN,      /* FOLL_PIN, for the time of one I/O */
	PIN_CLASS_LONGTERM, /* FOLL_PIN | FOLL_LONGTERM */
	PIN_CLASS_ODP,      /* on-demand paging: follows the page tables, pins nothing */
	PIN_CLASS_COUNT,
};

/* Which kind of reference vmstat shows while the pin is held. */
enum pin_observed { PIN_OBSERVED_UNKNOWN, PIN_OBSERVED_GET, PIN_OBSERVED_PIN };

/* Unknown PFN: no CAP_SYS_ADMIN, or the page is not present. */
#define PFN_UNKNOWN 0

struct page_range {
	uint32_t first; /* index of a page in the region */
	uint32_t count;
};

#define LOSS_RANGES 16
#define SAMPLE_BYTES 16

/* What the CPU has where bytes were lost; what is seen where they leaked. */
enum sees {
	SEES_OLD,
	SEES_ZERO,
	SEES_CPU_WRITE,
	SEES_OTHER,
	SEES_DEVICE_WRITE,
	SEES_CHILD_WRITE,
	SEES_COUNT,
};

enum actor { ACTOR_PARENT, ACTOR_CHILD, ACTOR_DEVICE, ACTOR_KERNEL, ACTOR_PAGE };

/* One kind of loss in one case. */
struct loss_record {
	uint32_t pages;       /* pages lost, 0: no such loss */
	uint32_t ranges_used; /* entries of ranges; the last may leave pages out */
	struct page_range ranges[LOSS_RANGES];
	uint64_t first_offset;        /* bytes from the start of the region */
	enum sees cpu_sees;           /* at first_offset; of a leak: what is seen */
	uint8_t cpu[SAMPLE_BYTES];    /* bytes at first_offset, through the page tables */
	uint8_t device[SAMPLE_BYTES]; /* bytes at first_offset, as the device has them */
	enum actor seen_by;           /* of a leak: who sees the bytes in seen ... */
	uint8_t seen[SAMPLE_BYTES];
	uint8_t wanted[SAMPLE_BYTES]; /* ... and not these, from before the fork */
};

/* One step of a case in words, in the order in which it happened. */
struct event {
	enum actor actor;
	uint64_t ns;      /* since the first event */
	bool pins;        /* at this step the page was pinned: it is still the first one */
	int32_t page;     /* the page the PFNs are of, -1: none */
	uint64_t pfn_was; /* PFN_UNKNOWN: not known */
	uint64_t pfn_is;
	char text[104];
};

#define EVENTS 16

/* The state of one page, or of the region, at one moment; -1: not known. */
struct watched_page {
	uint64_t pfn;
	int8_t present;
	int8_t swapped;
	int8_t exclusive;  /* pagemap bit 56 */
	int8_t thp;        /* kpageflags bit 22 */
	int8_t pmd_mapped; /* the whole region, by smaps AnonHugePages */
};

/* What the process has of a page at one moment, by /proc/PID/pagemap. */
enum span_state {
	PAGE_STATE_UNKNOWN,
	PAGE_STATE_ABSENT,    /* neither mapped nor swapped out */
	PAGE_STATE_SWAPPED,   /* or migrating */
	PAGE_STATE_SHARED,    /* others have it mapped, too */
	PAGE_STATE_EXCLUSIVE, /* pagemap bit 56: mapped here and nowhere else */
	PAGE_STATE_COUNT,
};

/* Pages one after the other that were alike when pinned, and are after the race. */
struct page_span {
	uint32_t first;
	uint32_t count;
	enum span_state before, after;
	int8_t moved; /* the PFN is another one; -1: not known */
};

#define PAGE_SPANS 32

#define WARNING_TEXT 160
#define COUNTERS_MAX 8

/*
 * One case as its worker saw it: fixed size, so that a worker killed halfway
 * can be told from one that finished by the length of its record.
 */
struct outcome {
	enum verdict verdict;
	struct reason reason;
	bool timed_out; /* of an error: killed when its time was over */
	struct loss_record loss[LOSS_COUNT];

	uint32_t pages;          /* pages compared */
	uint32_t sample_of;      /* of a slow device: pages these were chosen of, 0: all */
	uint32_t pages_lost;     /* pages whose views part; those leaked do not count */
	int32_t first_lost_page; /* -1: none; with nothing but a leak, its first */
	int64_t first_lost_offset;
	uint32_t tested; /* bit per enum loss: this direction was compared */

	enum pin_class pin_class; /* as the rules of this kernel have it */
	enum pin_observed observed;
	int64_t pins_acquired;        /* vmstat pins while held, -1: not known */
	bool held;                    /* until the race was over; else raced */
	uint32_t trials, trials_lost; /* of a statistical race, else 0 */

	struct watched_page before, after; /* of the watched page */
	uint32_t watched_page;
	int32_t pfns_moved;  /* pages whose PFN changed, -1: not known */
	uint32_t spans_used; /* 0: the pages were not looked at, or not both times */
	struct page_span spans[PAGE_SPANS];
	uint64_t child_pfn;          /* the watched page in the child */
	struct vmstat_sample vmstat; /* deltas over the case */

	int32_t kernel_warnings;           /* new in /dev/kmsg, -1: it cannot be read */
	char kernel_warning[WARNING_TEXT]; /* the first */

	uint32_t counters;             /* entries used */
	int64_t counter[COUNTERS_MAX]; /* -1: not counted */
	struct reason counter_reason;  /* why the first of those is not */

	uint64_t began_ns; /* CLOCK_MONOTONIC of the first event */
	uint32_t events_used;
	struct event events[EVENTS];
	uint64_t ns; /* time of the whole case, filled by the parent */
};

const char *verdict_name(enum verdict verdict);   /* "in-sync" */
const char *loss_name(enum loss loss);            /* "lost-write" */
const char *pin_class_name(enum pin_class class); /* "longterm" */
const char *sees_name(enum sees sees);            /* "old", "zero", "cpu-write" ... */
const char *actor_name(enum actor actor);
const char *span_state_name(enum span_state state); /* "exclusive" */

/* True when the bytes of at least one direction were compared, or looked for. */
bool outcome_compared(const struct outcome *outcome);

/* Nothing known yet. */
void outcome_init(struct outcome *outcome, enum pin_class class);

/*
 * Add a step; once the record is full the last one is replaced. Times count
 * from the first call on this outcome. Returns the event, never NULL.
 */
struct event *outcome_event(struct outcome *outcome, enum actor actor, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
