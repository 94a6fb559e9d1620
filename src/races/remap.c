// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mremap() of all that is pinned to another address. The kernel moves page-table
 * entries and no pages, a PMD of a THP as one where both places are aligned to it
 * (mm/mremap.c, move_huge_pmd()): the data is where the pages are, and the device
 * has them still. MREMAP_DONTUNMAP leaves a mapping behind in which nothing is.
 */
#include <string.h>
#include <sys/mman.h>

#include "host/host.h"
#include "procfs/maps.h"
#include "procfs/pagemap.h"
#include "races/races.h"

/* glibc 2.32 has it. */
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/*
 * Room for the region, as far from a border of a THP as it is now, and within
 * inaccessible pages: smaps speaks of it alone.
 */
static unsigned char *make_room(const struct region *region, struct reason *why)
{
	size_t align = region->host->pmd_size ? region->host->pmd_size : region->page_size;
	size_t off = (uintptr_t)region->base % align;
	unsigned char *area = mmap(NULL, region->size + 3 * align, PROT_NONE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (area == MAP_FAILED) {
		fail_errno(why, errno, "cannot reserve %zu bytes", region->size + 3 * align);
		return NULL;
	}
	return area + (align - (uintptr_t)area % align) + off;
}

/* EINVAL is what kernels say that cannot do it, or not to memory of this kind. */
static int refused(int flags, int err, struct reason *why)
{
	int lacks = err == EINVAL ? ENOTSUP : err;

	if (flags)
		return fail(why, lacks,
			    "mremap(MREMAP_DONTUNMAP): %s (Linux 5.7, e346b3813067; of shared memory and files 5.13, a4609387859f; never of hugetlb memory)",
			    strerror(err));
	return fail(why, lacks, "mremap: %s (of hugetlb memory: Linux 5.16, 550a7d60bd5e)",
		    strerror(err));
}

/* The VMAs of the region one after the other: before Linux 6.17 a call takes one. */
static int move_vmas(const struct region *region, unsigned char *room, int flags,
		     struct reason *why)
{
	struct vma_list list;
	int err = maps_read(0, false, &list);

	if (err)
		return fail_errno(why, -err, "/proc/self/maps");
	for (size_t done = 0; !err && done < region->size;) {
		unsigned char *from = region->base + done;
		const struct vma *vma = maps_find(&list, (uintptr_t)from);
		size_t left = region->size - done, size;

		if (!vma) {
			err = fail(why, EIO, "the region is not mapped");
			break;
		}
		size = vma->end - (uintptr_t)from < left ? vma->end - (uintptr_t)from : left;
		if (mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED | flags, room + done) ==
		    MAP_FAILED)
			err = refused(flags, errno, why);
		done += size;
	}
	maps_free(&list);
	return err;
}

/* Nothing is mapped where the region was: not to be had is what mincore() says then. */
static int prove_hole(const struct region *region, struct reason *why)
{
	unsigned char in_core;

	for (unsigned i = 0; i < region->pages; i++) {
		if (!mincore(region->base + i * region->page_size, region->page_size, &in_core) ||
		    errno != ENOMEM) {
			fail(why, EIO, "page %u is still mapped where it was", i);
			return RACE_NO_EFFECT;
		}
	}
	return RACE_DONE;
}

/* A mapping is there, and not a page of it. */
static int prove_empty(const struct region *region, struct reason *why)
{
	struct vma_list list;
	bool mapped;
	int here, err = maps_read(0, false, &list);

	if (err)
		return fail_errno(why, -err, "/proc/self/maps");
	mapped = maps_find(&list, (uintptr_t)region->base) &&
		 maps_find(&list, (uintptr_t)region->base + region->size - 1);
	maps_free(&list);
	if (!mapped) {
		fail(why, EIO, "MREMAP_DONTUNMAP left no mapping behind");
		return RACE_NO_EFFECT;
	}
	here = region_count(region, 0, PM_PRESENT | PM_SWAP, why);
	if (here < 0)
		return here;
	if ((unsigned)here != region->pages) {
		fail(why, EIO, "MREMAP_DONTUNMAP left %u pages behind", region->pages - here);
		return RACE_NO_EFFECT;
	}
	return RACE_DONE;
}

static int move_all(struct race *race, int flags, struct reason *why)
{
	struct region *region = race->region;
	int64_t whole = region_pmd_mapped(region), still;
	unsigned char *room = make_room(region, why);
	int err, effect;

	if (!room)
		return -ENOMEM;
	if (whole < 0)
		return fail_errno(why, (int)-whole, "/proc/self/smaps");
	err = move_vmas(region, room, flags, why);
	if (err)
		return err;
	/* Before any proof: whatever comes of it, bytes are compared where they are now. */
	for (unsigned i = 0; i < region->pages; i++)
		region->page[i] = room + i * region->page_size;
	effect = flags ? prove_empty(region, why) : prove_hole(region, why);
	if (effect)
		return effect;
	still = region_pmd_mapped(region);
	if (still < 0)
		return fail_errno(why, (int)-still, "/proc/self/smaps");
	outcome_event(race->outcome, ACTOR_PARENT,
		      "moves all of it to another address%s; %lld KiB go by PMD",
		      flags ? " and keeps the old one mapped" : "", (long long)still / 1024);
	race_write_pages(race, 0, region->pages);
	if (still == whole)
		return RACE_DONE;
	fail(why, EIO, "of %lld KiB that were mapped by PMDs %lld KiB are", (long long)whole / 1024,
	     (long long)still / 1024);
	return RACE_NO_EFFECT;
}

static int mremap_all(struct race *race, struct reason *why)
{
	return move_all(race, 0, why);
}

static int mremap_dontunmap(struct race *race, struct reason *why)
{
	return move_all(race, MREMAP_DONTUNMAP, why);
}

const struct race_ops race_mremap_all = {
	.name = "mremap-all",
	.family = "move",
	.help = "mremap all to another address, write all",
	.level = LEVEL_SELECTED,
	.run = mremap_all,
};

const struct race_ops race_mremap_dontunmap = {
	.name = "mremap-dontunmap",
	.family = "move",
	.help = "the same, the old address stays mapped (MREMAP_DONTUNMAP), write all",
	.level = LEVEL_SELECTED,
	.run = mremap_dontunmap,
};
