/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each character of fixture_plan stands for; only for fixture_run.h. */
#ifndef FIXTURE_OUTCOME_H
#define FIXTURE_OUTCOME_H

#include <stdio.h>
#include <string.h>

#define FIXTURE_PAGE 5u
#define FIXTURE_PFN 0x7d400u
#define FIXTURE_COPY 0x7f0cu

static void fixture_loss(struct outcome *outcome, enum loss kind, enum sees sees)
{
	struct loss_record *loss = &outcome->loss[kind];

	loss->pages = 1;
	loss->ranges_used = 1;
	loss->ranges[0] = (struct page_range){ FIXTURE_PAGE, 1 };
	loss->first_offset = FIXTURE_PAGE * 4096u + 2048u;
	loss->cpu_sees = sees;
	memset(loss->cpu, sees == SEES_CPU_WRITE ? 0xcc : 0xaa, SAMPLE_BYTES);
	memset(loss->device, kind == LOSS_WRITE ? 0xdd : 0xaa, SAMPLE_BYTES);
	if (sees == SEES_ZERO)
		memset(loss->cpu, 0, SAMPLE_BYTES);

	outcome->verdict = VERDICT_OUT_OF_SYNC;
	outcome->reason.text[0] = '\0';
	outcome->pages_lost = 1;
	outcome->first_lost_page = FIXTURE_PAGE;
	outcome->first_lost_offset = (int64_t)loss->first_offset;
	outcome->pfns_moved = 1;
	outcome->after.pfn = FIXTURE_COPY;
	outcome->after.pmd_mapped = 0;
	outcome->child_pfn = FIXTURE_PFN;
}

static void fixture_event(struct outcome *outcome, enum actor actor, bool page, const char *text)
{
	struct event *event = &outcome->events[outcome->events_used];

	*event = (struct event){ .actor = actor,
				 .ns = UINT64_C(1500) * outcome->events_used,
				 .page = -1 };
	if (page) {
		event->page = FIXTURE_PAGE;
		event->pfn_was = outcome->before.pfn;
		event->pins = !outcome->events_used; /* the first step pins */
		event->pfn_is = event->pins ? outcome->before.pfn : outcome->after.pfn;
	}
	snprintf(event->text, sizeof(event->text), "%s", text);
	outcome->events_used++;
}

static void fixture_leak(struct outcome *outcome, enum actor by, enum sees sees)
{
	struct loss_record *leak = &outcome->loss[LOSS_LEAK];

	leak->pages = 510;
	leak->ranges_used = 2;
	leak->ranges[0] = (struct page_range){ 0, 255 };
	leak->ranges[1] = (struct page_range){ 256, 255 };
	leak->first_offset = 16;
	leak->seen_by = by;
	leak->cpu_sees = sees;
	memset(leak->seen, sees == SEES_DEVICE_WRITE ? 0xdd : 0xcc, SAMPLE_BYTES);
	memset(leak->wanted, 0xaa, SAMPLE_BYTES);

	outcome->verdict = VERDICT_OUT_OF_SYNC;
	outcome->tested |= 1u << LOSS_LEAK;
	if (outcome->pages_lost)
		return;
	outcome->first_lost_page = 0;
	outcome->first_lost_offset = 16;
}

/* A discard of many pages, in more ranges than are recorded. */
static void fixture_ranges(struct outcome *outcome)
{
	struct loss_record *loss = &outcome->loss[LOSS_WRITE];

	for (unsigned i = 0; i < LOSS_RANGES; i++)
		loss->ranges[i] = (struct page_range){ FIXTURE_PAGE + 8 * i, 1 + i % 3 };
	loss->ranges_used = LOSS_RANGES;
	loss->pages = outcome->pages_lost = 256;
}

static void fixture_verdict(struct outcome *outcome, char cell, const struct case_id *id)
{
	static const char pageout[] = "pinned pages stay; 512 of 512 unpinned pages beside left";
	bool reads = id->pin->directions & DEVICE_READS;

	switch (cell) {
	case 'M':
		outcome->pfns_moved = 3;
		break;
	case 'L':
	case 'F':
	case '1':
		fixture_loss(outcome, LOSS_WRITE, SEES_OLD);
		break;
	case 'S':
		fixture_loss(outcome, LOSS_STALE, SEES_CPU_WRITE);
		break;
	case 'B':
		fixture_loss(outcome, LOSS_STALE, SEES_CPU_WRITE);
		fixture_loss(outcome, LOSS_WRITE, SEES_OTHER);
		fixture_ranges(outcome);
		outcome->kernel_warnings = 2;
		strcpy(outcome->kernel_warning, "WARNING: CPU: 0 PID: 4711 at mm/gup.c:29");
		break;
	case 'P':
		fixture_leak(outcome, ACTOR_CHILD, SEES_DEVICE_WRITE);
		break;
	case 'Q':
		fixture_loss(outcome, LOSS_WRITE, SEES_OLD);
		fixture_leak(outcome, ACTOR_CHILD, SEES_DEVICE_WRITE);
		break;
	case 'V':
		fixture_leak(outcome, ACTOR_DEVICE, SEES_CPU_WRITE);
		break;
	case 'D':
		fixture_loss(outcome, reads ? LOSS_STALE : LOSS_WRITE, SEES_ZERO);
		break;
	case 'R':
		outcome->verdict = VERDICT_REFUSED;
		fail(&outcome->reason, EAGAIN, "%s",
		     id->race->needs & MEMORY_COLLAPSIBLE ? "MADV_COLLAPSE: EAGAIN" : pageout);
		break;
	case 'N':
		outcome->verdict = VERDICT_NO_EFFECT;
		fail(&outcome->reason, ENODATA, "%s", "no page was swapped out");
		break;
	default:
		break;
	}
}

/* Cases that did not come to pinning anything, or whose worker was lost. */
static void fixture_reason(struct outcome *outcome, char cell, const struct case_id *id)
{
	bool error = cell == 'E';

	*outcome = (struct outcome){
		.verdict = error ? VERDICT_ERROR : VERDICT_SKIPPED,
		.first_lost_page = -1,
		.first_lost_offset = -1,
		.pins_acquired = -1,
		.pfns_moved = -1,
	};
	if (error)
		fail(&outcome->reason, EIO, "the worker was killed by signal 9 (Killed)");
	else if (!id->memory->probe(&fixture_host, &outcome->reason) &&
		 !id->pin->probe(&fixture_host, &outcome->reason))
		fail(&outcome->reason, ENODEV, "no swap space: --swap makes some");
}

static void fixture_seen(struct outcome *outcome, char cell, const struct case_id *id)
{
	bool get = id->pin->class(&fixture_host) == PIN_CLASS_GET;

	*outcome = (struct outcome){
		.pages = 512,
		.first_lost_page = -1,
		.first_lost_offset = -1,
		.pin_class = id->pin->class(&fixture_host),
		.observed = get ? PIN_OBSERVED_GET : PIN_OBSERVED_PIN,
		.pins_acquired = get ? 0 : 1,
		.held = true,
		.watched_page = FIXTURE_PAGE,
		.before = { FIXTURE_PFN, 1, 0, 1, 1, 1 },
		.after = { FIXTURE_PFN, 1, 0, 1, 1, 1 },
		.spans_used = 1,
		.spans = { { 0, 512, PAGE_STATE_EXCLUSIVE, PAGE_STATE_EXCLUSIVE, 0 } },
		.counters = 2,
		.counter = { 17, -1 },
		.counter_reason = { "perf::instructions: this machine has no PMU" },
	};
	if (id->pin->directions & DEVICE_WRITES)
		outcome->tested |= 1u << LOSS_WRITE;
	if (id->pin->directions & DEVICE_READS)
		outcome->tested |= 1u << LOSS_STALE;
	outcome->vmstat.value[VMSTAT_PGMIGRATE_FAIL] = -1;
	outcome->vmstat.value[VMSTAT_THP_SPLIT_PMD] = 1;

	fixture_verdict(outcome, cell, id);
	fixture_event(outcome, ACTOR_PARENT, true, "has 2048 KiB in flight: the device uses them");
	if (!strncmp(id->race->name, "fork", 4))
		fixture_event(outcome, ACTOR_PARENT, false,
			      "forks; the child maps the same memory");
	fixture_event(outcome, ACTOR_PARENT, true, "writes page 5");
	fixture_event(outcome, ACTOR_DEVICE, false,
		      id->pin->directions & DEVICE_READS ? "reads all 512 pages" :
							   "writes all 512 pages");
}

static void fixture_result(struct case_result *result, char cell, unsigned number)
{
	struct outcome *outcome = &result->outcome;

	result->ran = cell != '?';
	if (!result->ran)
		return;
	if (cell == 'K' || cell == 'E')
		fixture_reason(outcome, cell, &result->id);
	else
		fixture_seen(outcome, cell, &result->id);
	result->verdicts[outcome->verdict] = cell == 'F' ? 3 : 1;
	result->verdicts[VERDICT_IN_SYNC] += cell == 'F' ? 17 : 0;
	result->trials = cell == 'F' ? 20 :
			 cell == '0' ? 3600 :
			 cell == '1' ? 181 :
			 cell == '2' ? 2 :
				       1;
	result->trials_lost = outcome->verdict == VERDICT_OUT_OF_SYNC;
	if (cell == 'F')
		result->trials_lost = 3;
	outcome->ns = result->ns = 1000000 + number * 1234;
}

static inline void fixture_make(struct fixture *fixture)
{
	size_t count = 0;

	*fixture = (struct fixture){ 0 };
	for (size_t row = 0; row < FIXTURE_ROWS; row++) {
		for (size_t pin = 0; pin < FIXTURE_PINS; pin++) {
			struct case_result *result = &fixture->results[count];
			int rule = fixture_plan[row].rule;

			result->id.pin = &fixture_pins[pin];
			result->id.memory = &fixture_memory[fixture_plan[row].memory];
			result->id.race = &fixture_races[fixture_plan[row].race];
			result->rule = rule < 0 ? NULL : &fixture_rules[rule];
			fixture_result(result, fixture_plan[row].cells[pin], (unsigned)count++);
		}
	}
	for (size_t pin = 0; pin < 2; pin++) {
		struct case_result *result = &fixture->results[count++];

		result->id.pin = &fixture_pins[pin];
		result->id.memory = &fixture_memory[FIXTURE_BASE];
		result->id.race = &fixture_races[FIXTURE_DONTNEED];
		result->rule = &fixture_rules[FIXTURE_RULE_DISCARD];
		result->control = true;
		fixture_result(result, 'D', 0);
	}
	fixture->run = (struct run){
		.host = &fixture_host,
		.options = { .size = 2 << 20,
			     .seed = 7,
			     .timeout_ms = 10000,
			     .counters = fixture_counters },
		.results = fixture->results,
		.count = count,
		.repeat = 1,
		.ns = 900000000,
		.interrupted = true,
		.command = "repro --seed=7",
	};
}

static inline void fixture_finish(struct fixture *fixture)
{
	fixture->run.interrupted = false;
	for (size_t i = 0; i < fixture->run.count; i++) {
		if (!fixture->results[i].ran)
			fixture_result(&fixture->results[i], '=', 0);
	}
}

#endif
