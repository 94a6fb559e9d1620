/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run that never was, with at least one of everything that the output layer
 * can show. It has pins, memory and races of its own, so that the program's can
 * change without changing what is tested here.
 */
#ifndef FIXTURE_RUN_H
#define FIXTURE_RUN_H

#include "case/run.h"
#include "host/host.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "races/races.h"

static inline enum pin_class fixture_get(const struct host *host)
{
	(void)host;
	return PIN_CLASS_GET;
}

static inline enum pin_class fixture_longterm(const struct host *host)
{
	(void)host;
	return PIN_CLASS_LONGTERM;
}

static inline int fixture_here(const struct host *host, struct reason *why)
{
	(void)host;
	(void)why;
	return 0;
}

static inline int fixture_no_loop(const struct host *host, struct reason *why)
{
	(void)host;
	return fail(why, EPERM, "a loop device needs root");
}

static inline int fixture_no_hugetlb(const struct host *host, struct reason *why)
{
	(void)host;
	return fail(why, ENOMEM, "no free huge page: echo 2 >/proc/sys/vm/nr_hugepages");
}

static const struct pin_ops fixture_pins[] = {
	{ .name = "odirect-read",
	  .help = "O_DIRECT read of a FUSE file, unanswered until the device writes",
	  .held_by = "an O_DIRECT read in flight",
	  .directions = DEVICE_WRITES,
	  .write_pin = true,
	  .class = fixture_get,
	  .probe = fixture_here },
	{ .name = "odirect-write",
	  .help = "O_DIRECT write to a FUSE file, fetched when the device reads",
	  .held_by = "an O_DIRECT write in flight",
	  .directions = DEVICE_READS,
	  .class = fixture_get,
	  .probe = fixture_here },
	{ .name = "odirect-block",
	  .help = "O_DIRECT read of a loop device over a held FUSE file",
	  .held_by = "an O_DIRECT read of a block device in flight",
	  .directions = DEVICE_WRITES,
	  .write_pin = true,
	  .class = fixture_get,
	  .probe = fixture_no_loop },
	{ .name = "uring-fixed",
	  .help = "io_uring registered buffer",
	  .held_by = "an io_uring registered buffer",
	  .directions = DEVICE_WRITES | DEVICE_READS,
	  .write_pin = true,
	  .class = fixture_longterm,
	  .probe = fixture_here },
	{ .name = "vmsplice",
	  .help = "vmsplice(2) into a pipe; reading the pipe is the device read",
	  .held_by = "a pipe, by vmsplice",
	  .directions = DEVICE_READS,
	  .class = fixture_get,
	  .probe = fixture_here },
};

#define FIXTURE_PINS (sizeof(fixture_pins) / sizeof(fixture_pins[0]))

enum { FIXTURE_THP, FIXTURE_BASE, FIXTURE_HUGETLB, FIXTURE_HUGETLB_1G };

static const struct memory_ops fixture_memory[] = {
	[FIXTURE_THP] = { .name = "thp",
			  .help = "one PMD-mapped 2 MiB anonymous THP",
			  .traits = MEMORY_PMD | MEMORY_DIVISIBLE,
			  .probe = fixture_here },
	[FIXTURE_BASE] = { .name = "base",
			   .help = "anonymous base pages",
			   .traits = MEMORY_COLLAPSIBLE | MEMORY_DIVISIBLE,
			   .probe = fixture_here },
	[FIXTURE_HUGETLB] = { .name = "hugetlb-2m",
			      .help = "one hugetlb page of 2 MiB",
			      .probe = fixture_no_hugetlb },
	[FIXTURE_HUGETLB_1G] = { .name = "hugetlb-1g",
				 .help = "one hugetlb page of 1 GiB",
				 .probe = fixture_no_hugetlb },
};

#define FIXTURE_MEMORY (sizeof(fixture_memory) / sizeof(fixture_memory[0]))

enum {
	FIXTURE_NONE,
	FIXTURE_PARENT_WRITE,
	FIXTURE_CHILD_EXIT,
	FIXTURE_DONTFORK,
	FIXTURE_HALF_RORW,
	FIXTURE_COLLAPSE,
	FIXTURE_PAGEOUT,
	FIXTURE_DONTNEED,
	FIXTURE_THREADS,
};

static const struct race_ops fixture_races[] = {
	[FIXTURE_NONE] = { .name = "none", .family = "none", .help = "nothing happens" },
	[FIXTURE_PARENT_WRITE] = { .name = "fork-parent-write",
				   .family = "fork",
				   .help = "fork, then the parent writes" },
	[FIXTURE_CHILD_EXIT] = { .name = "fork-child-exit",
				 .family = "fork",
				 .help = "fork, the child exits, then the parent writes" },
	[FIXTURE_DONTFORK] = { .name = "fork-dontfork",
			       .family = "fork",
			       .help = "MADV_DONTFORK, fork, then the parent writes" },
	[FIXTURE_HALF_RORW] = { .name = "mprotect-half-rorw",
				.family = "protect",
				.help = "mprotect half read-only and back, write all" },
	[FIXTURE_COLLAPSE] = { .name = "collapse",
			       .family = "move",
			       .help = "MADV_COLLAPSE, write all",
			       .needs = MEMORY_COLLAPSIBLE },
	[FIXTURE_PAGEOUT] = { .name = "pageout",
			      .family = "reclaim",
			      .help = "MADV_PAGEOUT, write all" },
	[FIXTURE_DONTNEED] = { .name = "dontneed-page",
			       .family = "replace",
			       .help = "MADV_DONTNEED one page, write all" },
	[FIXTURE_THREADS] = { .name = "fork-threads",
			      .family = "threads",
			      .help = "fork while other threads do I/O",
			      .level = LEVEL_STATISTICAL,
			      .statistical = BY_TAKE },
};

#define FIXTURE_RACES (sizeof(fixture_races) / sizeof(fixture_races[0]))

enum { FIXTURE_RULE_DISCARD, FIXTURE_RULE_GET_FORK, FIXTURE_RULE_EXCLUSIVE, FIXTURE_RULE_PIN };

static const struct rule fixture_rules[] = {
	[FIXTURE_RULE_DISCARD] = { .id = "discard",
				   .classes = 7,
				   .access = RULE_ANY_PIN,
				   .races = "dontneed-* remap-fixed",
				   .expectation = EXPECT_BY_DESIGN,
				   .certainty = CERTAIN_MEASURED,
				   .commit = "",
				   .title = "madvise(2), MADV_DONTNEED",
				   .mechanism = "A pin keeps the page, not the mapping.",
				   .remedy = "Do not discard memory that a device uses." },
	[FIXTURE_RULE_GET_FORK] = { .id = "get-fork",
				    .classes = 1u << PIN_CLASS_GET,
				    .access = RULE_ANY_PIN,
				    .races = "fork-parent-write fork-child-exit",
				    .from = KERNEL(5, 9),
				    .expectation = EXPECT_HAZARD,
				    .certainty = CERTAIN_MEASURED,
				    .commit = "09854ba94c6a",
				    .title = "mm: do_wp_page() simplification",
				    .mechanism =
					    "fork() shares the page copy-on-write; the parent's first write gets a "
					    "copy, while the device keeps the page that now is the child's.",
				    .remedy =
					    "madvise(MADV_DONTFORK) on the buffer, or MAP_SHARED memory." },
	[FIXTURE_RULE_EXCLUSIVE] = { .id = "wp-exclusive",
				     .classes = 7,
				     .access = RULE_ANY_PIN,
				     .races = "mprotect-half-rorw",
				     .from = KERNEL(5, 19),
				     .expectation = EXPECT_PROMISED,
				     .certainty = CERTAIN_SOURCE,
				     .commit = "6c287605fd56",
				     .title = "mm: remember exclusively mapped anonymous pages with PG_anon_exclusive",
				     .mechanism =
					     "A page known to be exclusive is always reused at a write fault.",
				     .remedy = "" },
	[FIXTURE_RULE_PIN] = { .id = "pin-fork-old",
			       .classes = 1u << PIN_CLASS_PIN | 1u << PIN_CLASS_LONGTERM,
			       .access = RULE_ANY_PIN,
			       .memory = "thp",
			       .races = "fork-*",
			       .from = KERNEL(5, 6),
			       .to = KERNEL(5, 9),
			       .expectation = EXPECT_HAZARD,
			       .certainty = CERTAIN_RECALLED,
			       .commit = "70e806e4e645",
			       .title = "a commit that must not be shown",
			       .mechanism = "fork() treats a pin like any reference.",
			       .remedy = "" },
};

#define FIXTURE_RULES (sizeof(fixture_rules) / sizeof(fixture_rules[0]))

static const char *const fixture_counters[] = { "perf::page-faults", "perf::instructions", NULL };

static const struct host fixture_host = {
	.uts = { .sysname = "Linux",
		 .release = "6.1.0-56-amd64",
		 .version = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-1",
		 .machine = "x86_64" },
	.kernel = KERNEL(6, 1) | 192,
	.page_size = 4096,
	.thp_size = 2 << 20,
	.pmd_size = 2 << 20,
	.thp_mode = "madvise",
	.admin = true,
	.pfn_visible = true,
	.nodes = 1,
	.memory_kb = 2 << 20,
	.cpus = 2,
};

/*
 * What came of each case, a character a pin:
 *	=  in sync		L  lost write		R  refused
 *	S  stale read		B  both			N  no effect
 *	D  lost by design	F  lost in 3 of 20	K  skipped
 *	M  in sync, PFN moved	E  error		?  not reached
 *	0  in sync in 3600	1  lost in 1 of 181	2  in sync in 2
 *	P  leak			Q  lost write and leak	V  leak to the device
 */
static const struct {
	unsigned memory;
	unsigned race;
	int rule; /* of fixture_rules, -1: none */
	const char *cells;
} fixture_plan[] = {
	{ FIXTURE_THP, FIXTURE_NONE, -1, "==K==" },
	{ FIXTURE_THP, FIXTURE_PARENT_WRITE, FIXTURE_RULE_GET_FORK, "QSK=S" },
	{ FIXTURE_THP, FIXTURE_CHILD_EXIT, FIXTURE_RULE_GET_FORK, "LSKPV" },
	{ FIXTURE_THP, FIXTURE_DONTFORK, -1, "==KB=" },
	{ FIXTURE_THP, FIXTURE_HALF_RORW, FIXTURE_RULE_EXCLUSIVE, "==K=S" },
	{ FIXTURE_THP, FIXTURE_COLLAPSE, -1, "RRKRR" },
	{ FIXTURE_THP, FIXTURE_PAGEOUT, -1, "RRKN=" },
	{ FIXTURE_THP, FIXTURE_DONTNEED, FIXTURE_RULE_DISCARD, "DDKDD" },
	{ FIXTURE_BASE, FIXTURE_NONE, -1, "==KM=" },
	{ FIXTURE_BASE, FIXTURE_PARENT_WRITE, FIXTURE_RULE_GET_FORK, "FSKES" },
	{ FIXTURE_BASE, FIXTURE_PAGEOUT, -1, "KKKKK" },
	{ FIXTURE_BASE, FIXTURE_DONTFORK, -1, "=EK=?" },
	{ FIXTURE_BASE, FIXTURE_THREADS, FIXTURE_RULE_GET_FORK, "10K20" },
	{ FIXTURE_HUGETLB, FIXTURE_NONE, -1, "KKKKK" },
	{ FIXTURE_HUGETLB_1G, FIXTURE_NONE, -1, "KKKKK" },
};

#define FIXTURE_ROWS (sizeof(fixture_plan) / sizeof(fixture_plan[0]))
#define FIXTURE_CASES (FIXTURE_ROWS * FIXTURE_PINS + 2)

struct fixture {
	struct run run;
	struct case_result results[FIXTURE_CASES];
};

/* Fill @fixture with the run of the plan and two controls. */
static inline void fixture_make(struct fixture *fixture);

/* As if the run had not been interrupted. */
static inline void fixture_finish(struct fixture *fixture);

#include "fixture_outcome.h"

#endif
