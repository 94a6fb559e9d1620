// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/compare.h"

#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "inspect/home.h"
#include "procfs/pagemap.h"

/* Pages compared together. */
#define PIECE 4096u

struct comparison {
	const struct inspection *inspection;
	struct search *search; /* NULL: the holder's page frames are not known */
	struct holder *holder;
	struct reason *why;
	uint64_t *before, *after; /* pagemap entries, PIECE each */
	int *told;                /* of each page, -1: not known, or not mapped */
	unsigned char *pinned_bytes, *mapped_bytes;
};

static int add_page(struct comparison *comparison, uint64_t address, enum sync sync, int content)
{
	struct holder *holder = comparison->holder;
	size_t page = comparison->inspection->host->page_size;
	struct sync_span *last, *more;

	holder->pages[sync]++;
	holder->content_different += content == 0;
	if (sync != SYNC_IN && sync != SYNC_UNKNOWN && !holder->first_bad)
		holder->first_bad = address;
	if (holder->spans_count) {
		last = &holder->spans[holder->spans_count - 1];
		if (last->sync == sync && last->content == content &&
		    last->address + last->pages * page == address) {
			last->pages++;
			return 0;
		}
	}
	if (!(holder->spans_count & (holder->spans_count - 1))) {
		size_t room = holder->spans_count ? 2 * holder->spans_count : 1;

		more = reallocarray(holder->spans, room, sizeof(*more));
		if (!more)
			return fail_errno(comparison->why, ENOMEM, "spans");
		holder->spans = more;
	}
	holder->spans[holder->spans_count++] = (struct sync_span){ address, 1, sync, content };
	return 0;
}

/* 1 equal, 0 different, -1 when they cannot be read. */
static int compare_content(struct comparison *comparison, uint64_t pinned, uint64_t mapped)
{
	struct probe *probe = comparison->inspection->probe;
	size_t page = comparison->inspection->host->page_size;
	struct reason ignored;

	if (probe_read_page(probe, pinned, 0, comparison->pinned_bytes, page, &ignored) ||
	    probe_read_page(probe, mapped, 0, comparison->mapped_bytes, page, &ignored))
		return -1;
	return !memcmp(comparison->pinned_bytes, comparison->mapped_bytes, page);
}

/* On which NUMA node a page is that the holder has. */
static void add_node(struct comparison *comparison, uint64_t pfn)
{
	const struct inspection *inspection = comparison->inspection;
	struct holder *holder = comparison->holder;
	int node = zoneinfo_node(&inspection->nodes, pfn);
	uint64_t near = holder->device_node < 0         ? inspection->near :
			holder->device_node < NODES_MAX ? UINT64_C(1) << holder->device_node :
							  0;

	if (node < 0)
		return;
	holder->nodes |= UINT64_C(1) << node;
	holder->far += !(near >> node & 1);
}

/* What a page table entry says of a page that the holder has as @pfn. */
static enum sync judge(uint64_t entry, uint64_t pfn)
{
	if (pagemap_swapped(entry))
		return SYNC_SWAPPED;
	if (!(entry & PM_PRESENT))
		return SYNC_UNMAPPED;
	/* Hidden page frames read as zero, and zero is equal to nothing. */
	if (!pagemap_pfn(entry))
		return SYNC_UNKNOWN;
	return pagemap_pfn(entry) == pfn ? SYNC_IN : SYNC_OUT;
}

/* Whether a page that is not mapped is that of the file which would be mapped there. */
static bool is_cached(const struct comparison *comparison, uint64_t address, uint64_t pfn)
{
	struct page_state state;
	struct reason ignored;

	return !probe_pages(comparison->inspection->probe, pfn, 1, &state, &ignored) &&
	       home_is_cached(comparison->search, &state, pfn, address);
}

/*
 * What is swapped out comes back as another page than the holder's, unless that one
 * is what the swap cache has: a page that is held stays there.
 */
static bool is_apart(const struct comparison *comparison, uint64_t pfn)
{
	struct page_state state;
	struct reason ignored;

	return !probe_pages(comparison->inspection->probe, pfn, 1, &state, &ignored) &&
	       state.folio.refcount > 0 && !(state.folio.flags & FOLIO_SWAPCACHE);
}

static bool moved(uint64_t before, uint64_t after)
{
	const uint64_t where = PM_PRESENT | PM_SWAP | PM_PFN_MASK;

	return (before & where) != (after & where);
}

static int read_entries(const struct comparison *comparison, uint64_t address, size_t count,
			uint64_t *entries)
{
	const struct target *target = &comparison->inspection->target;
	int err = pagemap_read(&target->pagemap, address, count, entries);

	return err ? fail_errno(comparison->why, -err, "/proc/%d/pagemap", (int)target->pid) : 0;
}

/* Fill comparison->told with what @note says of the pages that are mapped. */
static int ask(struct comparison *comparison, size_t count, page_state_fn *note)
{
	struct probe *probe = comparison->inspection->probe;
	uint64_t *pfns = calloc(count, sizeof(*pfns));
	int err = 0;

	if (!pfns)
		return fail_errno(comparison->why, ENOMEM, "comparison");
	for (size_t i = 0; i < count; i++) {
		uint64_t entry = comparison->after[i];

		comparison->told[i] = -1;
		if (judge(entry, pagemap_pfn(entry)) == SYNC_IN)
			pfns[i] = pagemap_pfn(entry);
	}
	/* Where no page state can be read, of no page it is known. */
	if (probe_reads(probe))
		err = probe_page_list(probe, pfns, count, note, comparison->told, comparison->why);
	free(pfns);
	return err;
}

static int note_pinned(size_t index, const struct page_state *state, void *context)
{
	int *told = context;

	/* The zero page is not counted for everybody who has it (873aefb376bb). */
	if (state->folio.refcount >= 0 && !(state->folio.flags & FOLIO_RESERVED))
		told[index] = folio_pins(&state->folio).pins > 0;
	return 0;
}

static int note_shared(size_t index, const struct page_state *state, void *context)
{
	int *told = context;

	if (state->folio.refcount >= 0)
		told[index] = state->mapcount > 1;
	return 0;
}

/*
 * What is mapped once, but is not known to be exclusive, as after the end of a child that
 * shared it, is copied for as long as there are other references (wp_can_reuse_anon_folio(),
 * mm/memory.c). What FOLL_PIN takes is exclusive, and a hugetlb page is reused.
 */
static int note_copied(size_t index, const struct page_state *state, void *context)
{
	const struct folio *folio = &state->folio;
	bool exclusive = state->exclusive || (folio->whole > 0 && folio->flags & FOLIO_EXCLUSIVE);
	int *told = context;

	note_shared(index, state, context);
	if (told[index] == 0)
		told[index] = folio->flags & FOLIO_ANON && !(folio->flags & FOLIO_HUGETLB) &&
			      !exclusive;
	return 0;
}

/* Bit 56 of all pages of a PMD is that of the first on some kernels since 6.15. */
static bool exclusive_known(const struct comparison *comparison, uint64_t start, uint64_t end)
{
	const struct inspection *inspection = comparison->inspection;
	const struct vma_list *vmas = &inspection->vmas;

	if (inspection->host->kernel < KERNEL(6, 15))
		return true;
	for (size_t i = maps_first(vmas, start); i < vmas->count && vmas->vmas[i].start < end; i++)
		if (inspection->vma_totals[i].kind[KIND_THP_PMD])
			return false;
	return true;
}

/* Of a file that is mapped privately the next write gets a copy. */
static bool is_shared(const struct comparison *comparison, uint64_t address, uint64_t entry,
		      int told)
{
	const struct vma *vma = maps_find(&comparison->inspection->vmas, address);

	if (!vma || !(entry & PM_PRESENT))
		return false;
	if (entry & PM_FILE)
		return vma->flags & VMA_WRITE && !(vma->flags & VMA_SHARED);
	return told < 0 || vma->flags & VMA_HUGETLB ? !(entry & PM_EXCLUSIVE) : told;
}

static int ask_shared(struct comparison *comparison, uint64_t address, size_t count)
{
	const struct inspection *inspection = comparison->inspection;

	if (comparison->holder->class == PIN_CLASS_GET && inspection->probe->pages.bit_exclusive)
		return ask(comparison, count, note_copied);
	if (!exclusive_known(comparison, address, address + count * inspection->host->page_size))
		return ask(comparison, count, note_shared);
	return 0;
}

static int compare_piece(struct comparison *comparison, uint64_t address, const uint64_t *pfns,
			 size_t count)
{
	uint64_t page = comparison->inspection->host->page_size;
	int err = read_entries(comparison, address, count, comparison->after);

	memset(comparison->told, -1, count * sizeof(*comparison->told));
	if (!err)
		err = ask_shared(comparison, address, count);
	for (size_t i = 0; !err && i < count; i++) {
		uint64_t entry = comparison->after[i];
		enum sync sync = judge(entry, pfns[i]);
		int content = -1;

		if (pfns[i] == PFN_NONE)
			continue;
		if (sync == SYNC_UNMAPPED && is_cached(comparison, address + i * page, pfns[i]))
			sync = SYNC_IN;
		if (moved(comparison->before[i], entry))
			sync = SYNC_UNKNOWN;
		if (sync == SYNC_IN)
			comparison->holder->shared += is_shared(comparison, address + i * page,
								entry, comparison->told[i]);
		if (sync == SYNC_OUT)
			content = compare_content(comparison, pfns[i], pagemap_pfn(entry));
		if (sync == SYNC_SWAPPED)
			comparison->holder->swapped_apart += is_apart(comparison, pfns[i]);
		add_node(comparison, pfns[i]);
		err = add_page(comparison, address + i * page, sync, content);
	}
	return err;
}

/* What a file has stays what it has, mapped or not; whether it still does is not known. */
static bool may_be_cached(const struct comparison *comparison, uint64_t address)
{
	const struct vma *vma = maps_find(&comparison->inspection->vmas, address);

	return vma && vma->flags & VMA_SHARED;
}

static int absence_piece(struct comparison *comparison, uint64_t address, size_t count)
{
	uint64_t page = comparison->inspection->host->page_size;
	int err = read_entries(comparison, address, count, comparison->after);

	if (!err)
		err = ask(comparison, count, note_pinned);
	for (size_t i = 0; !err && i < count; i++) {
		uint64_t entry = comparison->after[i];
		enum sync sync = judge(entry, pagemap_pfn(entry));
		int pinned = comparison->told[i];

		if (sync == SYNC_IN && pinned != 1)
			sync = pinned ? SYNC_UNKNOWN : SYNC_OUT;
		if (sync == SYNC_IN)
			add_node(comparison, pagemap_pfn(entry));
		if (sync == SYNC_UNMAPPED && may_be_cached(comparison, address + i * page))
			sync = SYNC_UNKNOWN;
		if (moved(comparison->before[i], entry))
			sync = SYNC_UNKNOWN;
		err = add_page(comparison, address + i * page, sync, -1);
	}
	return err;
}

static int compare(const struct inspection *inspection, struct search *search,
		   struct holder *holder, const uint64_t *pfns, struct reason *why)
{
	size_t page = inspection->host->page_size;
	struct comparison comparison = {
		.inspection = inspection,
		.search = search,
		.holder = holder,
		.why = why,
		.before = malloc(PIECE * sizeof(uint64_t)),
		.after = malloc(PIECE * sizeof(uint64_t)),
		.told = malloc(PIECE * sizeof(int)),
		.pinned_bytes = malloc(page),
		.mapped_bytes = malloc(page),
	};
	size_t pages = (holder->end - holder->start) / page;
	int err = 0;

	if (!comparison.before || !comparison.after || !comparison.told ||
	    !comparison.pinned_bytes || !comparison.mapped_bytes)
		err = fail_errno(why, ENOMEM, "comparison");
	for (size_t first = 0; !err && first < pages; first += PIECE) {
		size_t count = pages - first < PIECE ? pages - first : PIECE;
		uint64_t address = holder->start + first * page;

		err = read_entries(&comparison, address, count, comparison.before);
		if (!err)
			err = pfns ? compare_piece(&comparison, address, pfns + first, count) :
				     absence_piece(&comparison, address, count);
	}
	free(comparison.before);
	free(comparison.after);
	free(comparison.told);
	free(comparison.pinned_bytes);
	free(comparison.mapped_bytes);
	return err;
}

/* FNV-1a */
static uint64_t sign(const uint64_t *pfns, size_t count)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ pfns[i]) * UINT64_C(0x100000001b3);
	return hash;
}

int compare_pages(struct search *search, struct holder *holder, const uint64_t *pfns,
		  struct reason *why)
{
	const struct inspection *inspection = search->inspection;

	holder->signature = sign(pfns, (holder->end - holder->start) / inspection->host->page_size);
	return compare(inspection, search, holder, pfns, why);
}

void compare_nowhere(struct holder *holder, const uint64_t *pfns, size_t count, bool known)
{
	holder->signature = sign(pfns, count);
	holder->pages[known ? SYNC_UNMAPPED : SYNC_UNKNOWN] = count;
}

int compare_absence(const struct inspection *inspection, struct holder *holder, struct reason *why)
{
	return compare(inspection, NULL, holder, NULL, why);
}
