// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/evidence.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "case/case.h"
#include "host/host.h"
#include "memory/memory.h"
#include "procfs/kmsg.h"
#include "procfs/pagemap.h"
#include "util/io.h"

void evidence_begin(struct evidence *evidence, const struct case_options *options,
		    const struct host *host, struct outcome *outcome)
{
	*evidence = (struct evidence){ .host = host, .outcome = outcome };
	if (options->counters)
		counters_open(&evidence->counters, options->counters, &outcome->counter_reason);
	evidence->kmsg = kmsg_open();
	evidence->kpageflags = host->pfn_visible ? open("/proc/kpageflags", O_RDONLY | O_CLOEXEC) :
						   -1;
	vmstat_open(&evidence->vmstat);
	vmstat_read(&evidence->vmstat, &evidence->start);
}

void evidence_ready(struct evidence *evidence)
{
	struct vmstat_sample now;

	evidence->start_exact = !vmstat_read_folded(&evidence->vmstat, &now);
	if (!evidence->start_exact)
		return;
	for (int i = VMSTAT_FOLL_PIN_ACQUIRED; i <= VMSTAT_FOLL_PIN_RELEASED; i++)
		evidence->start.value[i] = now.value[i];
}

void evidence_pinned(struct evidence *evidence, const struct region *region)
{
	struct outcome *outcome = evidence->outcome;
	struct vmstat_sample now, delta;
	int64_t acquired, released;

	if (!evidence->start_exact || vmstat_read_folded(&evidence->vmstat, &now))
		return;
	vmstat_delta(&evidence->start, &now, &delta);
	acquired = delta.value[VMSTAT_FOLL_PIN_ACQUIRED];
	released = delta.value[VMSTAT_FOLL_PIN_RELEASED];
	if (acquired < 0 || released < 0)
		return;
	/*
	 * Some are let go of at once, as io_uring keeps one pin of each folio. As many are
	 * when others on this machine let go of theirs meanwhile, or the kernel of what an
	 * earlier case had.
	 */
	if (acquired && acquired <= released)
		return;
	outcome->pins_acquired = acquired ? acquired - released : 0;
	/*
	 * No pin is FOLL_GET; but on-demand paging has no reference, and FOLL_PIN does
	 * not count the zero page since Linux 6.5 (c8070b787519).
	 */
	if (acquired)
		outcome->observed = PIN_OBSERVED_PIN;
	else if (outcome->pin_class != PIN_CLASS_ODP && region->ops->traits & MEMORY_WRITTEN)
		outcome->observed = PIN_OBSERVED_GET;
}

/* 1 when a PMD maps some of it, 0 when not, -1 when smaps cannot be read. */
static int8_t pmd_maps(const struct region *region)
{
	int64_t mapped = region_pmd_mapped(region);

	return (int8_t)(mapped < 0 ? -1 : mapped > 0);
}

static void describe(const struct evidence *evidence, uint64_t entry, struct watched_page *state)
{
	uint64_t flags;

	state->pfn = pagemap_pfn(entry);
	state->present = !!(entry & PM_PRESENT);
	state->swapped = pagemap_swapped(entry);
	state->exclusive = !!(entry & PM_EXCLUSIVE);
	if (state->pfn && !kpage_read_fd(evidence->kpageflags, state->pfn, 1, &flags))
		state->thp = flags >> KPF_THP & 1;
}

void evidence_before(struct evidence *evidence, const struct region *region, unsigned page)
{
	struct outcome *outcome = evidence->outcome;

	outcome->watched_page = page;
	evidence->entries = region_entries(region);
	if (evidence->entries)
		describe(evidence, evidence->entries[page], &outcome->before);
	outcome->before.pmd_mapped = pmd_maps(region);
}

/* The page events get their PFNs once both are known. */
static void complete_events(struct outcome *outcome, const uint64_t *was, const uint64_t *is)
{
	for (unsigned i = 0; i < outcome->events_used; i++) {
		struct event *event = &outcome->events[i];

		if (event->page < 0)
			continue;
		event->pfn_was = pagemap_pfn(was[event->page]);
		event->pfn_is = event->pins ? event->pfn_was : pagemap_pfn(is[event->page]);
	}
}

static enum span_state state_of(uint64_t entry)
{
	if (entry & PM_PRESENT)
		return entry & PM_EXCLUSIVE ? PAGE_STATE_EXCLUSIVE : PAGE_STATE_SHARED;
	return pagemap_swapped(entry) ? PAGE_STATE_SWAPPED : PAGE_STATE_ABSENT;
}

/* 1 when a page has another frame, 0 when the same, -1 when one of them is not known. */
static int8_t has_moved(uint64_t was, uint64_t is)
{
	uint64_t old = pagemap_pfn(was), new = pagemap_pfn(is);

	return (int8_t)(old && new ? old != new : -1);
}

static struct page_span span_of(uint32_t page, uint64_t was, uint64_t is)
{
	return (struct page_span){
		.first = page,
		.count = 1,
		.before = state_of(was),
		.after = state_of(is),
		.moved = has_moved(was, is),
	};
}

/* Races leave pages in few runs; what does not fit into the record is not known. */
static void note_spans(struct outcome *outcome, unsigned pages, const uint64_t *was,
		       const uint64_t *is)
{
	struct page_span *last = NULL;

	for (unsigned i = 0; i < pages; i++) {
		struct page_span next = span_of(i, was[i], is[i]);

		if (last && last->before == next.before && last->after == next.after &&
		    last->moved == next.moved) {
			last->count++;
		} else if (outcome->spans_used < PAGE_SPANS) {
			last = &outcome->spans[outcome->spans_used++];
			*last = next;
		} else if (last) {
			last->count += pages - i;
			last->before = last->after = PAGE_STATE_UNKNOWN;
			last->moved = -1;
			return;
		}
	}
}

void evidence_after(struct evidence *evidence, const struct region *region, unsigned page,
		    pid_t child)
{
	struct outcome *outcome = evidence->outcome;
	uint64_t *now = region_entries(region), entry;
	struct pagemap pagemap;

	outcome->after.pmd_mapped = pmd_maps(region);
	if (now && evidence->entries) {
		if (region->page[page])
			describe(evidence, now[page], &outcome->after);
		complete_events(outcome, evidence->entries, now);
		note_spans(outcome, region->pages, evidence->entries, now);
		if (evidence->host->pfn_visible)
			outcome->pfns_moved = 0;
		for (unsigned i = 0; evidence->host->pfn_visible && i < region->pages; i++)
			outcome->pfns_moved += region->page[i] &&
					       has_moved(evidence->entries[i], now[i]) == 1;
	}
	free(now);
	if (child && region->page[page] && !pagemap_open(&pagemap, child)) {
		if (!pagemap_read(&pagemap, (uintptr_t)region->page[page], 1, &entry))
			outcome->child_pfn = pagemap_pfn(entry);
		pagemap_close(&pagemap);
	}
}

void evidence_end(struct evidence *evidence)
{
	struct outcome *outcome = evidence->outcome;
	struct vmstat_sample now;
	int warnings;

	if (vmstat_read_folded(&evidence->vmstat, &now) >= 0)
		vmstat_delta(&evidence->start, &now, &outcome->vmstat);
	vmstat_close(&evidence->vmstat);
	close_fd(&evidence->kpageflags);
	warnings = kmsg_warnings(evidence->kmsg, outcome->kernel_warning,
				 sizeof(outcome->kernel_warning));
	outcome->kernel_warnings = warnings < 0 ? -1 : warnings;
	close_fd(&evidence->kmsg);
	if (evidence->counters.count) {
		outcome->counters = evidence->counters.count;
		counters_read(&evidence->counters, outcome->counter);
		for (unsigned i = 0; i < evidence->counters.count; i++) {
			if (!evidence->counters.reason[i].text[0])
				continue;
			outcome->counter_reason = evidence->counters.reason[i];
			break;
		}
		counters_close(&evidence->counters);
	}
	free(evidence->entries);
}
