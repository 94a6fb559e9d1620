// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/home.h"

#include <stdlib.h>

#include "host/host.h"
#include "inspect/compare.h"
#include "procfs/pagemap.h"

struct reading {
	struct search *search;
	struct member mapping; /* of struct file */
};

static int note_vma(const struct probe_vma *vma, void *context)
{
	struct reading *reading = context;
	struct search *search = reading->search;
	size_t count = search->vmas_count;
	struct home_vma *more;
	struct reason ignored;
	uint64_t mapping = 0;

	if (vma->file)
		read_member(search->probe, vma->file, reading->mapping, &mapping, &ignored);
	if (!mapping && !vma->anon_vma)
		return 0;
	if (!(count & (count - 1))) {
		more = reallocarray(search->vmas, count ? 2 * count : 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		search->vmas = more;
	}
	search->vmas[search->vmas_count++] = (struct home_vma){
		vma->start, vma->end, vma->page_offset, vma->anon_offset, vma->anon_vma, mapping,
	};
	return 0;
}

/* Once: there may be many pages to ask for, and walking VMAs is slow. */
static void read_vmas(struct search *search)
{
	struct reading reading = { .search = search };
	struct reason ignored;

	if (search->vmas)
		return;
	search->vmas = malloc(sizeof(*search->vmas));
	if (search->vmas &&
	    !types_member(&search->probe->types, "file.f_mapping", &reading.mapping))
		probe_vmas(search->probe, search->inspection->target.pid, note_vma, &reading,
			   &ignored);
}

/* In pages. That of a hugetlb folio counts huge pages until 6.6 (a08c7193e4f1). */
static uint64_t page_index(const struct search *search, const struct folio *folio, uint64_t pfn)
{
	uint64_t index = folio->index;

	if (folio->flags & FOLIO_HUGETLB && search->inspection->host->kernel < KERNEL(6, 7))
		index <<= folio->order;
	return index + pfn - folio->head;
}

int home_address(struct search *search, const struct page_state *state, uint64_t pfn,
		 uint64_t *address)
{
	const struct folio *folio = &state->folio;
	size_t page_size = search->inspection->host->page_size;
	bool anon = folio->flags & FOLIO_ANON;
	uint64_t index = page_index(search, folio, pfn);
	int found = -ENOENT;

	if (folio->refcount <= 0 || !folio->mapping)
		return -ENOENT;
	read_vmas(search);
	for (size_t i = 0; i < search->vmas_count; i++) {
		const struct home_vma *vma = &search->vmas[i];
		uint64_t begin = anon ? vma->anon_offset : vma->page_offset;
		uint64_t offset = (index - begin) * page_size;
		bool own = folio->mapping == (anon ? vma->anon_vma : vma->mapping);

		if (index < begin || offset >= vma->end - vma->start)
			continue;
		/* Where it is mapped is better than where it may have been. */
		if ((own || anon) && home_has(search, vma->start + offset, pfn)) {
			*address = vma->start + offset;
			return 0;
		}
		/*
		 * A child may map a large folio alone that still is on the lists of its
		 * parent (wp_can_reuse_anon_folio(), mm/memory.c).
		 */
		if (anon && !search->own && state->mapcount > 0)
			own = false;
		if (own && found)
			*address = vma->start + offset;
		if (own)
			found = 0;
	}
	return found;
}

/* The VMA that contains @address, NULL: none that has pages of a file or of its own. */
static const struct home_vma *find_vma(struct search *search, uint64_t address)
{
	size_t low = 0, high;

	read_vmas(search);
	high = search->vmas_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (search->vmas[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low < search->vmas_count && search->vmas[low].start <= address ? &search->vmas[low] :
										NULL;
}

bool home_is_cached(struct search *search, const struct page_state *state, uint64_t pfn,
		    uint64_t address)
{
	const struct home_vma *vma = find_vma(search, address);
	const struct folio *folio = &state->folio;
	size_t page_size = search->inspection->host->page_size;

	return vma && vma->mapping && folio->refcount > 0 && folio->flags & FOLIO_CACHE &&
	       folio->mapping == vma->mapping &&
	       page_index(search, folio, pfn) ==
		       vma->page_offset + (address - vma->start) / page_size;
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

/* The address of the first page, as each @step-th says; 0: none of them is the target's. */
static uint64_t ask_pages(struct search *search, const uint64_t *pfns, size_t count, size_t step)
{
	size_t page_size = search->inspection->host->page_size;
	uint64_t votes[VOTES];
	unsigned cast = 0;

	for (size_t i = 0; i < count && cast < VOTES; i += step) {
		struct page_state state;
		struct reason ignored;
		uint64_t address;

		if (!pfns[i] || probe_pages(search->probe, pfns[i], 1, &state, &ignored) ||
		    home_address(search, &state, pfns[i], &address) || address < i * page_size)
			continue;
		votes[cast++] = address - i * page_size;
	}
	return cast ? majority(votes, cast) : 0;
}

/* Of a file of the target's every page is asked before it is said to be nowhere. */
static uint64_t find_start(struct search *search, const uint64_t *pfns, size_t count)
{
	size_t step = count / VOTES + 1;
	uint64_t start = ask_pages(search, pfns, count, step);

	return start || !search->own || step == 1 ? start : ask_pages(search, pfns, count, 1);
}

/*
 * A file of the target's has pages that nobody else has any more, and no place is known
 * of them: their file has given them up, or their VMA is gone.
 */
static bool is_nowhere(const struct search *search, const uint64_t *pfns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct page_state state;
		struct reason ignored;

		if (!search->own || pfns[i] == PFN_UNKNOWN ||
		    probe_pages(search->probe, pfns[i], 1, &state, &ignored) ||
		    state.folio.refcount <= 0 || state.mapcount > 0 ||
		    state.folio.flags & FOLIO_CACHE)
			return false;
	}
	return true;
}

int home_add_linear(struct search *search, enum holder_kind kind, enum pin_class class,
		    const struct probe_file *file, const uint64_t *pfns, size_t count,
		    struct reason *why)
{
	uint64_t start = find_start(search, pfns, count);
	struct holder *holder;

	if (!start && !is_nowhere(search, pfns, count))
		return 0;
	holder = holders_add(search, kind, file);
	if (!holder)
		return fail_errno(why, ENOMEM, "holders");
	holder->class = class;
	holder->confidence = CONFIDENCE_EXACT;
	holder->start = start;
	holder->end = start + count * search->inspection->host->page_size;
	if (!start)
		return compare_nowhere(holder, pfns, count), 0;
	return compare_pages(search, holder, pfns, why);
}
