// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * victim MIB: a process that is busy with its memory, for bench/disturbance.sh. On
 * each line that it reads it works for as many milliseconds as that says: a store to
 * a random page and a system call, and once in a while an mmap() and munmap(), which
 * wait for who walks its page tables. Then it prints how long these took, in ns: p50
 * p99 p99.9 max of the stores, the same of the mappings, and its minor and major
 * faults and voluntary switches meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/io.h"

#define SAMPLES (1u << 22)
#define MAPPINGS (1u << 16)
#define MAPPING_EVERY 256

struct samples {
	uint32_t *ns;
	size_t count, room;
};

static void add(struct samples *samples, uint64_t ns)
{
	/* When full the first are replaced: there are more than enough. */
	samples->ns[samples->count++ % samples->room] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static int by_size(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

static void print(struct samples *samples)
{
	size_t count = samples->count < samples->room ? samples->count : samples->room;

	qsort(samples->ns, count, sizeof(*samples->ns), by_size);
	if (count)
		printf("%u %u %u %u ", samples->ns[count / 2], samples->ns[(count - 1) * 99 / 100],
		       samples->ns[(count - 1) * 999 / 1000], samples->ns[count - 1]);
	samples->count = 0;
}

static void work(unsigned char *memory, size_t pages, size_t page, uint64_t ns,
		 struct samples *stores, struct samples *mappings)
{
	uint64_t until = clock_ns() + ns, now = clock_ns(), seed = now | 1;

	for (unsigned i = 0; now < until; i++) {
		uint64_t start = now;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		memory[seed % pages * page]++;
		syscall(SYS_getppid);
		now = clock_ns();
		add(stores, now - start);
		if (i % MAPPING_EVERY)
			continue;
		start = clock_ns();
		munmap(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		       page);
		now = clock_ns();
		add(mappings, now - start);
	}
}

int main(int argc, char **argv)
{
	size_t size = (size_t)(argc > 2 ? atoi(argv[1]) : 512) << 20;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	static uint32_t store_ns[SAMPLES], mapping_ns[MAPPINGS];
	struct samples stores = { store_ns, 0, SAMPLES };
	struct samples mappings = { mapping_ns, 0, MAPPINGS };
	unsigned char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char line[32];

	if (memory == MAP_FAILED)
		return 1;
	madvise(memory, size,
		argc > 2 && !strcmp(argv[2], "thp") ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	memset(memory, 1, size);
	memset(store_ns, 1, sizeof(store_ns));
	memset(mapping_ns, 1, sizeof(mapping_ns));
	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		struct rusage before, after;

		getrusage(RUSAGE_SELF, &before);
		work(memory, size / page, page, strtoull(line, NULL, 10) * 1000000, &stores,
		     &mappings);
		getrusage(RUSAGE_SELF, &after);
		print(&stores);
		print(&mappings);
		printf("%ld %ld %ld\n", after.ru_minflt - before.ru_minflt,
		       after.ru_majflt - before.ru_majflt, after.ru_nvcsw - before.ru_nvcsw);
		fflush(stdout);
	}
	return 0;
}
