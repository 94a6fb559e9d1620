// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Discarding pinned memory. The pin keeps the page, not the mapping: the next
 * access gets another page, by contract, on every kernel and for every pin
 * (madvise(2), MADV_DONTNEED; mmap(2), MAP_FIXED). These races are the control
 * that proves the detector. Only of shared memory MADV_DONTNEED takes no more
 * than the mapping: the next access finds the same page in the page cache.
 */
#include <string.h>
#include <sys/mman.h>

#include "case/case.h"
#include "case/tags.h"
#include "pins/pins.h"
#include "procfs/pagemap.h"
#include "races/half.h"
#include "races/races.h"
#include "util/io.h"

/* The proof: nothing is mapped there any more. */
static int discarded(const unsigned char *page, struct reason *why)
{
	struct pagemap pagemap;
	uint64_t entry;
	int err = pagemap_open(&pagemap, 0);

	if (!err) {
		err = pagemap_read(&pagemap, (uintptr_t)page, 1, &entry);
		pagemap_close(&pagemap);
	}
	if (err)
		return fail_errno(why, -err, "/proc/self/pagemap");
	if (!(entry & (PM_PRESENT | PM_SWAP)))
		return RACE_DONE;
	fail(why, EIO, "the memory is still mapped");
	return RACE_NO_EFFECT;
}

static int discard(const struct region *region, unsigned first, unsigned count, struct reason *why)
{
	if (!madvise(region->page[first], count * region->page_size, MADV_DONTNEED))
		return 0;
	return fail(why, errno == EINVAL ? ENOTSUP : errno,
		    "madvise(MADV_DONTNEED): %s (of hugetlb memory: Linux 5.18, 90e7e7f5ef3f)",
		    strerror(errno));
}

static int dontneed(struct race *race, unsigned first, unsigned count, struct reason *why)
{
	struct region *region = race->region;
	int effect = discard(region, first, count, why);

	if (effect)
		return effect;
	effect = discarded(region->page[first + count - 1], why);
	if (effect)
		return effect;
	if (count == 1)
		outcome_event(race->outcome, ACTOR_PARENT, "discards page %u (MADV_DONTNEED)",
			      first)
			->page = (int32_t)first;
	else
		outcome_event(race->outcome, ACTOR_PARENT, "discards all pages (MADV_DONTNEED)");
	race_write_pages(race, 0, region->pages);
	return RACE_DONE;
}

static int dontneed_all(struct race *race, struct reason *why)
{
	return dontneed(race, 0, race->region->pages, why);
}

static int dontneed_page(struct race *race, struct reason *why)
{
	return dontneed(race, race->page, 1, why);
}

/* --- a pin that cannot be held ----------------------------------------------- */

/* Pages that are looked at: few, as the I/O goes on meanwhile. */
#define WATCHED 8

struct flight {
	struct race *race;
	unsigned watched[WATCHED], count; /* those that the device comes to last */
	bool awaited[WATCHED];            /* it has not come to them yet */
	unsigned tries;
};

static unsigned char *device_page(const struct flight *flight, unsigned page)
{
	return flight->race->pin->device + page * flight->race->region->page_size;
}

/*
 * What the device writes where is learnt from an I/O that nothing races. Of zeros
 * nothing shows: that is what a discarded page reads as.
 */
static int learn(struct flight *flight, struct reason *why)
{
	struct race *race = flight->race;
	int err = pin_take(race->pin, race->region, why);

	if (!err)
		err = race->pin->ops->device_write(race->pin, why);
	if (err)
		return err;
	for (unsigned page = race->region->pages; page-- && flight->count < WATCHED;) {
		uint64_t word;

		memcpy(&word, device_page(flight, page), sizeof(word));
		if (word)
			flight->watched[flight->count++] = page;
	}
	if (flight->count)
		return 0;
	return fail(why, ENOTSUP, "each page gets zeros, as a discard leaves: name another file");
}

/* Returns whether a page is awaited that has not been written to yet. */
static bool look(struct flight *flight)
{
	bool any = false;

	for (unsigned i = 0; i < flight->count; i++) {
		unsigned page = flight->watched[i];
		uint64_t comes, is;

		memcpy(&comes, device_page(flight, page), sizeof(comes));
		memcpy(&is, flight->race->region->page[page], sizeof(is));
		flight->awaited[i] = is == ~comes;
		any |= flight->awaited[i];
	}
	return any;
}

static int compare_awaited(struct flight *flight, struct reason *why)
{
	struct race *race = flight->race;
	struct outcome *outcome = race->outcome;
	const struct region *region = race->region;
	int err = race->pin->ops->device_write(race->pin, why);

	if (err)
		return err;
	for (unsigned i = flight->count; i--;) {
		unsigned page = flight->watched[i];
		const unsigned char *device = device_page(flight, page);

		if (flight->awaited[i] && memcmp(region->page[page], device, region->page_size))
			tag_note_part(&outcome->loss[LOSS_WRITE], region, page * region->page_size,
				      device, region->page_size, race->lost);
	}
	outcome->trials++;
	outcome->trials_lost += !!outcome->loss[LOSS_WRITE].pages;
	return 0;
}

/*
 * A trial only when the I/O is still under way once the discard is over: what the
 * device had not written before is lost then.
 */
static int discard_in_flight(struct flight *flight, struct reason *why)
{
	struct race *race = flight->race;
	const struct region *region = race->region;
	struct pin *pin = race->pin;
	bool awaited, raced;
	int effect;

	flight->tries++;
	for (unsigned i = 0; i < flight->count; i++)
		tag_invert(region->page[flight->watched[i]],
			   device_page(flight, flight->watched[i]), region->page_size);
	effect = pin_take(pin, race->region, why);
	if (effect)
		return effect;
	awaited = look(flight);
	effect = discard(region, 0, region->pages, why);
	raced = pin->ops->in_flight(pin);
	if (!effect)
		effect = discarded(region->page[region->pages - 1], why);
	return effect || !awaited || !raced ? effect : compare_awaited(flight, why);
}

static void tell(const struct flight *flight)
{
	struct outcome *outcome = flight->race->outcome;

	outcome_event(outcome, ACTOR_PARENT, "has %s to all pages (%u tries)",
		      flight->race->pin->ops->held_by, flight->tries);
	outcome_event(outcome, ACTOR_PARENT,
		      "discards all pages (MADV_DONTNEED); %u times the I/O is under way after that",
		      outcome->trials);
	if (outcome->trials)
		outcome_event(outcome, ACTOR_DEVICE,
			      "writes what is left; of that the last %u pages count",
			      flight->count);
}

static int dontneed_in_flight(struct race *race, struct reason *why)
{
	uint64_t end = clock_ns() + case_seconds(race->options) * UINT64_C(1000000000);
	struct outcome *outcome = race->outcome;
	unsigned wanted = race->options->trials;
	struct flight flight = { .race = race };
	int effect = learn(&flight, why);

	while (!effect && !outcome->trials_lost && (!wanted || outcome->trials < wanted) &&
	       clock_ns() < end)
		effect = discard_in_flight(&flight, why);
	if (effect)
		return effect;
	tell(&flight);
	outcome->tested |= 1u << LOSS_WRITE;
	if (outcome->trials)
		return RACE_DONE;
	fail(why, EALREADY, "each of %u I/Os was over before the discard was", flight.tries);
	return RACE_NO_EFFECT;
}

static int map_over(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	(void)race;
	if (mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return fail_errno(why, errno, "mmap(MAP_FIXED)");
	return discarded(at, why);
}

static int remap_fixed(struct race *race, struct reason *why)
{
	struct region *region = race->region;
	bool half = region->ops->traits & MEMORY_DIVISIBLE && region->pages > 1;
	int effect = half ? for_each_half(race, map_over, why) :
			    map_over(race, region->base, region->size, why);

	if (effect)
		return effect;
	outcome_event(race->outcome, ACTOR_PARENT, "maps new memory over %s (MAP_FIXED)",
		      half ? "the upper half" : "all of it");
	race_write_pages(race, 0, region->pages);
	return RACE_DONE;
}

const struct race_ops race_dontneed_all = {
	.name = "dontneed-all",
	.family = "replace",
	.help = "MADV_DONTNEED all pages, write all",
	.run = dontneed_all,
};

const struct race_ops race_dontneed_page = {
	.name = "dontneed-page",
	.family = "replace",
	.help = "MADV_DONTNEED one page, write all",
	.needs = MEMORY_DIVISIBLE,
	.run = dontneed_page,
};

const struct race_ops race_dontneed_in_flight = {
	.name = "dontneed-in-flight",
	.family = "replace",
	.help = "MADV_DONTNEED all pages while an I/O is in flight (statistical)",
	.level = LEVEL_STATISTICAL,
	.needs = MEMORY_PRIVATE,
	.statistical = BY_FLIGHT,
	.run = dontneed_in_flight,
};

const struct race_ops race_remap_fixed = {
	.name = "remap-fixed",
	.family = "replace",
	.help = "mmap(MAP_FIXED) over half, write all",
	.run = remap_fixed,
};
