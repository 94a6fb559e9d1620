// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"
#include "host/counters.h"
#include "tap.h"

#define PAGES 256u
#define FAULTS ((int64_t)PAGES * 2) /* half of them in a child */

static void touch(char *memory)
{
	for (size_t i = 0; i < PAGES; i++)
		memory[i * (size_t)sysconf(_SC_PAGESIZE)] = 1;
}

/* Page faults of this process and of a child. */
static void faults(void)
{
	static const char *const names[] = { "perf::page-faults", "page-faults:u", NULL };
	size_t size = PAGES * (size_t)sysconf(_SC_PAGESIZE);
	struct counters counters;
	struct reason why;
	int64_t values[2];
	char *memory;
	pid_t child;

	memory = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		bail_out("mmap");
	madvise(memory, 2 * size, MADV_NOHUGEPAGE);
	if (!is_int(counters_open(&counters, names, &why), 0, "open"))
		bail_out("%s", why.text);
	is_int(counters.count, 2, "two counters");
	if (counters.fd[0] < 0) {
		skip(counters.reason[0].text, "page faults");
		counters_close(&counters);
		return;
	}
	touch(memory);
	child = fork();
	if (child == 0) {
		touch(memory + size);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	is_int(counters_read(&counters, values), 0, "read");
	ok(values[0] >= FAULTS, "faults of this process and of its child");
	ok(values[1] >= FAULTS && values[1] <= values[0], "those of user space");
	counters_close(&counters);
	is_int(counters.count, 0, "closed");
	munmap(memory, 2 * size);
}

static void defaults(void)
{
	int64_t values[COUNTERS_MAX];
	struct counters counters;
	struct reason why;

	is_int(counters_open(&counters, counters_default, &why), 0, "the default counters");
	counters_read(&counters, values);
	for (unsigned i = 0; i < counters.count; i++)
		ok((counters.fd[i] >= 0) == !counters.reason[i].text[0],
		   "%s is counted or has a reason", counters_default[i]);
	counters_close(&counters);
}

static void names(void)
{
	static const char *const unknown[] = { "page-faults", "no-such-event", NULL };
	static const char *const many[COUNTERS_MAX + 2] = {
		"page-faults", "page-faults", "page-faults", "page-faults", "page-faults",
		"page-faults", "page-faults", "page-faults", "page-faults",
	};
	static const char *const none[] = { NULL };
	struct counters counters;
	struct reason why;

	is_int(counters_open(&counters, unknown, &why), -EINVAL, "an unknown event");
	ok(strstr(why.text, "no-such-event"), "is named");
	is_int(counters.count, 0, "nothing is open");
	is_int(counters_open(&counters, many, &why), -EINVAL, "too many events");
	is_int(counters_open(&counters, none, &why), 0, "no event");
	counters_close(&counters);
}

int main(void)
{
	if (!HAVE_LIBPFM) {
		struct counters counters;
		struct reason why;

		is_int(counters_open(&counters, counters_default, &why), -ENOTSUP, "no libpfm");
		return done_testing();
	}
	faults();
	defaults();
	names();
	return done_testing();
}
