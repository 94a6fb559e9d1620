// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Anonymous memory that is swapped out when it gets pinned: the pin itself has
 * to bring it back. THPs come back as base pages on most kernels; what they
 * were when they went is in the name.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "host/lru.h"
#include "host/swap.h"
#include "memory/anon.h"
#include "procfs/pagemap.h"

extern const struct memory_ops memory_base, memory_thp, memory_thp_pte, memory_thp_single_pte;

/* Pages that something else looks at are passed over: ask again. */
#define TRIES 20

static int base_probe(const struct host *host, struct reason *why)
{
	return swap_probe(host, why);
}

static int thp_probe(const struct host *host, struct reason *why)
{
	int err = anon_thp_probe(host, why);

	return err ? err : swap_probe(host, why);
}

/* The proof: each page has a swap entry in pagemap. */
static int swap_out(struct region *region, struct reason *why)
{
	int out = 0, err = swap_ensure(region->host, region->size, region->guardian, why);

	if (err)
		return err;
	for (unsigned i = 0; i < TRIES; i++) {
		if (madvise(region->base, region->size, MADV_PAGEOUT))
			return fail_errno(why, errno, "madvise(MADV_PAGEOUT)");
		out = region_count(region, PM_SWAP, PM_PRESENT, why);
		if (out < 0 || (unsigned)out == region->pages)
			break;
		usleep(1000);
		lru_drain(); /* those of a CPU that this process has left */
	}
	if (out < 0)
		return out;
	if ((unsigned)out != region->pages)
		return fail(why, EAGAIN, "only %d of %u pages could be swapped out", out,
			    region->pages);
	return 0;
}

#define SWAPPED(kind, kind_name, what, kind_probe, lacks)                   \
	static int create_##kind(struct region *region, struct reason *why) \
	{                                                                   \
		return memory_##kind.create(region, why);                   \
	}                                                                   \
	const struct memory_ops memory_##kind##_swapped = {                 \
		.name = kind_name "-swapped",                               \
		.help = what ", swapped out",                               \
		.level = LEVEL_SELECTED,                                    \
		.traits = ANON_TRAITS & ~(lacks),                           \
		.modules = "loop",                                          \
		.probe = (kind_probe),                                      \
		.create = create_##kind,                                    \
		.settle = swap_out,                                         \
	}

SWAPPED(base, "base", "anonymous base pages", base_probe, 0u);
SWAPPED(thp, "thp", "an anonymous THP", thp_probe, 0u);
SWAPPED(thp_pte, "thp-pte", "an anonymous THP mapped by PTEs", thp_probe, 0u);
SWAPPED(thp_single_pte, "thp-single-pte", "one page of an anonymous THP", thp_probe,
	MEMORY_SEVERAL);
