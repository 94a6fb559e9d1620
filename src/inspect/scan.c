// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the pages of a process are: its pagemap for where, the kernel's struct
 * pages for what. The flags and counts of /proc/kpageflags and /proc/kpagecount
 * cost ten times as much a page and say nothing about pins.
 */
#include "inspect/scan.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/host.h"
#include "inspect/frames.h"
#include "inspect/probe/probe.h"
#include "procfs/extents.h"
#include "procfs/zoneinfo.h"

/* What a struct page_run says of one page; small, as there are many. */
struct fact {
	uint8_t kind, order;
	uint16_t flags;
};

/* MPOL_MF_MOVE of numaif.h, which is libnuma's. */
#define MOVE_OWN 2

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

void scan_drain(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int node = 0, status;
	void *own = mmap(NULL, page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (own == MAP_FAILED)
		return;
	/* move_pages(2), to where it is already: it drains all CPUs before it looks. */
	syscall(SYS_move_pages, 0, 1L, &own, &node, &status, MOVE_OWN);
	munmap(own, page);
}

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

static enum page_kind classify(const struct folio *folio, unsigned pmd_order, bool huge)
{
	if (folio->flags & FOLIO_RESERVED && !(folio->flags & FOLIO_ANON))
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
	size_t pmd_pages = scan->scanner->host->thp_size / scan->scanner->host->page_size;
	struct folio_pins pins;

	run->order = folio->order;
	if (folio->refcount <= 0) {
		run->kind = KIND_UNKNOWN;
		run->flags = RUN_MOVED;
		run->order = 0;
		return;
	}
	run->kind = classify(folio, pmd_pages ? (unsigned)__builtin_ctzl(pmd_pages) : 64, huge);
	if (run->kind == KIND_ZERO) {
		run->order = 0;
		run->flags = 0;
		return;
	}
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
	if (run.kind == KIND_ZERO)
		run.node = -1;
	else
		run.flags = (entry & PM_FILE ? RUN_FILE : RUN_ANON) |
			    (entry & PM_EXCLUSIVE ? RUN_EXCLUSIVE : 0);
	return emit(scan, &run);
}

static void note_fact(size_t index, const struct page_state *state, void *context)
{
	struct scan *scan = context;
	struct page_run run = { .pages = 1 };

	describe(scan, state, scan->scanner->entries[index], false, &run);
	scan->scanner->facts[index] = (struct fact){ (uint8_t)run.kind, (uint8_t)run.order,
						     (uint16_t)run.flags };
}

static int scan_piece(struct scan *scan, uint64_t address, size_t count, unsigned extent)
{
	struct scanner *scanner = scan->scanner;
	bool deep = probe_reads(scanner->probe);
	int err;

	err = pagemap_read(&scan->target->pagemap, address, count, scan->scanner->entries);
	if (err)
		return fail_errno(scan->why, -err, "/proc/%d/pagemap", (int)scan->target->pid);
	if (deep)
		err = frames_each(&scan->scanner->frames, scanner->probe, scan->scanner->entries,
				  count, note_fact, scan, scan->why);
	for (size_t i = 0; !err && i < count; i++) {
		uint64_t at = address + i * scanner->host->page_size,
			 entry = scan->scanner->entries[i];
		struct page_run run = { .address = at, .pages = 1, .node = -1 };

		if (!(entry & PM_PRESENT)) {
			if (!pagemap_swapped(entry))
				continue;
			run.kind = KIND_SWAPPED;
			run.flags = entry & PM_FILE ? RUN_SHMEM : RUN_ANON;
			err = emit(scan, &run);
		} else if (!deep || extent & EXTENT_ZERO) {
			err = emit_plain(scan, at, entry, extent);
		} else {
			run.kind = (enum page_kind)scan->scanner->facts[i].kind;
			run.order = scan->scanner->facts[i].order;
			run.flags = scan->scanner->facts[i].flags;
			if (run.kind != KIND_ZERO)
				run.node = zoneinfo_node(scanner->nodes, pagemap_pfn(entry));
			err = emit(scan, &run);
		}
	}
	return err;
}

/* A PMD: its first page tells of all. */
static int scan_pmd(struct scan *scan, uint64_t address, uint64_t pages)
{
	struct page_run run = { .address = address, .pages = pages, .node = -1 };
	struct page_state state;
	uint64_t entry, pfn;
	int err;

	err = pagemap_read(&scan->target->pagemap, address, 1, &entry);
	if (err)
		return fail_errno(scan->why, -err, "/proc/%d/pagemap", (int)scan->target->pid);
	pfn = pagemap_pfn(entry);
	if (!pfn) {
		run.kind = KIND_UNKNOWN;
		run.flags = RUN_MOVED;
		return emit(scan, &run);
	}
	err = probe_pages(scan->scanner->probe, pfn, 1, &state, scan->why);
	if (err)
		return err;
	describe(scan, &state, entry, true, &run);
	run.node = zoneinfo_node(scan->scanner->nodes, pfn);
	return emit(scan, &run);
}

static int scan_extent(const struct extent *extent, void *context)
{
	struct scan *scan = context;
	size_t page = scan->scanner->host->page_size, thp = scan->scanner->host->thp_size;
	bool by_pmd = extent->flags & EXTENT_HUGE && !(extent->flags & EXTENT_ZERO) && thp &&
		      !(scan->vma->flags & VMA_HUGETLB) && probe_reads(scan->scanner->probe);
	int err = 0;

	for (uint64_t at = extent->start, end; !err && at < extent->end; at = end) {
		size_t piece = by_pmd ? thp : FRAMES_MAX * page;

		end = at - at % piece + piece;
		if (end > extent->end)
			end = extent->end;
		err = by_pmd ? scan_pmd(scan, at, (end - at) / page) :
			       scan_piece(scan, at, (end - at) / page, extent->flags);
	}
	return err;
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
	err = extents_walk(&target->pagemap, detail, start, end, scan_extent, &scan);
	if (!err)
		err = flush(&scan);
	if (err < 0 && !why->text[0])
		fail_errno(why, -err, "/proc/%d/pagemap", (int)target->pid);
	return err;
}

int scanner_open(struct scanner *scanner, const struct host *host, struct probe *probe,
		 const struct node_map *nodes, const struct pagemap *pagemap)
{
	*scanner = (struct scanner){
		.host = host,
		.probe = probe,
		.nodes = nodes,
		.use_scan = extents_have_scan(pagemap),
		.entries = malloc(FRAMES_MAX * sizeof(*scanner->entries)),
		.facts = malloc(FRAMES_MAX * sizeof(*scanner->facts)),
	};
	return frames_open(&scanner->frames) || !scanner->entries || !scanner->facts ? -ENOMEM : 0;
}

void scanner_close(struct scanner *scanner)
{
	frames_close(&scanner->frames);
	free(scanner->entries);
	free(scanner->facts);
}

const char *page_kind_name(enum page_kind kind)
{
	static const char *const names[KIND_COUNT] = {
		"base",    "mthp", "thp-pmd", "thp-pte", "thp-part",
		"hugetlb", "zero", "swapped", "unknown",
	};

	return names[kind];
}
