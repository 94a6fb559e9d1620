// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A pin that is taken and kept, with pages parted from it on purpose: the
 * factory of what "thpin inspect" has to find.
 */
#include "case/hold.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case/case.h"
#include "case/hold_part.h"
#include "case/tags.h"
#include "host/host.h"
#include "host/node.h"
#include "procfs/pagemap.h"

/* With the device: nothing else ends a hold that cannot go on. */
#define PATIENCE_MS 30000

static int make_region(struct hold *hold, struct reason *why)
{
	struct region *region = &hold->region;
	uint64_t parted = 0;
	int err;

	*region = (struct region){
		.ops = hold->plan.memory,
		.host = hold->host,
		.guardian = &hold->guardian,
		.size = hold->plan.size,
		.page_size = hold->host->page_size,
		.fd = -1,
	};
	err = region->ops->create(region, why);
	if (err)
		return err;
	tag_region(region, TAG_OLD, CASE_SEED_DEFAULT);
	err = region->ops->settle ? region->ops->settle(region, why) : 0;
	if (err)
		return err;
	hold->pinned_pfn = calloc(region->pages, sizeof(*hold->pinned_pfn));
	hold->mapped_pfn = calloc(region->pages, sizeof(*hold->mapped_pfn));
	hold->state = calloc(region->pages, 1);
	if (!hold->pinned_pfn || !hold->mapped_pfn || !hold->state)
		return fail_errno(why, ENOMEM, "%u pages", region->pages);
	for (unsigned state = 0; state < HELD_STATES; state++)
		parted += hold->plan.parted[state];
	if (parted > region->pages)
		return fail(why, EINVAL, "%" PRIu64 " pages are to be parted, and there are %u",
			    parted, region->pages);
	return 0;
}

/* PFNs of all pages as they are mapped; unknown ones stay PFN_UNKNOWN. */
static int read_pfns(const struct region *region, uint64_t *pfns, struct reason *why)
{
	struct pagemap pagemap;
	int err = pagemap_open(&pagemap, 0);

	if (err)
		return fail_errno(why, -err, "/proc/self/pagemap");
	err = pagemap_read(&pagemap, (uintptr_t)region->base, region->pages, pfns);
	pagemap_close(&pagemap);
	for (unsigned i = 0; !err && i < region->pages; i++)
		pfns[i] = pagemap_pfn(pfns[i]);
	return err ? fail_errno(why, -err, "/proc/self/pagemap") : 0;
}

static int fork_child(struct hold *hold, struct reason *why)
{
	hold->child = fork();
	if (hold->child < 0)
		return fail_errno(why, errno, "fork");
	if (hold->child)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

int hold_begin(struct hold *hold, const struct hold_plan *plan, const struct host *host,
	       struct reason *why)
{
	int err;

	*hold = (struct hold){
		.plan = *plan,
		.host = host,
		.guardian.socket = -1,
		.region.fd = -1,
		.pin = { .ops = plan->pin,
			 .host = host,
			 .guardian = &hold->guardian,
			 .patience_ms = PATIENCE_MS },
	};
	hold->plan.size = memory_size(plan->memory, host, plan->size);
	err = plan->nodes ? nodes_bind(plan->nodes, why) : 0;
	if (!err)
		err = plan->memory->probe(host, why);
	if (!err)
		err = plan->pin->probe(host, why);
	if (!err)
		err = hold_part_probe(plan, host, why);
	if (!err)
		err = guardian_start(&hold->guardian, why);
	if (err)
		return err;
	hold->pin.device = mmap(NULL, hold->plan.size, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (hold->pin.device == MAP_FAILED)
		return fail_errno(why, errno, "cannot map %zu bytes", (size_t)hold->plan.size);
	if (plan->pin->open)
		err = plan->pin->open(&hold->pin, hold->plan.size, why);
	if (!err)
		err = make_region(hold, why);
	if (!err)
		err = pin_take(&hold->pin, &hold->region, why);
	if (!err)
		err = read_pfns(&hold->region, hold->pinned_pfn, why);
	if (!err)
		err = hold_part(hold, why);
	if (!err && plan->fork)
		err = fork_child(hold, why);
	return err ? err : read_pfns(&hold->region, hold->mapped_pfn, why);
}

void hold_end(struct hold *hold)
{
	if (hold->child > 0) {
		kill(hold->child, SIGKILL);
		waitpid(hold->child, NULL, 0);
	}
	if (hold->pin.ops->drop)
		hold->pin.ops->drop(&hold->pin);
	if (hold->guardian.socket >= 0)
		guardian_stop(&hold->guardian);
	if (hold->pin.device && hold->pin.device != MAP_FAILED)
		munmap(hold->pin.device, hold->plan.size);
	free(hold->pinned_pfn);
	free(hold->mapped_pfn);
	free(hold->state);
}
