// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages parted from a pin on purpose. Discarding is what parts them on every kernel
 * (madvise(2), MADV_DONTNEED; fallocate(2), FALLOC_FL_PUNCH_HOLE); what is written
 * there then is a page that nothing pins, which can be swapped out or merged.
 */
#include "case/hold_part.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "case/case.h"
#include "case/tags.h"
#include "host/host.h"
#include "host/ksm.h"
#include "host/swap.h"
#include "procfs/pagemap.h"
#include "util/io.h"

/* What a page is that waits for reclaim, or for ksmd, is asked again for so long. */
#define PATIENCE_NS UINT64_C(10000000000)
#define PAUSE_US 2000

/* Shared memory is not lost by unmapping it: only the file can give up the page. */
static int discard_page(struct region *region, unsigned page, struct reason *why)
{
	if (region->ops->traits & MEMORY_PRIVATE) {
		if (madvise(region->page[page], region->page_size, MADV_DONTNEED))
			return fail_errno(why, errno, "madvise(MADV_DONTNEED)");
		return 0;
	}
	if (region->ops->traits & MEMORY_PMD)
		return fail(why, ENOTSUP,
			    "%s cannot be parted: what is pinned of a file's huge page is not "
			    "discarded but filled with zeros",
			    region->ops->name);
	if (fallocate(region->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)page * (off_t)region->page_size, (off_t)region->page_size))
		return fail_errno(why, errno, "fallocate(FALLOC_FL_PUNCH_HOLE)");
	return 0;
}

static int read_entry(const void *at, uint64_t *entry, struct reason *why)
{
	struct pagemap pagemap;
	int err = pagemap_open(&pagemap, 0);

	if (!err) {
		err = pagemap_read(&pagemap, (uintptr_t)at, 1, entry);
		pagemap_close(&pagemap);
	}
	return err ? fail_errno(why, -err, "/proc/self/pagemap") : 0;
}

/* Reclaim passes over pages that wait in a CPU's batch for an LRU list. */
static int swap_page(struct region *region, unsigned page, struct reason *why)
{
	uint64_t deadline = clock_ns() + PATIENCE_NS, entry = 0;
	int err;

	do {
		if (madvise(region->page[page], region->page_size, MADV_PAGEOUT))
			return fail_errno(why, errno, "madvise(MADV_PAGEOUT)");
		err = read_entry(region->page[page], &entry, why);
		if (err || pagemap_swapped(entry))
			return err;
		usleep(PAUSE_US);
	} while (clock_ns() < deadline);
	return fail(why, EAGAIN, "page %u could not be swapped out", page);
}

/* With a page of the same bytes, which stays as long as the process does. */
static int merge_page(struct region *region, unsigned page, struct reason *why)
{
	uint64_t deadline = clock_ns() + PATIENCE_NS, entry = 0, other = 0;
	size_t size = region->page_size;
	void *twin = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err;

	if (twin == MAP_FAILED)
		return fail_errno(why, errno, "mmap");
	tag_fill(twin, size, TAG_CPU, page, CASE_SEED_DEFAULT);
	if (madvise(twin, size, MADV_MERGEABLE) ||
	    madvise(region->page[page], size, MADV_MERGEABLE))
		return fail_errno(why, errno, "madvise(MADV_MERGEABLE)");
	do {
		err = read_entry(region->page[page], &entry, why);
		if (!err)
			err = read_entry(twin, &other, why);
		if (err || (pagemap_pfn(entry) && pagemap_pfn(entry) == pagemap_pfn(other)))
			return err;
		usleep(PAUSE_US);
	} while (clock_ns() < deadline);
	return fail(why, EAGAIN, "page %u was not merged", page);
}

static int part_page(struct hold *hold, unsigned page, enum held_state state, struct reason *why)
{
	struct region *region = &hold->region;
	int err = discard_page(region, page, why);

	if (!err && state != HELD_DISCARDED)
		tag_fill(region->page[page], region->page_size, TAG_CPU, page, CASE_SEED_DEFAULT);
	if (!err && state == HELD_SWAPPED)
		err = swap_page(region, page, why);
	if (!err && state == HELD_MERGED)
		err = merge_page(region, page, why);
	hold->state[page] = (unsigned char)state;
	return err;
}

/* The i-th of @count pages that are spread evenly over the region. */
static unsigned spread(unsigned i, unsigned count, unsigned pages)
{
	return (unsigned)(((uint64_t)i * pages + pages / 2) / count);
}

int hold_part_probe(const struct hold_plan *plan, const struct host *host, struct reason *why)
{
	int err = plan->parted[HELD_SWAPPED] ? swap_probe(host, why) : 0;

	return err || !plan->parted[HELD_MERGED] ? err : ksm_probe(host, why);
}

int hold_part(struct hold *hold, struct reason *why)
{
	const unsigned *parted = hold->plan.parted;
	unsigned count = 0, next = 0;
	int err = 0;

	for (unsigned state = 0; state < HELD_STATES; state++)
		count += parted[state];
	if (parted[HELD_SWAPPED])
		err = swap_ensure(hold->host, 2 * hold->region.size, &hold->guardian, why);
	if (!err && parted[HELD_MERGED])
		err = ksm_run(&hold->guardian, why);
	for (unsigned state = 0; state < HELD_STATES; state++)
		for (unsigned i = 0; !err && i < parted[state]; i++)
			err = part_page(hold, spread(next++, count, hold->region.pages),
					(enum held_state)state, why);
	return err;
}
