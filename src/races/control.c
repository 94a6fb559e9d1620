// SPDX-License-Identifier: GPL-2.0-or-later
#include "races/control.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "case/case.h"
#include "util/io.h"

static void advise(const struct region *region, int advice)
{
	if (region->base)
		madvise(region->base, region->size, advice);
}

int make_beside(struct race *race, struct region *beside, struct reason *why)
{
	int err;

	advise(race->region, MADV_DONTFORK);
	advise(&race->control, MADV_DONTFORK);
	err = region_make(beside, race->region, race->seed, why);
	advise(race->region, MADV_DOFORK);
	advise(&race->control, MADV_DOFORK);
	/* What was swapped out comes back, as the pin brings back the other one. */
	if (!err)
		region_read(beside);
	return err;
}

int control_make(struct race *race, struct reason *why)
{
	return make_beside(race, &race->control, why);
}

int refuses_stores(unsigned char *at, struct reason *why)
{
	char byte = 0;
	int pipe[2], err;
	ssize_t done;

	if (pipe2(pipe, O_CLOEXEC))
		return fail_errno(why, errno, "pipe");
	done = write(pipe[1], &byte, 1);
	if (done == 1)
		done = read(pipe[0], at, 1);
	err = errno;
	close(pipe[0]);
	close(pipe[1]);
	return done < 0 && err == EFAULT;
}

uint64_t race_patience(const struct race *race)
{
	return race->options->timeout_ms * UINT64_C(1000000) * 7 / 10;
}

static uint64_t read_count(const char *path)
{
	uint64_t count = 0;
	char *text;

	if (!read_text(path, &text, NULL)) {
		count = strtoull(text, NULL, 10);
		free(text);
	}
	return count;
}

bool wait_for_scans(const char *path, uint64_t scans, uint64_t deadline)
{
	uint64_t last = read_count(path) + scans;
	bool scanned;

	while (!(scanned = read_count(path) >= last) && clock_ns() < deadline)
		usleep(2000);
	return scanned;
}
