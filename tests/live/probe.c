// SPDX-License-Identifier: GPL-2.0-or-later
// timeout: 60
// cores: 1
/*
 * The probes against a process that was made for it: pages that nothing pins, that
 * a pipe holds, that an io_uring has registered, PMD-mapped, split and shared ones.
 * Each level has to see exactly what was made. tests/vm/probe.sh runs this program
 * in guests, where --all makes a level that does not work a failure, and --some not; --record does
 * so too, and shows the bytes that tests/unit/probe_page goes by.
 */
#include <fcntl.h>

#include "host/host.h"
#include "inspect/probe/probe.h"
#include "inspect/probe/symbols.h"
#include "inspect/probe/walk.h"
#include "made.h"
#include "pages.h"
#include "procfs/pagemap.h"

static struct host host;
static bool recording;

static struct page_state look(struct probe *probe, pid_t pid, uint64_t address)
{
	struct page_state page = { .pfn = 0 };
	struct pagemap pagemap;
	struct reason why;
	uint64_t entry = 0;

	if (!pagemap_open(&pagemap, pid))
		pagemap_read(&pagemap, (uintptr_t)address, 1, &entry);
	pagemap_close(&pagemap);
	if (!pagemap_pfn(entry) || probe_pages(probe, pagemap_pfn(entry), 1, &page, &why))
		printf("# no page state at 0x%llx\n", (unsigned long long)address);
	return page;
}

/* What else is in a tail page is of its last use. */
static void keep_what_counts(const struct page_layout *layout, unsigned char *raw)
{
	unsigned char whole[256];

	memcpy(whole, raw, layout->size);
	memset(raw, 0, layout->size);
	memcpy(raw + layout->link.offset, whole + layout->link.offset, layout->link.size);
	memcpy(raw + layout->mapcount.offset, whole + layout->mapcount.offset,
	       layout->mapcount.size);
}

/*
 * With --record, a line for tests/unit/data: what the page has to be, its PFN, that
 * of its head, the address of the memory map, and the struct pages of its folio,
 * each with how often it is there.
 */
static void record(struct probe *probe, const struct page_state *page, const char *want)
{
	size_t size = probe->pages.size, count = page->folio.order ? 1u << page->folio.order : 4;
	unsigned char *raw = malloc(count * size);
	struct reason why;
	unsigned times = 1;

	if (!raw ||
	    probe_read(probe, probe->vmemmap + page->folio.head * size, raw, count * size, &why))
		bail_out("record");
	for (size_t i = FOLIO_FIRST_PAGES; i < count; i++)
		keep_what_counts(&probe->pages, raw + i * size);
	printf("# page: %s|%llx %llx %llx", want, (unsigned long long)page->pfn,
	       (unsigned long long)page->folio.head, (unsigned long long)probe->vmemmap);
	for (size_t i = 0; i < count; i++, times++) {
		if (i + 1 < count && !memcmp(raw + i * size, raw + (i + 1) * size, size))
			continue;
		printf(" %u*", times);
		for (size_t k = 0; k < size; k++)
			printf("%02x", raw[i * size + k]);
		times = 0;
	}
	putchar('\n');
	free(raw);
}

static void is_page(struct probe *probe, pid_t pid, uint64_t address, const char *want,
		    const char *name)
{
	struct page_state page = look(probe, pid, address);
	char got[PAGE_TEXT];

	if (is_str(page_text(&page, got), want, "%s: %s", probe->ops->name, name) && recording)
		record(probe, &page, want);
}

/* Pages from here and there are what they are one by one. */
static int store_state(size_t index, const struct page_state *state, void *context)
{
	struct page_state *pages = context;

	pages[index] = *state;
	return 0;
}

static void test_list(struct probe *probe, pid_t pid, const struct made *made)
{
	const uint64_t addresses[] = { made->idle,      made->spliced,         made->fixed,
				       made->cached,    made->huge + 9 * PAGE, made->split,
				       made->huge_fixed };
	struct page_state pages[12];
	uint64_t pfns[12];
	struct reason why;
	unsigned same = 0;

	/* In no order, with a page asked for twice, a neighbour and what is no page. */
	for (unsigned i = 0; i < 7; i++)
		pfns[i] = look(probe, pid, addresses[i]).pfn;
	pfns[7] = 0;
	pfns[8] = pfns[0];
	pfns[9] = pfns[0] - 3;
	pfns[10] = UINT64_C(1) << 38;
	pfns[11] = pfns[1];
	memset(pages, 0, sizeof(pages));
	is_int(probe_page_list(probe, pfns, 12, store_state, pages, &why), 0, "%s: a list of pages",
	       probe->ops->name);
	for (unsigned i = 0; i < 12; i++) {
		struct page_state one = { .pfn = 0 };
		char text[2][PAGE_TEXT];

		if (i != 9 && i != 7 && !probe_pages(probe, pfns[i], 1, &one, &why))
			same += pages[i].pfn == pfns[i] &&
				!strcmp(page_text(&one, text[0]), page_text(&pages[i], text[1]));
	}
	is_int(same, 10, "%s: as they are one by one", probe->ops->name);
	ok(!pages[7].pfn && pages[10].folio.refcount == -1, "%s: and what is no page is none",
	   probe->ops->name);
}

/* Of 1000 pages each, in orders that make parts of one struct page and of many. */
static void test_orders(struct probe *probe)
{
	enum { COUNT = 1000 };
	static struct page_state straight[COUNT], listed[COUNT];
	static const unsigned strides[] = { 1, 999, 7, 127, 501 };
	uint64_t first = look(probe, getpid(), (uintptr_t)straight).pfn & ~UINT64_C(1023);
	struct reason why;

	for (unsigned k = 0; k < sizeof(strides) / sizeof(strides[0]); k++) {
		uint64_t pfns[COUNT];
		unsigned same = 0;

		for (unsigned i = 0; i < COUNT; i++)
			pfns[i] = first + i * strides[k] % COUNT;
		if (probe_pages(probe, first, COUNT, straight, &why) ||
		    probe_page_list(probe, pfns, COUNT, store_state, listed, &why))
			printf("# %s\n", why.text);
		for (unsigned i = 0; i < COUNT; i++)
			same += listed[i].pfn == pfns[i] &&
				straight[pfns[i] - first].folio.head == listed[i].folio.head;
		/* Pages of others may change meanwhile. */
		ok(same > COUNT - 50, "%s: every page once, stride %u", probe->ops->name,
		   strides[k]);
	}
}

static void test_pages(struct probe *probe, pid_t pid, const struct made *made)
{
	static const char idle[] = "order 0 map 1 all 1 whole 0 pins 0~ gets 0 anon swapbacked";
	static const char fixed[] = "order 0 map 1 all 1 whole 0 pins 1~ gets 0 anon swapbacked";
	struct page_state first, last, all[512];
	struct reason why;
	unsigned same = 0;

	is_page(probe, pid, made->idle, idle, "nothing pins a page");
	is_page(probe, pid, made->spliced,
		"order 0 map 1 all 1 whole 0 pins 0~ gets 1 anon swapbacked", "a pipe holds it");
	is_page(probe, pid, made->shared,
		"order 0 map 2 all 2 whole 0 pins 0~ gets 0 anon swapbacked",
		"two processes map it");
	is_page(probe, pid, made->cached,
		"order 0 map 1 all 1 whole 0 pins 0~ gets 0 cache swapbacked", "a page of a memfd");
	first = look(probe, pid, made->idle);
	is_int((int64_t)first.folio.index, (int64_t)(made->idle / PAGE),
	       "%s: the index of anonymous memory is its address", probe->ops->name);
	if (made->ring < 0)
		skip("no io_uring", "%s: registered pages", probe->ops->name);
	for (unsigned i = 0; i < RING_PAGES && made->ring >= 0; i++)
		is_page(probe, pid, made->fixed + i * PAGE, fixed, "an io_uring has pinned it");
	if (!made->huge || !made->split || !made->huge_fixed) {
		skip("no THP was given", "%s: huge pages", probe->ops->name);
		return;
	}
	is_page(probe, pid, made->huge, "order 9 map 1 all 1 whole 1 pins 0 gets 0 anon swapbacked",
		"head of a THP");
	is_page(probe, pid, made->huge + 511 * PAGE,
		"order 9 map 1 all 1 whole 1 pins 0 gets 0 anon swapbacked", "tail of a THP");
	is_page(probe, pid, made->split + 7 * PAGE,
		"order 9 map 1 all 512 whole 0 pins 0 gets 0 anon swapbacked",
		"a THP mapped by PTEs");
	if (made->ring >= 0)
		/* Since 6.12 a buffer keeps one pin a folio (a8edbb424b139). */
		is_page(probe, pid, made->huge_fixed + PAGE,
			host.kernel >= KERNEL(6, 12) ?
				"order 9 map 1 all 1 whole 1 pins 1 gets 0 anon swapbacked" :
				"order 9 map 1 all 1 whole 1 pins 512 gets 0 anon swapbacked",
			"a THP that an io_uring has pinned");

	first = look(probe, pid, made->huge);
	last = look(probe, pid, made->huge + 511 * PAGE);
	is_int((int64_t)last.folio.head, (int64_t)first.pfn, "%s: a tail knows its head",
	       probe->ops->name);
	if (probe_pages(probe, first.pfn, 512, all, &why))
		printf("# %s\n", why.text);
	for (unsigned i = 0; i < 512; i++)
		same += all[i].pfn == first.pfn + i && all[i].mapcount == 1 &&
			all[i].folio.head == first.pfn && all[i].folio.order == 9 &&
			all[i].folio.refcount == first.folio.refcount;
	is_int(same, 512, "%s: all pages of a THP at once", probe->ops->name);
	test_list(probe, pid, made);
	test_orders(probe);
}

static void test_contents(struct probe *probe, pid_t pid, const struct made *made)
{
	static const uint64_t nothing[] = { 0xdead000000000000, 0x1000, 0xffffffff00000000 };
	unsigned char data[64] = { 0 };
	struct page_state page = look(probe, pid, made->idle);
	struct reason why;
	int err;

	err = probe_read_page(probe, page.pfn, 4000, data, sizeof(data), &why);
	if (!is_int(err, 0, "%s: content of a page can be read", probe->ops->name))
		printf("# %s\n", why.text);
	ok(data[0] == 0x5a && !memcmp(data, data + 1, 63), "%s: content is what was written",
	   probe->ops->name);
	/* No address, one of user memory, and where the direct map of no machine reaches. */
	for (unsigned i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		is_int(probe_read(probe, nothing[i], data, 8, &why), -EFAULT,
		       "%s: no read where there is nothing, 0x%llx", probe->ops->name,
		       (unsigned long long)nothing[i]);
	err = probe_pages(probe, UINT64_C(1) << 38, 1, &page, &why);
	ok(err < 0 || page.folio.refcount == -1, "%s: no page state beyond memory",
	   probe->ops->name);
}

struct tally {
	unsigned count;
	uint64_t sum;
	int fd;
	struct probe_file file;
};

static int count_file(const struct probe_file *file, void *context)
{
	struct tally *tally = context;

	tally->count++;
	tally->sum += file->file * 3 + file->private_data * 5 + file->f_op * 7 + file->inode * 11 +
		      (unsigned)file->fd;
	if (file->fd == tally->fd)
		tally->file = *file;
	return 0;
}

static int count_vma(const struct probe_vma *vma, void *context)
{
	struct tally *tally = context;

	tally->count++;
	tally->sum += vma->start * 3 + vma->end * 5;
	return 0;
}

static int stop_at_once(const struct probe_file *file, void *context)
{
	(void)file;
	return ++*(int *)context + 41;
}

static struct tally count_maps(pid_t pid)
{
	unsigned long long start, end;
	struct tally tally = { 0 };
	char path[32], line[512];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		/* The gate has no VMA. */
		if (sscanf(line, "%llx-%llx", &start, &end) != 2 || start >> 63)
			continue;
		tally.count++;
		tally.sum += start * 3 + end * 5;
	}
	if (file)
		fclose(file);
	return tally;
}

static void test_files(struct probe *probe, pid_t pid, const struct made *made)
{
	struct tally files = { .fd = made->pipe }, walked = { .fd = -1 };
	struct probe_file own;
	int pipes[2], calls = 0;
	struct reason why;

	is_int(probe_files(probe, pid, count_file, &files, &why), 0, "%s: files of a process",
	       probe->ops->name);
	is_int(files.file.tgid, pid, "%s: with its pipe", probe->ops->name);
	is_int(probe_files(probe, pid, stop_at_once, &calls, &why), 42,
	       "%s: a walk ends when told to", probe->ops->name);
	is_int(calls, 1, "%s: at once", probe->ops->name);
	if (!probe_reads(probe))
		return;
	if (pipe2(pipes, O_CLOEXEC) || probe_own_file(probe, pipes[0], &own, &why))
		bail_out("%s", why.text);
	ok(own.f_op && own.f_op == files.file.f_op && own.private_data != files.file.private_data,
	   "%s: the operations of its pipe are those of ours", probe->ops->name);
	close(pipes[0]);
	close(pipes[1]);
	is_int(walk_files(probe, pid, count_file, &walked, &why), 0, "%s: the same by its table",
	       probe->ops->name);
	ok(walked.count == files.count && walked.sum == files.sum, "%s: there are the same",
	   probe->ops->name);
}

static void test_vmas(struct probe *probe, pid_t pid)
{
	struct tally want = count_maps(pid), vmas = { 0 }, walked = { 0 };
	struct reason why;

	if (!is_int(probe_vmas(probe, pid, count_vma, &vmas, &why), 0, "%s: VMAs of a process",
		    probe->ops->name))
		printf("# %s\n", why.text);
	ok(vmas.count && vmas.count == want.count && vmas.sum == want.sum,
	   "%s: they are those of /proc/PID/maps", probe->ops->name);
	if (!probe_reads(probe))
		return;
	is_int(walk_vmas(probe, pid, count_vma, &walked, &why), 0, "%s: the same by its tree",
	       probe->ops->name);
	ok(walked.count == want.count && walked.sum == want.sum, "%s: there are the same",
	   probe->ops->name);
}

static int count_task(const struct probe_task *task, void *context)
{
	struct tally *tally = context;

	tally->count++;
	tally->sum += (unsigned)task->pid;
	return 0;
}

static void test_tasks(struct probe *probe, pid_t pid)
{
	struct tally one = { 0 }, all = { 0 }, none = { 0 };
	struct reason why;

	probe_tasks(probe, pid, count_task, &one, &why);
	ok(one.count == 1 && one.sum == (unsigned)pid, "%s: the thread of a process",
	   probe->ops->name);
	probe_tasks(probe, 0, count_task, &all, &why);
	ok(all.count > 2, "%s: threads of all processes", probe->ops->name);
	is_int(probe_tasks(probe, 0x3fffff, count_task, &none, &why), 0,
	       "%s: a process that is not there is no error", probe->ops->name);
	is_int(none.count, 0, "%s: and has no threads", probe->ops->name);
}

static void test_level(const struct probe_ops *ops, pid_t pid, const struct made *made, bool all)
{
	struct probe probe;

	if (!level_opens(&probe, ops, all))
		return;
	if (probe_reads(&probe)) {
		test_pages(&probe, pid, made);
		test_contents(&probe, pid, made);
	} else {
		struct page_state page;
		struct reason why;

		is_int(probe_pages(&probe, 1, 1, &page, &why), -EOPNOTSUPP, "%s: no page states",
		       ops->name);
	}
	test_files(&probe, pid, made);
	test_vmas(&probe, pid);
	test_tasks(&probe, pid);
	probe_close(&probe);
}

static void test_symbols(void)
{
	struct symbol symbols[3] = { { "pipe_release", 0 }, { "no_such_symbol_at_all", 0 } };
	struct reason why;
	int found = symbols_find(symbols, 2, &why);

	if (found < 0) {
		skip(why.text, "symbols");
		return;
	}
	is_int(found, 1, "one symbol of two is there");
	symbols[2].address = symbols[0].address;
	is_int(symbols_find(&symbols[2], 1, &why), 1, "a symbol by its address");
	is_str(symbols[2].name, "pipe_release", "is the same");
}

int main(int argc, char **argv)
{
	bool all = argc > 1 && strcmp(argv[1], "--some") != 0;
	struct factory factory;
	struct made made;
	struct reason why;

	recording = argc > 1 && !strcmp(argv[1], "--record");
	if (host_probe(&host, &why))
		bail_out("%s", why.text);
	factory = factory_begin(make, &made, sizeof(made));
	for (size_t i = 0; i < probe_list_count; i++)
		test_level(probe_list[i], factory.pid, &made, all);
	test_symbols();
	factory_end(&factory);
	return done_testing();
}
