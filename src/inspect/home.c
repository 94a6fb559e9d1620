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

/*
 * All places where the target has page @pfn mapped, up to @most: a file may be mapped
 * several times. Where there is none, that where it was. Returns how many.
 */
static size_t home_addresses(struct search *search, const struct page_state *state, uint64_t pfn,
			     uint64_t *addresses, size_t most)
{
	const struct folio *folio = &state->folio;
	size_t page_size = search->inspection->host->page_size, mapped = 0;
	bool anon = folio->flags & FOLIO_ANON, found = false;
	uint64_t index = page_index(search, folio, pfn);

	if (folio->refcount <= 0 || !folio->mapping)
		return 0;
	read_vmas(search);
	for (size_t i = 0; i < search->vmas_count && mapped < most; i++) {
		const struct home_vma *vma = &search->vmas[i];
		uint64_t begin = anon ? vma->anon_offset : vma->page_offset;
		uint64_t offset = (index - begin) * page_size;
		bool own = folio->mapping == (anon ? vma->anon_vma : vma->mapping);

		if (index < begin || offset >= vma->end - vma->start)
			continue;
		/* Where it is mapped is better than where it may have been. */
		if ((own || anon) && home_has(search, vma->start + offset, pfn)) {
			addresses[mapped++] = vma->start + offset;
			continue;
		}
		/*
		 * A child may map a large folio alone that still is on the lists of its
		 * parent (wp_can_reuse_anon_folio(), mm/memory.c).
		 */
		if (!own || mapped || found || (anon && !search->own && state->mapcount > 0))
			continue;
		addresses[0] = vma->start + offset;
		found = true;
	}
	return mapped ? mapped : found;
}

int home_address(struct search *search, const struct page_state *state, uint64_t pfn,
		 uint64_t *address)
{
	return home_addresses(search, state, pfn, address, 1) ? 0 : -ENOENT;
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

/* More pages than this need not be asked where the first is, nor for more places each. */
#define VOTES 64u
#define PLACES 8u

/* The address of the first page, as each @step-th says; 0: none of them is the target's. */
static uint64_t ask_pages(struct search *search, const uint64_t *pfns, size_t count, size_t step)
{
	size_t page_size = search->inspection->host->page_size, cast = 0;
	uint64_t votes[VOTES * PLACES], places[PLACES];

	for (size_t i = 0; i < count && cast + PLACES <= sizeof(votes) / sizeof(votes[0]);
	     i += step) {
		struct page_state state;
		struct reason ignored;
		size_t found;

		if (!pfns[i] || probe_pages(search->probe, pfns[i], 1, &state, &ignored))
			continue;
		found = home_addresses(search, &state, pfns[i], places, PLACES);
		for (size_t j = 0; j < found; j++)
			if (places[j] >= i * page_size)
				votes[cast++] = places[j] - i * page_size;
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

static int add(struct search *search, enum holder_kind kind, const struct probe_file *file,
	       uint64_t start, size_t count, struct holder **holder, struct reason *why)
{
	*holder = holders_add(search, kind, file);
	if (!*holder)
		return fail_errno(why, ENOMEM, "holders");
	(*holder)->class = PIN_CLASS_LONGTERM;
	(*holder)->confidence = CONFIDENCE_EXACT;
	(*holder)->start = start;
	(*holder)->end = start + count * search->inspection->host->page_size;
	return 0;
}

struct sharing {
	const struct search *search;
	uint64_t object;
};

static int is_others(const struct probe_file *file, void *context)
{
	const struct sharing *sharing = context;

	return file->private_data == sharing->object &&
	       file->tgid != sharing->search->inspection->target.pid;
}

int home_add_linear(struct search *search, enum holder_kind kind, const struct probe_file *file,
		    const uint64_t *pfns, size_t count, struct reason *why)
{
	struct sharing sharing = { search, file->private_data };
	uint64_t start = find_start(search, pfns, count);
	struct holder *holder;
	int err;

	if (!start && !is_nowhere(search, pfns, count))
		return 0;
	err = add(search, kind, file, start, count, &holder, why);
	if (err)
		return err;
	if (start)
		return compare_pages(search, holder, pfns, why);
	/* Where another process has the file as well, the pages may have been of that one. */
	err = probe_files(search->probe, 0, is_others, &sharing, why);
	if (err < 0)
		return err;
	compare_nowhere(holder, pfns, count, !err);
	return 0;
}

/* The pages from @first on that lie side by side, of which one at least has a home. */
static size_t measure_piece(const uint64_t *homes, size_t first, size_t count, size_t page_size,
			    uint64_t *start)
{
	size_t next = first;

	*start = 0;
	for (; next < count; next++) {
		uint64_t expected = *start + (next - first) * page_size;

		if (!homes[next])
			continue;
		if (*start && homes[next] != expected)
			break;
		if (!*start)
			*start = homes[next] - (next - first) * page_size;
	}
	return next - first;
}

static int add_pieces(struct search *search, enum holder_kind kind, const struct probe_file *file,
		      const uint64_t *pfns, const uint64_t *homes, size_t count, struct reason *why)
{
	size_t page_size = search->inspection->host->page_size, length;
	int err = 0;

	for (size_t first = 0; !err && first < count; first += length) {
		struct holder *holder;
		uint64_t start;

		length = measure_piece(homes, first, count, page_size, &start);
		if (!start)
			break;
		err = add(search, kind, file, start, length, &holder, why);
		if (!err)
			err = compare_pages(search, holder, pfns + first, why);
	}
	return err;
}

/* Of page @pfn, which is mostly at @likely, 0: not known. Returns 0 when it has none. */
static uint64_t find_home(struct search *search, uint64_t pfn, uint64_t likely)
{
	struct page_state state;
	struct reason ignored;
	uint64_t home;

	if (!pfn)
		return 0;
	if (likely && home_has(search, likely, pfn))
		return likely;
	if (probe_pages(search->probe, pfn, 1, &state, &ignored) ||
	    home_address(search, &state, pfn, &home))
		return 0;
	return home;
}

int home_add_pieces(struct search *search, enum holder_kind kind, const struct probe_file *file,
		    const uint64_t *pfns, size_t count, struct reason *why)
{
	size_t page_size = search->inspection->host->page_size;
	uint64_t *homes = calloc(count, sizeof(*homes));
	int err;

	if (!homes)
		return fail_errno(why, ENOMEM, "%zu pages", count);
	for (size_t i = 0; i < count; i++)
		homes[i] = find_home(search, pfns[i],
				     i && homes[i - 1] ? homes[i - 1] + page_size : 0);
	err = add_pieces(search, kind, file, pfns, homes, count, why);
	free(homes);
	return err;
}
