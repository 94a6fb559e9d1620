// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/claimed_rdma.h"

#include <stdio.h>
#include <unistd.h>

#include "host/host.h"
#include "host/rdma_regions.h"

struct claims {
	struct search *search;
	struct reason *why;
};

/* Regions are of the thread that made them. */
static bool is_of_target(const struct inspection *inspection, pid_t thread)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)inspection->target.pid, (int)thread);
	return !access(path, F_OK);
}

static int add_region(const struct rdma_region *region, void *context)
{
	const struct claims *claims = context;
	const struct inspection *inspection = claims->search->inspection;
	const struct probe_file nobody = { .tgid = inspection->target.pid, .fd = -1 };
	uint64_t page = inspection->host->page_size, pages = region->length / page;
	struct holder *holder;

	if (!region->pid || pages > HOLDER_RANGE_MAX || !is_of_target(inspection, region->pid))
		return 0;
	pages += region->length % page != 0;
	holder = holders_add(claims->search, HOLDER_RDMA, &nobody);
	if (!holder)
		return fail_errno(claims->why, ENOMEM, "memory region");
	holder->class = PIN_CLASS_LONGTERM;
	holder->confidence = CONFIDENCE_COUNT;
	holder->index = region->number;
	holder->end = pages * page;
	holder->pages[SYNC_UNKNOWN] = pages;
	return 0;
}

int claimed_regions(struct search *search, struct reason *why)
{
	struct claims claims = { search, why };
	int err = rdma_regions(add_region, &claims);

	if (err == -ENOMEM)
		return fail_errno(why, ENOMEM, "memory regions");
	if (err)
		fail_errno(&search->inspection->blind[HOLDER_RDMA], -err, "RDMA netlink");
	return 0;
}
