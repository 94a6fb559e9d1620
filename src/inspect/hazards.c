// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/hazards.h"

#include <stdlib.h>
#include <string.h>

#include "case/expectation.h"
#include "host/host.h"
#include "util/io.h"

static const struct {
	const char *means;
	const char *remedy;
} texts[HAZARD_COUNT] = {
	[HAZARD_DIVERGED] = { "the device has other pages than the process",
			      "stop the I/O, unregister the memory and register it again; look for "
			      "madvise(MADV_DONTNEED) or munmap() under it" },
	[HAZARD_SHARED] = { "pinned pages are copy-on-write, shared with a child or with a file: the "
			    "next write of the process moves it to a copy",
			    "madvise(MADV_DONTFORK) before fork(), or MAP_SHARED memory" },
	[HAZARD_GET_FORKABLE] = { "held by FOLL_GET, which fork() does not respect, and a child "
				  "would get the memory",
				  "madvise(MADV_DONTFORK), or no fork() while it is held" },
	[HAZARD_PIN_FORKABLE] = { "held by FOLL_PIN, which the fork() of this kernel does not "
				  "respect",
				  "madvise(MADV_DONTFORK), or Linux 5.9 or later, for hugetlb pages "
				  "5.12" },
	[HAZARD_HOLES] = { "parts of the pinned range were discarded, as allocators do",
			   "pin memory from mmap(), not from malloc()" },
	[HAZARD_SHARED_EDGE] = { "the first or last page has other data as well, which goes where "
				 "the page goes",
				 "align the buffer to pages, and pad it" },
	[HAZARD_THP_KEPT] = { "a huge page of which only a part is mapped is kept whole by the pin",
			      "map and unmap whole huge pages" },
	[HAZARD_MERGEABLE] = { "KSM may scan the pinned memory", "madvise(MADV_UNMERGEABLE)" },
	[HAZARD_WIPEONFORK] = { "a child finds zeros in the pinned memory, whatever the device does",
				"madvise(MADV_KEEPONFORK), or MADV_DONTFORK" },
	[HAZARD_MANY_VMAS] = { "the process comes near vm.max_map_count, after which "
			       "madvise(MADV_DONTFORK) fails",
			       "mark whole arenas MADV_DONTFORK, not buffer by buffer" },
	[HAZARD_FAR_NODE] = { "pinned pages are on another NUMA node than the device, or than all "
			      "CPUs that the process may use, and cannot be moved",
			      "bind the memory before it is pinned (numactl --membind, mbind(2))" },
};

const char *hazard_means(enum hazard_code code)
{
	return texts[code].means;
}

const char *hazard_remedy(enum hazard_code code)
{
	return texts[code].remedy;
}

static int add(struct inspection *inspection, enum hazard_code code, int holder, uint64_t start,
	       uint64_t end, uint64_t pages)
{
	size_t count = inspection->hazards_count;

	if (!(count & (count - 1))) {
		struct hazard *more = reallocarray(inspection->hazards, count ? 2 * count : 1,
						   sizeof(*more));

		if (!more)
			return -ENOMEM;
		inspection->hazards = more;
	}
	inspection->hazards[inspection->hazards_count++] = (struct hazard){ code, holder, start,
									    end, pages };
	if (holder >= 0)
		inspection->holders[holder].hazards |= 1u << code;
	return 0;
}

/* The pin whose rules hold for what a holder has; of others those for all pins. */
static const char *pin_of(enum holder_kind kind)
{
	static const char *const names[HOLDER_KIND_COUNT] = {
		[HOLDER_URING] = "uring-fixed", [HOLDER_RING] = "uring-fixed",
		[HOLDER_XDP] = "xdp-umem",      [HOLDER_PIPE] = "vmsplice",
		[HOLDER_RDMA] = "rdma",         [HOLDER_VFIO] = "vfio",
		[HOLDER_UDMABUF] = "udmabuf",
	};

	return names[kind] ? names[kind] : "";
}

/*
 * Does a rule for this kernel expect a loss when a process writes to private
 * memory that is held so, after fork()?
 */
static bool fork_loses(const struct host *host, const struct holder *holder, bool hugetlb)
{
	const struct rule_query query = {
		.class = holder->class,
		.access = RULE_WRITE_PIN,
		.pin = pin_of(holder->kind),
		.memory = hugetlb ? "hugetlb" : "base",
		.race = "fork-parent-write",
		.kernel = host->kernel,
	};
	const struct rule *rule = rule_find(&query);

	return rule && rule_expects_loss(rule);
}

/* What the VMAs of a range are. */
struct range {
	unsigned any;  /* flags that any of them has */
	bool private;  /* one of them at least is */
	bool forkable; /* the same, and a child would get it with what is in it */
	bool hugetlb;
};

static struct range look_at_range(const struct inspection *inspection, const struct holder *holder)
{
	const struct vma_list *list = &inspection->vmas;
	struct range range = { .any = 0 };

	for (size_t i = maps_first(list, holder->start);
	     i < list->count && list->vmas[i].start < holder->end; i++) {
		unsigned flags = list->vmas[i].flags;

		range.any |= flags;
		range.private |= !(flags & VMA_SHARED);
		/* What cannot be written to stays the file's in parent and child. */
		range.forkable |= !(flags & (VMA_SHARED | VMA_DONTFORK | VMA_WIPEONFORK)) &&
				  (flags & VMA_WRITE || !list->vmas[i].inode);
		/* Pages are known by kernel memory, or since 6.7; VMAs where their flags are. */
		range.hugetlb |= inspection->vma_totals[i].kind[KIND_HUGETLB] > 0 ||
				 flags & VMA_HUGETLB;
	}
	return range;
}

/* Pages mapped of the THPs that a holder keeps and of which a part is mapped only. */
static uint64_t kept_pages(const struct inspection *inspection, const struct held_list *held,
			   const struct holder *holder)
{
	uint64_t bytes = 0;

	for (size_t i = held_first(held, holder->start);
	     i < held->count && held_down(&held->ranges[i], held->ranges[i].start) < holder->end;
	     i++) {
		const struct held_range *range = &held->ranges[i];
		uint64_t start = held_down(range, holder->start);
		uint64_t end = held_up(range, holder->end);

		start = start > range->start ? start : range->start;
		end = end < range->end ? end : range->end;
		bytes += range->part && start < end ? end - start : 0;
	}
	return bytes / inspection->host->page_size;
}

static int judge_holder(struct inspection *inspection, const struct held_list *held, int index)
{
	const struct holder *holder = &inspection->holders[index];
	uint64_t start = holder->start, end = holder->end;
	uint64_t pages = (end - start) / inspection->host->page_size;
	uint64_t parted = holder->pages[SYNC_OUT] + holder->pages[SYNC_UNMAPPED] +
			  holder->swapped_apart;
	struct range range = look_at_range(inspection, holder);
	uint64_t kept = start ? kept_pages(inspection, held, holder) : 0;
	bool known = inspection->vmas.flags_known;
	int err = 0;

	/* Of what is held somewhere nothing else can be said. */
	if (!start)
		return parted ? add(inspection, HAZARD_DIVERGED, index, 0, 0, parted) : 0;
	if (parted)
		err |= add(inspection, HAZARD_DIVERGED, index, holder->first_bad, end, parted);
	if (holder->pages[SYNC_UNMAPPED])
		err |= add(inspection, HAZARD_HOLES, index, holder->first_bad, end,
			   holder->pages[SYNC_UNMAPPED]);
	if (holder->shared && range.private)
		err |= add(inspection, HAZARD_SHARED, index, start, end, holder->shared);
	if (known && range.forkable && fork_loses(inspection->host, holder, range.hugetlb))
		err |= add(inspection,
			   holder->class == PIN_CLASS_GET ? HAZARD_GET_FORKABLE :
							    HAZARD_PIN_FORKABLE,
			   index, start, end, pages);
	if (holder->edge)
		err |= add(inspection, HAZARD_SHARED_EDGE, index, start, end, pages);
	if (kept)
		err |= add(inspection, HAZARD_THP_KEPT, index, start, end, kept);
	if (known && range.any & VMA_MERGEABLE)
		err |= add(inspection, HAZARD_MERGEABLE, index, start, end, pages);
	if (known && range.any & VMA_WIPEONFORK)
		err |= add(inspection, HAZARD_WIPEONFORK, index, start, end, pages);
	if (holder->far)
		err |= add(inspection, HAZARD_FAR_NODE, index, start, end, holder->far);
	return err ? -ENOMEM : 0;
}

/* MADV_DONTFORK on each buffer splits VMAs, of which a process may have so many. */
static int judge_vmas(struct inspection *inspection)
{
	uint64_t dontfork = 0, max;
	char *text;

	for (size_t i = 0; i < inspection->vmas.count; i++)
		dontfork += !!(inspection->vmas.vmas[i].flags & VMA_DONTFORK);
	if (dontfork < inspection->vmas.count / 4 ||
	    read_text("/proc/sys/vm/max_map_count", &text, NULL))
		return 0;
	max = strtoull(text, NULL, 10);
	free(text);
	if (!max || inspection->vmas.count < max / 10 * 8)
		return 0;
	return add(inspection, HAZARD_MANY_VMAS, -1, 0, 0, inspection->vmas.count);
}

int hazards_find(struct inspection *inspection, const struct held_list *held, struct reason *why)
{
	int err = judge_vmas(inspection);

	for (size_t i = 0; !err && i < inspection->holders_count; i++)
		err = judge_holder(inspection, held, (int)i);
	return err ? fail_errno(why, -err, "hazards") : 0;
}
