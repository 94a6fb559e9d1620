// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/home.h"

#include <stdlib.h>

#include "host/host.h"
#include "inspect/compare.h"
#include "procfs/pagemap.h"

/* Reading which files the target has mapped. */
struct reading {
	struct search *search;
	struct member mapping; /* of struct file */
};

static int note_vma(const struct probe_vma *vma, void *context)
{
	struct reading *reading = context;
	struct search *search = reading->search;
	size_t count = search->file_vmas_count;
	const struct vma *known = maps_find(&search->inspection->vmas, vma->start);
	struct reason ignored;
	struct file_vma *more;
	uint64_t mapping;

	/* The offset of a VMA is known from maps, unless it has changed since. */
	if (!vma->file || !known || known->start != vma->start || known->end != vma->end ||
	    read_member(search->probe, vma->file, reading->mapping, &mapping, &ignored))
		return 0;
	if (!(count & (count - 1))) {
		more = reallocarray(search->file_vmas, count ? 2 * count : 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		search->file_vmas = more;
	}
	search->file_vmas[search->file_vmas_count++] = (struct file_vma){ known->start, known->end,
									  known->offset, mapping };
	return 0;
}

/* Once: there may be many pages to ask for, and walking VMAs is slow. */
static void read_file_vmas(struct search *search)
{
	struct reading reading = { .search = search };
	struct reason ignored;

	if (search->file_vmas)
		return;
	search->file_vmas = malloc(sizeof(*search->file_vmas));
	if (search->file_vmas &&
	    !types_member(&search->probe->types, "file.f_mapping", &reading.mapping))
		probe_vmas(search->probe, search->inspection->target.pid, note_vma, &reading,
			   &ignored);
}

int home_address(struct search *search, const struct page_state *state, uint64_t pfn,
		 uint64_t *address)
{
	uint64_t index = state->folio.index + pfn - state->folio.head;
	size_t page_size = search->inspection->host->page_size;
	uint64_t offset = index * page_size;

	if (state->folio.refcount <= 0 || !state->folio.mapping)
		return -ENOENT;
	if (state->folio.flags & FOLIO_ANON) {
		*address = offset;
		return maps_find(&search->inspection->vmas, offset) ? 0 : -ENOENT;
	}
	read_file_vmas(search);
	for (size_t i = 0; i < search->file_vmas_count; i++) {
		const struct file_vma *vma = &search->file_vmas[i];

		if (vma->mapping != state->folio.mapping || offset < vma->offset ||
		    offset - vma->offset >= vma->end - vma->start)
			continue;
		*address = vma->start + (offset - vma->offset);
		return 0;
	}
	return -ENOENT;
}

bool home_has(const struct search *search, uint64_t address, uint64_t pfn)
{
	uint64_t entry;

	return !pagemap_read(&search->inspection->target.pagemap, address, 1, &entry) &&
	       pagemap_pfn(entry) == pfn;
}

static int by_value(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

/* The value that comes most often; @values is sorted by it. */
static uint64_t majority(uint64_t *values, size_t count)
{
	size_t best = 0, run = 0;
	uint64_t winner = 0;

	qsort(values, count, sizeof(*values), by_value);
	for (size_t i = 0; i < count; i++) {
		run = i && values[i] == values[i - 1] ? run + 1 : 1;
		if (run > best) {
			best = run;
			winner = values[i];
		}
	}
	return winner;
}

/* More pages than this need not be asked where the first is. */
#define VOTES 64u

/* The address of the first page; 0: none of the pages is seen to be the target's. */
static uint64_t find_start(struct search *search, const uint64_t *pfns, size_t count)
{
	size_t step = count / VOTES + 1, page_size = search->inspection->host->page_size;
	uint64_t votes[VOTES];
	unsigned cast = 0;
	bool mapped = false;

	for (size_t i = 0; i < count && cast < VOTES; i += step) {
		struct page_state state;
		struct reason ignored;
		uint64_t address;

		if (!pfns[i] || probe_pages(search->probe, pfns[i], 1, &state, &ignored) ||
		    home_address(search, &state, pfns[i], &address) || address < i * page_size)
			continue;
		votes[cast++] = address - i * page_size;
		mapped |= home_has(search, address, pfns[i]);
	}
	return mapped ? majority(votes, cast) : 0;
}

int home_add_linear(struct search *search, enum holder_kind kind, enum pin_class class,
		    const struct probe_file *file, const uint64_t *pfns, size_t count,
		    struct reason *why)
{
	uint64_t start = find_start(search, pfns, count);
	struct holder *holder;

	if (!start)
		return 0;
	holder = holders_add(search, kind, file);
	if (!holder)
		return fail_errno(why, ENOMEM, "holders");
	holder->class = class;
	holder->confidence = CONFIDENCE_EXACT;
	holder->start = start;
	holder->end = start + count * search->inspection->host->page_size;
	return compare_pages(search->inspection, holder, pfns, why);
}
