// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the pages of a process are: its pagemap for where, the kernel's struct
 * pages for what. The flags and counts of /proc/kpageflags and /proc/kpagecount
 * cost ten times as much a page and say nothing about pins.
 */
#include "inspect/scan.h"

#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "inspect/probe/probe.h"
#include "procfs/extents.h"
#include "procfs/zoneinfo.h"

/* One scan. */
struct scan {
	struct scanner *scanner;
	const struct target *target;
	const struct vma *vma;
	page_run_fn *each;
	void *context;
	struct reason *why;
	struct page_run run; /* not yet given to each(), pages 0: none */
};

static int flush(struct scan *scan)
{
	int err = scan->run.pages ? scan->each(&scan->run, scan->vma, scan->context) : 0;

	scan->run.pages = 0;
	return err;
}

static int emit(struct scan *scan, const struct page_run *run)
{
	struct page_run *last = &scan->run;
	size_t page_size = scan->scanner->host->page_size;
	int err;

	if (last->pages && last->kind == run->kind && last->order == run->order &&
	    last->flags == run->flags && last->node == run->node &&
	    last->folio_offset == run->folio_offset &&
	    last->address + last->pages * page_size == run->address) {
		last->pages += run->pages;
		return 0;
	}
	err = flush(scan);
	*last = *run;
	return err;
}

static unsigned backing(const struct folio *folio)
{
	if (folio->flags & FOLIO_ANON)
		return RUN_ANON;
	return folio->flags & FOLIO_SWAPBACKED ? RUN_SHMEM : RUN_FILE;
}

/* The huge zero page is a folio of no file and of nobody, whose mappings are not counted. */
static bool is_huge_zero(const struct folio *folio, unsigned pmd_order)
{
	const unsigned someones = FOLIO_ANON | FOLIO_CACHE | FOLIO_LRU | FOLIO_HUGETLB;

	return folio->order && folio->order == pmd_order && !folio->mapping &&
	       !(folio->flags & someones) && folio->mapcount <= 0;
}

static enum page_kind classify(const struct folio *folio, unsigned pmd_order, bool huge)
{
	if (folio->flags & FOLIO_RESERVED && !(folio->flags & FOLIO_ANON))
		return KIND_ZERO;
	if (is_huge_zero(folio, pmd_order))
		return KIND_ZERO;
	if (folio->flags & FOLIO_HUGETLB)
		return KIND_HUGETLB;
	if (!folio->order)
		return KIND_BASE;
	if (folio->order < pmd_order)
		return KIND_MTHP;
	if (huge)
		return KIND_THP_PMD;
	/* By PTEs alone fewer than it has pages: some are not mapped at all. */
	return !folio->whole && folio->mapcount < INT64_C(1) << folio->order ? KIND_THP_PART :
									       KIND_THP_PTE;
}

/* One page, or all of a PMD: @state is of the first. */
static void describe(const struct scan *scan, const struct page_state *state, uint64_t entry,
		     bool huge, struct page_run *run)
{
	const struct folio *folio = &state->folio;
	uint64_t page_size = scan->scanner->host->page_size;
	struct folio_pins pins;

	run->order = folio->order;
	if (folio->refcount <= 0) {
		run->kind = KIND_UNKNOWN;
		run->flags = RUN_MOVED;
		run->order = 0;
		return;
	}
	run->kind = classify(folio, scan->scanner->pmd_order, huge);
	if (run->kind == KIND_ZERO) {
		run->order = 0;
		run->flags = 0;
		return;
	}
	run->folio_offset = (run->address - (state->pfn - folio->head) * page_size) %
			    (page_size << folio->order);
	pins = folio_pins(folio);
	run->flags = backing(folio) | (folio->flags & FOLIO_KSM ? RUN_KSM : 0) |
		     (pins.pins > 0 ? RUN_PINNED : 0) |
		     (pins.gets_known && pins.gets > 0 ? RUN_EXTRA : 0);
	/* Bit 56 of a PMD is wrong on some kernels since 6.15: count instead. */
	if (huge ? folio->mapcount == 1 : !!(entry & PM_EXCLUSIVE))
		run->flags |= RUN_EXCLUSIVE;
}

/* Pages without a look into the kernel: only what pagemap itself tells. */
static int emit_plain(struct scan *scan, uint64_t address, uint64_t entry, unsigned extent)
{
	struct page_run run = { .address = address,
				.pages = 1,
				.kind = KIND_UNKNOWN,
				.node = zoneinfo_node(scan->scanner->nodes, pagemap_pfn(entry)) };

	if (extent & EXTENT_ZERO)
		run.kind = KIND_ZERO;
	else if (extent & EXTENT_HUGE)
		run.kind = scan->vma->flags & VMA_HUGETLB ? KIND_HUGETLB : KIND_THP_PMD;
	if (run.kind != KIND_ZERO)
		run.flags = (entry & PM_FILE ? RUN_FILE : RUN_ANON) |
			    (entry & PM_EXCLUSIVE ? RUN_EXCLUSIVE : 0);
	else
		run.node = -1;
	return emit(scan, &run);
}

/* Pages of an extent one after the other, or PMDs, of which the first page tells all. */
struct piece {
	struct scan *scan;
	const struct extent *extent;
	uint64_t start, end;
	uint64_t step; /* bytes of a page, or of a PMD; start may lie within */
	uint64_t base; /* start of the page or PMD that start lies in */
	bool by_pmd;
	size_t next; /* the first that was not told */
};

static uint64_t address_of(const struct piece *piece, size_t i)
{
	return i ? piece->base + i * piece->step : piece->start;
}

/* The first and the last of a piece may be parts of a PMD. */
static uint64_t pages_of(const struct piece *piece, size_t i)
{
	uint64_t end = piece->base + (i + 1) * piece->step;

	if (!piece->by_pmd)
		return 1;
	return ((end < piece->end ? end : piece->end) - address_of(piece, i)) /
	       piece->scan->scanner->host->page_size;
}

/* What kernel memory is not asked for, or has no page of. */
static int emit_entry(struct piece *piece, size_t i)
{
	const struct scanner *scanner = piece->scan->scanner;
	uint64_t address = address_of(piece, i), entry = scanner->entries[i];
	struct page_run run = { .address = address, .pages = pages_of(piece, i), .node = -1 };

	if (!(entry & PM_PRESENT) && pagemap_swapped(entry)) {
		run.kind = KIND_SWAPPED;
		run.flags = entry & PM_FILE ? RUN_SHMEM : RUN_ANON;
	} else if (piece->by_pmd) {
		run.kind = KIND_UNKNOWN;
		run.flags = RUN_MOVED;
	} else if (entry & PM_PRESENT) {
		return emit_plain(piece->scan, address, entry, piece->extent->flags);
	} else {
		return 0;
	}
	return emit(piece->scan, &run);
}

static int emit_state(size_t index, const struct page_state *state, void *context)
{
	struct piece *piece = context;
	const struct scanner *scanner = piece->scan->scanner;
	int node = zoneinfo_node(scanner->nodes, state->pfn), err = 0;
	struct page_run run;

	/* The next of a run, as most are. */
	if (state->like_last && piece->next == index && index && !piece->by_pmd &&
	    (node == piece->scan->run.node || piece->scan->run.kind == KIND_ZERO) &&
	    !((scanner->entries[index] ^ scanner->entries[index - 1]) & PM_EXCLUSIVE)) {
		piece->next = index + 1;
		piece->scan->run.pages++;
		return 0;
	}
	for (; !err && piece->next < index; piece->next++)
		err = emit_entry(piece, piece->next);
	if (err)
		return err;
	piece->next = index + 1;
	run = (struct page_run){ .address = address_of(piece, index),
				 .pages = pages_of(piece, index),
				 .node = node };
	describe(piece->scan, state, scanner->entries[index], piece->by_pmd, &run);
	if (run.kind == KIND_ZERO)
		run.node = -1;
	return emit(piece->scan, &run);
}

static int read_entries(const struct piece *piece, size_t count)
{
	const struct scan *scan = piece->scan;
	const struct pagemap *pagemap = &scan->target->pagemap;
	uint64_t *entries = scan->scanner->entries;
	int err = 0;

	if (!piece->by_pmd)
		err = pagemap_read(pagemap, piece->start, count, entries);
	for (size_t i = 0; !err && piece->by_pmd && i < count; i++)
		err = pagemap_read(pagemap, address_of(piece, i), 1, &entries[i]);
	return err ? fail_errno(scan->why, -err, "/proc/%d/pagemap", (int)scan->target->pid) : 0;
}

static int scan_piece(struct piece *piece, size_t count)
{
	struct scanner *scanner = piece->scan->scanner;
	int err = read_entries(piece, count);

	if (!err && probe_reads(scanner->probe)) {
		for (size_t i = 0; i < count; i++)
			scanner->pfns[i] = pagemap_pfn(scanner->entries[i]);
		err = probe_page_list(scanner->probe, scanner->pfns, count, emit_state, piece,
				      piece->scan->why);
	}
	for (; !err && piece->next < count; piece->next++)
		err = emit_entry(piece, piece->next);
	return err;
}

static int scan_extent(const struct extent *extent, void *context)
{
	struct scan *scan = context;
	size_t page = scan->scanner->host->page_size, thp = scan->scanner->host->thp_size;
	bool by_pmd = extent->flags & EXTENT_HUGE && !(extent->flags & EXTENT_ZERO) && thp &&
		      !(scan->vma->flags & VMA_HUGETLB) && probe_reads(scan->scanner->probe);
	uint64_t step = by_pmd ? thp : page;
	int err = 0;

	for (uint64_t at = extent->start; !err && at < extent->end;) {
		struct piece piece = {
			.scan = scan,
			.extent = extent,
			.start = at,
			.step = step,
			.base = at - at % step,
			.by_pmd = by_pmd,
		};

		at = piece.base + SCAN_PIECE * step;
		piece.end = at < extent->end ? at : extent->end;
		err = scan_piece(&piece, (size_t)((piece.end - piece.base + step - 1) / step));
	}
	return err;
}

static int scan_part(uint64_t start, uint64_t end, void *context)
{
	struct scan *scan = context;

	return extents_walk(&scan->target->pagemap, EXTENT_ENTRIES, start, end, scan_extent, scan);
}

/*
 * Whether there is a better way than to read pagemap of all that is reserved. What
 * hugetlb maps by a PMD may be none while it moves; and nobody reserves it in vain.
 */
static bool is_sparse(struct scan *scan, uint64_t start, uint64_t end)
{
	struct scanner *scanner = scan->scanner;

	if (end - start < SPARSE_MIN || scan->vma->flags & VMA_HUGETLB || !scanner->use_tables)
		return false;
	if (!scanner->tables_tried)
		scanner->use_tables = sparse_open(&scanner->sparse, scanner->probe,
						  &scan->target->pagemap);
	scanner->tables_tried = true;
	return scanner->use_tables;
}

int scan_range(struct scanner *scanner, const struct target *target, const struct vma *vma,
	       uint64_t start, uint64_t end, page_run_fn *each, void *context, struct reason *why)
{
	struct scan scan = {
		.scanner = scanner,
		.target = target,
		.vma = vma,
		.each = each,
		.context = context,
		.why = why,
	};
	enum extent_detail detail = !scanner->use_scan          ? EXTENT_ENTRIES :
				    probe_reads(scanner->probe) ? EXTENT_SCAN :
								  EXTENT_SCAN_FULL;
	int err;

	why->text[0] = '\0';
	err = is_sparse(&scan, start, end) ?
		      sparse_walk(&scanner->sparse, start, end, scan_part, &scan) :
		      extents_walk(&target->pagemap, detail, start, end, scan_extent, &scan);
	if (!err)
		err = flush(&scan);
	if (err < 0 && !why->text[0])
		fail_errno(why, -err, "/proc/%d/pagemap", (int)target->pid);
	return err;
}

int scanner_open(struct scanner *scanner, const struct host *host, struct probe *probe,
		 const struct node_map *nodes, const struct pagemap *pagemap)
{
	size_t pmd_pages = host->thp_size / host->page_size;

	*scanner = (struct scanner){
		.host = host,
		.pmd_order = pmd_pages ? (unsigned)__builtin_ctzl(pmd_pages) : 64,
		.probe = probe,
		.nodes = nodes,
		.use_scan = extents_have_scan(pagemap),
		.entries = malloc(SCAN_PIECE * sizeof(*scanner->entries)),
		.pfns = malloc(SCAN_PIECE * sizeof(*scanner->pfns)),
	};
	scanner->use_tables = !scanner->use_scan && probe_reads(probe);
	return scanner->entries && scanner->pfns ? 0 : -ENOMEM;
}

void scanner_close(struct scanner *scanner)
{
	sparse_close(&scanner->sparse);
	free(scanner->entries);
	free(scanner->pfns);
}

const char *page_kind_name(enum page_kind kind)
{
	static const char *const names[KIND_COUNT] = {
		"base",    "mthp", "thp-pmd", "thp-pte", "thp-part",
		"hugetlb", "zero", "swapped", "unknown",
	};

	return names[kind];
}
