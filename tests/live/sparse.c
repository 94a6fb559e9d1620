// SPDX-License-Identifier: GPL-2.0-or-later
// timeout: 120
// cores: 1
/*
 * A process that has reserved 20 TiB and touched a few pages of them, as one of
 * AddressSanitizer or of a garbage collector has: thpin inspect finds the pages and
 * the pins, by page tables as well as by PAGEMAP_SCAN and by all of pagemap.
 * tests/vm/probe.sh runs this program in guests, where --all makes a level that does
 * not work a failure, and --some not.
 */
#include <inttypes.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "config.h"
#include "factory.h"
#include "host/host.h"
#include "host/lru.h"
#include "inspect/inspection.h"
#include "inspect/probe/tables.h"
#include "inspect/scan.h"
#include "procfs/pagemap.h"

#if HAVE_LIBURING
#include <liburing.h>
#endif

#define PAGE UINT64_C(4096)
#define HUGE (UINT64_C(2) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)
#define MAPPINGS 2
#define SPLICED 2
#define FIXED 4

/* THPs that are made while others look: by a single look, up to 132 of them are lost. */
#define ROUNDS 200

static const uint64_t sizes[MAPPINGS] = { 16 * TIB, 4 * TIB };

/* What the factory made; it tells by writing this. */
struct made {
	uint64_t start[MAPPINGS];
	uint64_t pages[MAPPINGS];       /* with content, base pages or not */
	uint64_t zero[MAPPINGS];        /* the zero page */
	uint64_t spliced, fixed;        /* SPLICED pages of a pipe, FIXED of a ring; 0: none ... */
	struct reason no_pipe, no_ring; /* ... and why */
	uint64_t dense;                 /* where the mapping has pages next to each other */
};

/* Shared with a process that has its pages collapsed. */
struct collapsing {
	volatile uint64_t there; /* a number of its own for each time that they are; else 0 */
	volatile uint64_t tried, refused; /* how often that was asked for, and was not done */
	volatile bool enough;
};

static struct host host;

static void diag_reason(const char *text)
{
	printf("# %s\n", text);
}

/* --- the factory ------------------------------------------------------------- */

static char *memory_at(uint64_t address)
{
	return (char *)(uintptr_t)address; // NOLINT(performance-no-int-to-ptr)
}

static void touch(struct made *made, unsigned mapping, uint64_t offset)
{
	*(volatile char *)memory_at(made->start[mapping] + offset) = 1;
	made->pages[mapping]++;
}

/* In the zero page there is nothing of the process, yet it is mapped; by most kernels. */
static void read_one(struct made *made, unsigned mapping, uint64_t offset)
{
	const char *at = memory_at(made->start[mapping] + offset);
	uint64_t flags;

	(void)*(const volatile char *)at;
	if (!kpage_flags_at(at, &flags) && !(flags >> KPF_ZERO_PAGE & 1))
		made->pages[mapping]++;
	else
		made->zero[mapping]++;
}

static uint64_t put_into_pipe(uint64_t address, struct reason *why)
{
	struct iovec part = { memory_at(address), SPLICED * PAGE };
	int ends[2];

	if (!pipe(ends) && vmsplice(ends[1], &part, 1, 0) == (ssize_t)part.iov_len)
		return address;
	fail_errno(why, errno, "vmsplice");
	return 0;
}

static uint64_t put_into_ring(uint64_t address, struct reason *why)
{
#if HAVE_LIBURING
	struct iovec buffer = { memory_at(address), FIXED * PAGE };
	static struct io_uring ring;
	int err = io_uring_queue_init(4, &ring, 0);

	if (err) {
		fail_errno(why, -err, "io_uring_setup");
		return 0;
	}
	err = io_uring_register_buffers(&ring, &buffer, 1);
	if (!err)
		return address;
	fail_errno(why, -err, "io_uring_register");
#else
	(void)address;
	fail(why, ENOTSUP, LIBURING_REASON);
#endif
	return 0;
}

/* The first and the last page, and others in between, at places that mean nothing. */
static void spread(struct made *made, unsigned mapping)
{
	uint64_t size = sizes[mapping], step = size / 29 & ~(PAGE - 1);

	touch(made, mapping, 0);
	touch(made, mapping, size - PAGE);
	for (uint64_t at = step; at < size - step; at += step + 7 * PAGE)
		touch(made, mapping, at);
	read_one(made, mapping, size / 2 + 3 * GIB);
}

static void make(int out, int until)
{
	struct made made = { .spliced = 0 };

	for (unsigned i = 0; i < MAPPINGS; i++) {
		void *memory = mmap(NULL, sizes[i], PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (memory == MAP_FAILED)
			_exit(1);
		made.start[i] = (uintptr_t)memory;
		madvise(memory, sizes[i], MADV_NOHUGEPAGE);
		spread(&made, i);
		/* One after the other in the address space they may have become one VMA. */
		mprotect(memory_at(made.start[i] + sizes[i] - GIB), PAGE, PROT_READ);
	}
	/* Across an end of what a table of PMDs maps. */
	made.dense = (made.start[0] + 5 * TIB) & ~(GIB - 1);
	for (uint64_t i = 0; i < 3 * HUGE / PAGE; i++)
		touch(&made, 0, made.dense - HUGE + i * PAGE - made.start[0]);
	made.spliced = put_into_pipe(made.dense + 5 * PAGE, &made.no_pipe);
	made.fixed = put_into_ring(made.dense - 2 * PAGE, &made.no_ring);
	factory_tell(out, until, &made, sizeof(made));
}

/* --- what a scan says of it -------------------------------------------------- */

/* Runs one after the other, and what they are. */
struct seen {
	uint64_t pages[KIND_COUNT];
	uint64_t runs, hash;
	bool in_order;
	uint64_t end;
};

static int note_run(const struct page_run *run, const struct vma *vma, void *context)
{
	const uint64_t words[] = { run->address, run->pages, run->kind,
				   run->order,   run->flags, (uint64_t)run->node };
	struct seen *seen = context;

	(void)vma;
	seen->pages[run->kind] += run->pages;
	seen->runs++;
	seen->in_order &= run->address >= seen->end;
	seen->end = run->address + run->pages * PAGE;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		seen->hash = (seen->hash ^ words[i]) * UINT64_C(0x100000001b3);
	return 0;
}

static bool are_same(const struct seen *one, const struct seen *other)
{
	return one->in_order && other->in_order && one->runs == other->runs &&
	       one->hash == other->hash;
}

enum way { BY_SCAN, BY_TABLES, BY_ENTRIES };

/* Returns false where there is no such way. */
static bool scan(struct probe *probe, const struct target *target, enum way way, uint64_t start,
		 uint64_t end, struct seen *seen)
{
	struct vma vma = { .start = start, .end = end };
	struct node_map nodes = { .single = -1 };
	struct scanner scanner;
	struct reason why;
	bool have;
	int err;

	*seen = (struct seen){ .in_order = true };
	if (scanner_open(&scanner, &host, probe, &nodes, &target->pagemap))
		bail_out("no memory");
	have = way != BY_SCAN || scanner.use_scan;
	scanner.use_scan = way == BY_SCAN;
	scanner.use_tables = way == BY_TABLES;
	if (way == BY_TABLES && tables_prove(probe, &why))
		have = false;
	if (have) {
		err = scan_range(&scanner, target, &vma, start, end, note_run, seen, &why);
		if (err)
			diag_reason(why.text);
		if (way == BY_TABLES)
			have = scanner.use_tables;
		seen->in_order &= !err;
	}
	scanner_close(&scanner);
	return have;
}

static void test_ways(struct probe *probe, const struct target *target, const struct made *made)
{
	uint64_t around = made->dense - 3 * GIB / 2;
	struct seen tables, other;
	const char *name = probe->ops->name;

	for (unsigned i = 0; i < MAPPINGS; i++) {
		uint64_t start = made->start[i], end = start + sizes[i];

		if (!ok(scan(probe, target, BY_TABLES, start, end, &tables),
			"%s: tables are known and proven", name))
			return;
		is_int((int64_t)tables.pages[KIND_BASE], (int64_t)made->pages[i],
		       "%s: by tables, of %llu TiB: all pages, and no others", name,
		       (unsigned long long)(sizes[i] / TIB));
		is_int((int64_t)tables.pages[KIND_ZERO], (int64_t)made->zero[i],
		       "%s: ... and the zero page", name);
		if (scan(probe, target, BY_SCAN, start, end, &other))
			ok(are_same(&tables, &other), "%s: the same by PAGEMAP_SCAN", name);
		else
			skip("this kernel has none (Linux 6.7)", "%s: the same by PAGEMAP_SCAN",
			     name);
	}
	scan(probe, target, BY_TABLES, around, around + 3 * GIB, &tables);
	scan(probe, target, BY_ENTRIES, around, around + 3 * GIB, &other);
	ok(tables.runs && are_same(&tables, &other), "%s: the same by all of pagemap", name);
	/* Not of whole slots, nor of whole tables. */
	scan(probe, target, BY_TABLES, made->dense - 9 * PAGE, made->dense + GIB + PAGE, &tables);
	scan(probe, target, BY_ENTRIES, made->dense - 9 * PAGE, made->dense + GIB + PAGE, &other);
	ok(tables.pages[KIND_BASE] == 9 + 2 * HUGE / PAGE && are_same(&tables, &other),
	   "%s: the same of a part that begins and ends within", name);
}

/* --- thpin inspect of it ----------------------------------------------------- */

static const struct holder *holder_at(const struct inspection *inspection, enum holder_kind kind,
				      uint64_t start)
{
	for (size_t i = 0; i < inspection->holders_count; i++)
		if (inspection->holders[i].kind == kind && inspection->holders[i].start == start)
			return &inspection->holders[i];
	return NULL;
}

static void test_holder(const struct inspection *inspection, enum holder_kind kind, uint64_t start,
			unsigned pages, const struct reason *why)
{
	const struct holder *holder = holder_at(inspection, kind, start);
	const char *name = inspection->probe->ops->name, *what = holder_kind_name(kind);

	if (!start) {
		skip(why->text, "%s: the pages of %s", name, what);
		return;
	}
	ok(holder && holder->pages[SYNC_IN] == pages && holder->end == start + pages * PAGE,
	   "%s: the pages of %s are found", name, what);
}

static void test_inspect(struct probe *probe, pid_t pid, const struct made *made)
{
	const struct inspect_request request = {
		.pid = pid,
		.host = &host,
		.probe = probe,
		.map_vma = -1,
		.map_cell = HUGE,
	};
	uint64_t began = clock_ns(), pages = 0, zero = 0;
	struct inspection inspection;
	struct reason why;
	int err = inspect(&inspection, &request, &why);

	printf("# %s: %llu ms\n", probe->ops->name,
	       (unsigned long long)(clock_ns() - began) / 1000000);
	if (!ok(!err, "%s: inspect", probe->ops->name)) {
		diag_reason(why.text);
		return;
	}
	for (size_t i = 0; i < inspection.vmas.count; i++) {
		uint64_t start = inspection.vmas.vmas[i].start;

		for (unsigned j = 0; j < MAPPINGS; j++) {
			if (start < made->start[j] || start >= made->start[j] + sizes[j])
				continue;
			pages += inspection.vma_totals[i].kind[KIND_BASE];
			zero += inspection.vma_totals[i].kind[KIND_ZERO];
		}
	}
	is_int((int64_t)pages, (int64_t)(made->pages[0] + made->pages[1]), "%s: all pages",
	       probe->ops->name);
	is_int((int64_t)zero, (int64_t)(made->zero[0] + made->zero[1]), "%s: zero pages",
	       probe->ops->name);
	test_holder(&inspection, HOLDER_PIPE, made->spliced, SPLICED, &made->no_pipe);
	test_holder(&inspection, HOLDER_URING, made->fixed, FIXED, &made->no_ring);
	is_int((int64_t)inspection.holders_count, !!made->spliced + !!made->fixed,
	       "%s: nothing else holds any", probe->ops->name);
	inspection_free(&inspection);
}

/* --- pages that are collapsed into a THP meanwhile ---------------------------- */

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

static _Noreturn void collapser(char *thp, struct collapsing *shared)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (uint64_t round = 1; !shared->enough; round++) {
		for (uint64_t at = 0; at < HUGE; at += PAGE)
			thp[at] = 1;
		shared->there = round;
		shared->tried = round;
		if (madvise(thp, HUGE, MADV_COLLAPSE))
			shared->refused++;
		/* The next is not at once: see mark_window(). */
		usleep(10000);
		shared->there = 0;
		madvise(thp, HUGE, MADV_DONTNEED);
	}
	_exit(0);
}

static int note_part(uint64_t start, uint64_t end, void *context)
{
	uint64_t *wanted = context;

	if (start <= *wanted && end > *wanted)
		*wanted = 0;
	return 0;
}

static void watch(struct sparse *sparse, const struct collapsing *shared, uint64_t thp)
{
	uint64_t until = clock_ns() + UINT64_C(10000000000), start = thp & ~(GIB - 1);
	unsigned looks = 0, lost = 0, rounds = 0;
	uint64_t last = 0;

	while (rounds < ROUNDS && clock_ns() < until) {
		uint64_t wanted = thp, there = shared->there;
		int err = sparse_walk(sparse, start, start + GIB, note_part, &wanted);

		if (err)
			bail_out("sparse_walk: %d", err);
		/* Only what was there all the time has to be found. */
		if (!there || shared->there != there)
			continue;
		rounds += there != last;
		last = there;
		looks++;
		lost += wanted != 0;
	}
	printf("# %u looks at %u THPs\n", looks, rounds);
	ok(rounds > 9 && !lost, "pages that are collapsed meanwhile are not lost: %u", lost);
}

static void test_collapse(struct probe *probe)
{
	struct collapsing *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *memory = mmap(NULL, 2 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);
	uint64_t thp = ((uintptr_t)memory + HUGE - 1) & ~(HUGE - 1);
	struct pagemap pagemap;
	struct sparse sparse;
	struct reason why;
	pid_t pid;

	if (memory == MAP_FAILED || shared == MAP_FAILED)
		bail_out("mmap");
	memset(memory_at(thp), 1, HUGE);
	if (madvise(memory_at(thp), HUGE, MADV_COLLAPSE)) {
		skip("this kernel has none (Linux 6.1)", "pages that MADV_COLLAPSE moves");
		return;
	}
	pid = fork();
	if (!pid)
		collapser(memory_at(thp), shared);
	if (pagemap_open(&pagemap, pid))
		bail_out("pagemap");
	if (sparse_open(&sparse, probe, &pagemap)) {
		watch(&sparse, shared, thp);
		/* A page may be locked, or off its list for a moment: madvise(2), EAGAIN. */
		ok(shared->refused * 10 < shared->tried,
		   "... and hardly any of them was refused: %" PRIu64 " of %" PRIu64,
		   shared->refused, shared->tried);
	} else {
		tables_prove(probe, &why);
		ok(false, "page tables: %s", why.text);
	}
	sparse_close(&sparse);
	shared->enough = true;
	waitpid(pid, NULL, 0);
	pagemap_close(&pagemap);
	munmap(memory, 2 * HUGE);
}

static void test_level(const struct probe_ops *ops, pid_t pid, const struct made *made, bool all)
{
	struct probe probe;
	struct target target;
	struct reason why;

	if (!level_opens(&probe, ops, all))
		return;
	if (target_open(&target, pid, &why))
		bail_out("%s", why.text);
	lru_drain();
	if (tables_prove(&probe, &why))
		diag_reason(why.text);
	test_ways(&probe, &target, made);
	target_close(&target);
	test_inspect(&probe, pid, made);
	if (ops->level == PROBE_BPF)
		test_collapse(&probe);
	probe_close(&probe);
}

int main(int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "--some") != 0;
	struct factory factory;
	struct made made;
	struct reason why;

#if !defined(__x86_64__)
	printf("1..0 # SKIP page tables are known of x86-64 only\n");
	return 0;
#endif
	if (host_probe(&host, &why))
		bail_out("%s", why.text);
	factory = factory_begin(make, &made, sizeof(made));
	for (size_t i = 0; i < probe_list_count; i++)
		if (probe_list[i]->read)
			test_level(probe_list[i], factory.pid, &made, all);
	factory_end(&factory);
	return done_testing();
}
