// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * NUMA balancing makes memory inaccessible to see who uses it, and gives access back
 * when it is used (Documentation/admin-guide/sysctl/kernel.rst, numa_balancing).
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "procfs/pagemap.h"
#include "races/control.h"
#include "util/io.h"

#define BALANCING "/proc/sys/kernel/numa_balancing"

/* What is looked at at a time (numa_balancing_scan_size_mb), of which others have a part. */
#define SCAN_SIZE (UINT64_C(256) << 20)
#define REGION_MAX (SCAN_SIZE / 4)

static int hint_probe(const struct host *host, struct reason *why)
{
	(void)host;
	if (access(BALANCING, F_OK))
		return fail(why, ENOTSUP,
			    "this kernel has no NUMA balancing (CONFIG_NUMA_BALANCING)");
	if (access(BALANCING, W_OK))
		return fail_errno(why, errno, "cannot write to " BALANCING " (needs root)");
	return 0;
}

/*
 * Soon and often; where these settings are (sysctl, debugfs since 5.13) varies. The
 * delay counts from a fork() on, of time and of CPU time used, with its value then
 * (init_numa_balancing(), kernel/sched/fair.c): a second of each, unless it is set
 * before there is a worker.
 */
static int hasten(struct guardian *guardian, struct reason *why)
{
	static const char *const settings[][2] = {
		/* Not yet, where it is on: smaps of 6.1 does not know THPs that are scanned. */
		{ BALANCING, "0" },
		{ "/proc/sys/kernel/numa_balancing_scan_delay_ms", "10" },
		{ "/proc/sys/kernel/numa_balancing_scan_period_min_ms", "10" },
		{ "/sys/kernel/debug/sched/numa_balancing/scan_delay_ms", "10" },
		{ "/sys/kernel/debug/sched/numa_balancing/scan_period_min_ms", "10" },
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!access(settings[i][0], W_OK))
			err = guardian_set(guardian, settings[i][0], settings[i][1], why);
	return err;
}

/* Memory of one thread that runs on its node is left alone: so there is a second. */
static void *idle(void *context)
{
	(void)context;
	for (;;)
		pause();
	return NULL;
}

/* Hinting faults of the whole machine, since it was booted; -1: not known. */
static int64_t hint_faults(void)
{
	static const char name[] = "\nnuma_hint_faults ";
	int64_t count = -1;
	char *text, *line;

	if (read_text("/proc/vmstat", &text, NULL))
		return -1;
	line = strstr(text, name);
	if (line)
		count = strtoll(line + strlen(name), NULL, 10);
	free(text);
	return count;
}

/* Minor faults of this thread so far. */
static long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

/* Of this thread so far. */
static double cpu_seconds(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/*
 * Read a word of each page, which is a fault where the scan has been. The faults
 * of this thread: all of the memory is there, so there is no other reason. The
 * addresses are read before, as the scan does not spare the heap.
 */
static long touch(const struct region *region)
{
	long before;

	for (unsigned i = 0; i < region->pages; i++)
		(void)*(unsigned char *volatile *)&region->page[i];
	before = minor_faults();
	for (unsigned i = 0; i < region->pages; i++)
		(void)*(volatile uint64_t *)region->page[i];
	return minor_faults() - before;
}

/*
 * Fewer are those of a stray page of the program. One fault can give back all of
 * a large folio (numa_rebuild_large_mapping(), mm/memory.c).
 */
static long at_least(const struct region *region)
{
	return region->ops->traits & MEMORY_SMALL ? ((long)region->pages + 3) / 4 : 1;
}

/*
 * What a round shows of scans: pages of the program fault after one as well, as the
 * canary does, a page of the heap. Faults without one are of other making: where a page
 * was on its way to another frame, for example.
 */
struct round {
	bool scanned; /* there was one since the round before */
	bool torn;    /* and while something was touched: what that shows says nothing */
};

static bool canary_faults(const unsigned char *canary)
{
	long before = minor_faults();

	(void)*(const volatile unsigned char *)canary;
	return minor_faults() != before;
}

/* touch(), but 0 when a scan ran meanwhile. */
static long touch_in_round(const struct region *region, const unsigned char *canary,
			   struct round *round)
{
	bool meanwhile;
	long faults;

	round->scanned |= canary_faults(canary);
	faults = touch(region);
	meanwhile = canary_faults(canary);
	round->scanned |= meanwhile;
	round->torn |= meanwhile;
	return meanwhile ? 0 : faults;
}

/*
 * The kernel scans a task that has used some CPU time, as it does here, until the
 * first scan is seen. That goes through both regions at once: they lie side by side,
 * and it looks at SCAN_SIZE in the order of addresses; only later ones go by what
 * each VMA was used for, and when (task_numa_work(), vma_is_accessed()). It mostly comes
 * while nothing is touched, and shows in both in the next round; or between the two, and
 * shows in the pinned region a round earlier. One while either is touched says nothing.
 */
static void use(struct race *race, const unsigned char *canary, long *pinned, long *beside)
{
	uint64_t now = clock_ns(), deadline = now + race_patience(race);
	struct round round = { .scanned = false }, before;
	long last = 0;

	while (now < deadline) {
		uint64_t until = now + 5000000;
		long region;

		before = round;
		round = (struct round){ .scanned = false };
		*beside = touch_in_round(&race->control, canary, &round);
		region = touch_in_round(race->region, canary, &round);
		*pinned = region > last ? region : last;
		if ((before.scanned || round.scanned) && *beside >= at_least(&race->control) &&
		    (*pinned >= at_least(race->region) || !(before.torn || round.torn)))
			return;
		last = round.scanned ? region : 0;
		while (now < until)
			now = clock_ns();
	}
	/* What the last round has is of no scan, or of half of one. */
	*pinned = *beside = 0;
}

static int before_hint(struct race *race, struct reason *why)
{
	unsigned traits = race->region->ops->traits, kind = traits & (MEMORY_LARGE | MEMORY_PMD);

	if (race->region->size > REGION_MAX)
		return fail(why, ENOTSUP,
			    "NUMA balancing does not look at so much at a time (needs a --size of at most %d MiB)",
			    (int)(REGION_MAX >> 20));
	/* vma_policy_mof(), mm/mempolicy.c: what the policy of the file says, which has none. */
	if (traits & MEMORY_MEMFD)
		return fail(why, ENOTSUP,
			    "NUMA balancing leaves memory of a memfd alone, which has no NUMA policy");

	/* The scan left alone what has more than one reference; one a mapping here. */
	if (kind == MEMORY_LARGE && race->host->kernel < KERNEL(6, 10))
		return fail(why, ENOTSUP,
			    "NUMA balancing leaves THPs mapped by PTEs alone before Linux 6.10");
	if (race->region->fd >= 0 && traits & MEMORY_PRIVATE && race->host->kernel < KERNEL(6, 10))
		return fail(why, ENOTSUP,
			    "NUMA balancing leaves pages of a file in private mappings alone before Linux 6.10");
	return control_make(race, why);
}

/*
 * The swap cache has a reference of its own to a page that was read from swap, and
 * keeps some of them; the first of a THP it does even when it lets go of the others.
 */
static bool in_swap_cache(const struct region *region)
{
	uint64_t flags;

	return !kpage_flags_at(region->page[region->pages / 2], &flags) &&
	       flags >> KPF_SWAPCACHE & 1;
}

static int balance(struct race *race, const unsigned char *canary, struct reason *why)
{
	int64_t faults = hint_faults();
	long pinned, beside;
	pthread_t thread;
	int err;

	if (faults < 0)
		return fail(why, ENOTSUP, "/proc/vmstat has no numa_hint_faults");
	err = pthread_create(&thread, NULL, idle, NULL);
	if (err)
		return fail_errno(why, err, "pthread_create");
	pthread_detach(thread);
	/* What is not there for another reason would be taken for the scan's work. */
	touch(&race->control);
	touch(race->region);
	if (race->host->kernel < KERNEL(6, 10) && in_swap_cache(&race->control))
		return fail(why, ENOTSUP,
			    "NUMA balancing leaves pages of the swap cache alone before Linux 6.10");
	/* Not before: each VMA would be scanned at times of its own. */
	err = guardian_set(race->guardian, BALANCING, "1", why);
	if (err)
		return err;
	use(race, canary, &pinned, &beside);
	faults = hint_faults() - faults;
	outcome_event(race->outcome, ACTOR_KERNEL,
		      "NUMA balancing: %ld hinting faults in pinned memory, %ld beside", pinned,
		      beside);
	race_write_pages(race, 0, race->region->pages);
	if (!faults || beside < at_least(&race->control)) {
		fail(why, ETIMEDOUT,
		     "NUMA balancing did not scan within %.1f s, of which this got %.1f s of CPU time, and may need one (--timeout)",
		     (double)race_patience(race) / 1e9, cpu_seconds());
		return RACE_NO_EFFECT;
	}
	if (pinned >= at_least(race->region))
		return RACE_DONE;
	fail(why, EBUSY, "no hinting fault in pinned memory; %ld in unpinned beside", beside);
	return RACE_REFUSED;
}

static int numa_hint(struct race *race, struct reason *why)
{
	unsigned char *canary = aligned_alloc(race->region->page_size, race->region->page_size);
	int effect;

	if (!canary)
		return fail_errno(why, ENOMEM, "a page");
	*canary = 1;
	effect = balance(race, canary, why);
	free(canary);
	return effect;
}

const struct race_ops race_numa_hint = {
	.name = "numa-hint",
	.family = "protect",
	.help = "NUMA balancing takes access away and gives it back, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_DIVISIBLE | MEMORY_WRITTEN,
	.probe = hint_probe,
	.before_worker = hasten,
	.before_pin = before_hint,
	.run = numa_hint,
};
