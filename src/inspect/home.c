// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/home.h"

#include <stdlib.h>

#include "host/host.h"
#include "inspect/compare.h"
#include "procfs/pagemap.h"

/* Looking for the VMA of the target that maps a page of a file. */
struct file_search {
	struct search *search;
	struct member mapping; /* of struct file */
	uint64_t wanted;       /* address_space */
	uint64_t offset;       /* bytes in the file */
	uint64_t address;      /* found, 0: not */
};

static int look_at_vma(const struct probe_vma *vma, void *context)
{
	struct file_search *files = context;
	struct search *search = files->search;
	const struct vma *known = maps_find(&search->inspection->vmas, vma->start);
	struct reason ignored;
	uint64_t mapping;

	/* The offset of a VMA is known from maps, unless it has changed since. */
	if (!vma->file || !known || known->start != vma->start || known->end != vma->end ||
	    files->offset < known->offset ||
	    files->offset - known->offset >= known->end - known->start ||
	    read_member(search->probe, vma->file, files->mapping, &mapping, &ignored) ||
	    mapping != files->wanted)
		return 0;
	files->address = known->start + (files->offset - known->offset);
	return 1;
}

int home_address(struct search *search, const struct page_state *state, uint64_t pfn,
		 uint64_t *address)
{
	uint64_t index = state->folio.index + pfn - state->folio.head;
	size_t page_size = search->inspection->host->page_size;
	struct file_search files = {
		.search = search,
		.wanted = state->folio.mapping,
		.offset = index * page_size,
	};
	struct reason ignored;

	if (state->folio.refcount <= 0 || !state->folio.mapping)
		return -ENOENT;
	if (state->folio.flags & FOLIO_ANON) {
		*address = index * page_size;
		return maps_find(&search->inspection->vmas, *address) ? 0 : -ENOENT;
	}
	if (types_member(&search->probe->types, "file.f_mapping", &files.mapping) ||
	    probe_vmas(search->probe, search->inspection->target.pid, look_at_vma, &files,
		       &ignored) < 0 ||
	    !files.address)
		return -ENOENT;
	*address = files.address;
	return 0;
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
