// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * smaps: data/smaps-6.18 was recorded from a process with a THP region, a
 * lazily freed one, a swapped one and a file whose name tries to be smaps; 6.1
 * and 5.10 are the same without the lines that later kernels added.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data.h"
#include "procfs/smaps.h"
#include "tap.h"

#define THP 0x40000000u
#define SMALL 0x40400000u
#define LAZY 0x50000000u
#define SWAPPED 0x60000000u
#define NAMED 0x70000000u

#define VMA(range, rss) \
	range " rw-p 00000000 00:00 0 \nSize:  4 kB\nRss:  " rss " kB\nVmFlags: rd wr \n"

static void recorded(const char *name)
{
	char *text = data(name);
	struct smaps_sum sum;

	is_int(smaps_parse(text, THP, THP + 1, &sum), 0, "%s: parsed", name);
	is_int(sum.vmas, 1, "%s: one byte of a VMA is enough", name);
	is_int((int64_t)sum.size_kb, 4096, "%s: Size is of the whole VMA", name);
	is_int((int64_t)sum.rss_kb, 4096, "%s: Rss", name);
	is_int((int64_t)sum.anon_huge_kb, 4096, "%s: AnonHugePages", name);

	smaps_parse(text, THP, SMALL, &sum);
	is_int(sum.vmas, 1, "%s: the end of the range is not part of it", name);
	smaps_parse(text, SMALL - 1, SMALL + 1, &sum);
	is_int(sum.vmas, 2, "%s: two VMAs", name);
	is_int((int64_t)sum.rss_kb, 4096 + 64, "%s: sum of Rss", name);

	smaps_parse(text, LAZY, LAZY + 4096, &sum);
	is_int((int64_t)sum.lazy_free_kb, 256, "%s: LazyFree", name);
	is_int((int64_t)sum.swap_kb, 0, "%s: no Swap there", name);
	smaps_parse(text, SWAPPED, SWAPPED + 4096, &sum);
	is_int((int64_t)sum.swap_kb, 60, "%s: Swap", name);
	is_int((int64_t)sum.rss_kb, 4, "%s: Rss beside it", name);

	is_int(smaps_parse(text, NAMED, NAMED + 4096, &sum), 0, "%s: odd file name", name);
	is_int((int64_t)sum.rss_kb, 8, "%s: Rss does not come from the file name", name);

	is_int(smaps_parse(text, 0x1000, 0x2000, &sum), 0, "%s: nothing mapped there", name);
	is_int(sum.vmas, 0, "%s: no VMA", name);
	is_int(smaps_parse(text, 0, UINTPTR_MAX, &sum), 0, "%s: everything", name);
	is_int(sum.vmas, 10, "%s: all VMAs", name);
	is_int((int64_t)sum.ksm_kb, 0, "%s: KSM", name);
	free(text);
}

static void invalid(const char *text, const char *name)
{
	struct smaps_sum sum;

	is_int(smaps_parse(text, 0, UINTPTR_MAX, &sum), -EINVAL, "%s", name);
}

/* A text cut anywhere must not give too small a sum. */
static void truncated(void)
{
	char *text = data("smaps-6.18");
	size_t length = strlen(text), cuts_taken = 0;
	struct smaps_sum whole, sum;

	smaps_parse(text, 0, UINTPTR_MAX, &whole);
	for (size_t cut = 0; cut < length; cut++) {
		char saved = text[cut];

		text[cut] = '\0';
		if (!smaps_parse(text, 0, UINTPTR_MAX, &sum))
			cuts_taken++;
		text[cut] = saved;
	}
	/* Between two VMAs the text looks whole; at 0 there is none. */
	is_int((int64_t)cuts_taken, whole.vmas, "cut text is taken only at the end of a VMA");
	free(text);
}

static void hostile(void)
{
	struct smaps_sum sum;

	is_int(smaps_parse("", 0, UINTPTR_MAX, &sum), 0, "empty text, as of a zombie");
	is_int(sum.vmas, 0, "has no VMA");
	is_int(smaps_parse(VMA("1000-2000", "4") VMA("3000-4000", "8"), 0, 0x3000, &sum), 0,
	       "made-up text");
	is_int((int64_t)sum.rss_kb, 4, "made-up text: Rss");

	is_int(smaps_parse("a-b rw-p\nKSM:   12 kB\nVmFlags:\nb-c rw-p\nKSM:  8 kB\nVmFlags:\n", 0,
			   0x10, &sum),
	       0, "merged pages");
	is_int((int64_t)sum.ksm_kb, 20, "merged pages: KSM");

	invalid("hello\n", "other text");
	invalid("Rss:  4 kB\n", "field without VMA");
	invalid("1000-2000\n", "header without permissions");
	invalid("1000 2000 rw-p\n", "header without a dash");
	invalid("2000-1000 rw-p 0 00:00 0 \nVmFlags: \n", "VMA of negative size");
	invalid("1000-1000 rw-p 0 00:00 0 \nVmFlags: \n", "VMA of no size");
	invalid("1000-10000000000000000 rw-p\nVmFlags: \n", "address of more than 64 bits");
	invalid(VMA("1000-2000", "-4"), "negative number");
	invalid(VMA("1000-2000", ""), "no number");
	invalid(VMA("1000-2000", "0x4"), "hexadecimal number");
	invalid(VMA("1000-2000", "18446744073709551616"), "number of more than 64 bits");
	invalid(VMA("1000-2000", "18446744073709551615") VMA("3000-4000", "1"), "sum overflows");
	invalid("1000-2000 rw-p\nRss:  4 MB\nVmFlags: \n", "another unit");
	invalid(VMA("1000-2000", "4") "Rss:  4 kB\n", "field behind the last one");
	invalid("1000-2000 rw-p\nRss:  4 kB\n2000-3000 rw-p\nVmFlags: \n", "VMA cut short");

	/* Not our VMA: only its range matters. */
	is_int(smaps_parse(VMA("1000-2000", "x") VMA("3000-4000", "8"), 0x3000, 0x4000, &sum), 0,
	       "bad number in another VMA");
	is_int((int64_t)sum.rss_kb, 8, "bad number in another VMA: Rss");
	is_int(smaps_parse(VMA("1000-2000", "4") "3000-4000 rw-p\nfoo", 0, 0x3000, &sum), 0,
	       "text behind the range is not looked at");
	is_int((int64_t)sum.rss_kb, 4, "text behind the range: Rss");
}

static void own(void)
{
	size_t size = 64 << 10;
	struct smaps_sum sum;
	char *memory;

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		bail_out("mmap");
	memset(memory, 1, size);
	is_int(smaps_read(0, (uintptr_t)memory, (uintptr_t)memory + size, &sum), 0, "own smaps");
	is_int(sum.vmas, 1, "own smaps: VMA");
	ok(sum.rss_kb >= 64, "own smaps: Rss");
	is_int(smaps_read(getpid(), 0, UINTPTR_MAX, &sum), 0, "own smaps by PID, all of it");
	ok(sum.vmas > 5, "own smaps: more VMAs");
	munmap(memory, size);
}

/* A file in folders so deep, and so oddly named, that its header is of 30 KB. */
static void long_path(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const char *folder = getenv("TMPDIR");
	char name[251], *memory;
	struct smaps_sum sum;
	int fd, deep;

	memset(name, '\n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	if (!folder || chdir(folder)) {
		skip("no TMPDIR to make folders in", "long path");
		return;
	}
	for (deep = 0; deep < 30; deep++) {
		if (mkdir(name, 0700) || chdir(name))
			bail_out("mkdir: %s", strerror(errno));
	}
	fd = open("file", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, (off_t)page))
		bail_out("open: %s", strerror(errno));
	memory = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (memory == MAP_FAILED)
		bail_out("mmap");
	is_int(smaps_read(0, (uintptr_t)memory, (uintptr_t)memory + 1, &sum), 0, "long path");
	is_int(sum.vmas, 1, "long path: VMA");
	is_int((int64_t)sum.rss_kb, (int64_t)page / 1024, "long path: Rss");
	is_int(smaps_read(0, 0, UINTPTR_MAX, &sum), 0, "long path: what follows it");
	munmap(memory, page);
	close(fd);
}

int main(void)
{
	recorded("smaps-5.10");
	recorded("smaps-6.1");
	recorded("smaps-6.18");
	truncated();
	hostile();
	own();
	long_path();
	return done_testing();
}
