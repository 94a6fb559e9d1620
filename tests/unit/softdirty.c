// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The races of soft-dirty pages on a kernel that takes the request and does nothing, and
 * on one that does: told by what pagemap says, which here is said for the kernel.
 */
#include <limits.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case/outcome.h"
#include "host/host.h"
#include "procfs/pagemap.h"
#include "races/races.h"
#include "tap.h"

extern const struct race_ops race_mprotect_softdirty, race_read_only_before_pin;

/* How many pages of those that are read are soft-dirty. */
static size_t dirty_pages;

/* In place of the library's. */
ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
	ssize_t got = syscall(SYS_pread64, fd, data, size, offset);
	uint64_t *entries = data;

	for (size_t i = 0; got > 0 && i < (size_t)got / sizeof(*entries); i++)
		entries[i] = (entries[i] & ~PM_SOFT_DIRTY) | (i < dirty_pages ? PM_SOFT_DIRTY : 0);
	return got;
}

/* What the race does, of which @dirty pages stay soft-dirty; or, without one, before_pin. */
static int effect(const struct race_ops *ops, size_t dirty, struct reason *why)
{
	const struct host host = { .page_size = (size_t)sysconf(_SC_PAGESIZE) };
	struct region region = { .host = &host, .page_size = host.page_size, .fd = -1 };
	struct race race = { .ops = ops, .host = &host, .region = &region, .seed = 1 };
	struct outcome outcome;
	int done;

	region.size = 8 * region.page_size;
	outcome_init(&outcome, PIN_CLASS_GET);
	race.outcome = &outcome;
	dirty_pages = dirty;
	why->text[0] = '\0';
	if (region_map(&region, why))
		bail_out("%s", why->text);
	region_populate(&region);
	done = ops->before_pin ? ops->before_pin(&race, why) : ops->run(&race, why);
	munmap(region.base, region.size);
	free(region.page);
	return done;
}

int main(void)
{
	struct reason why;
	int done = effect(&race_mprotect_softdirty, 0, &why);

	if (done < 0) {
		skip(why.text, "soft-dirty pages");
		return done_testing();
	}
	is_int(done, RACE_DONE, "mprotect-softdirty: all pages are clean");
	is_int(effect(&race_read_only_before_pin, 0, &why), 0, "read-only-before-pin: likewise");
	is_int(effect(&race_mprotect_softdirty, 1, &why), RACE_NO_EFFECT,
	       "mprotect-softdirty: one page stays dirty");
	is_str(why.text, "1 of 8 pages stayed soft-dirty", "mprotect-softdirty: why");
	is_int(effect(&race_read_only_before_pin, 8, &why), -EAGAIN,
	       "read-only-before-pin: all pages stay dirty");
	is_str(why.text, "8 of 8 pages stayed soft-dirty", "read-only-before-pin: why");
	return done_testing();
}
