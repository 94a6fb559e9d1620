// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/worker.h"

#include <stdlib.h>
#include <string.h>

#include "case/evidence.h"
#include "case/tags.h"
#include "host/host.h"
#include "host/node.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "races/child.h"
#include "util/names.h"
#include "util/shared.h"

struct work {
	const struct case_options *options;
	struct outcome *outcome;
	struct evidence evidence;
	struct region region;
	struct region seen; /* region, as far as the device transfers it */
	struct pin pin;
	struct race race;
	unsigned char *lost; /* a byte a page */
};

/* The page that a race of one page works on: any but the first, by the seed. */
static unsigned choose_page(unsigned pages, uint64_t seed)
{
	return pages > 1 ? 1 + (unsigned)((seed * 2654435761u >> 8) % (pages - 1)) : 0;
}

/*
 * What a slow device transfers: the page that a race of one page works on, the
 * first and the last, so that a loss of one page, of a half or of all shows.
 */
static int choose_sample(struct work *work, struct reason *why)
{
	unsigned pages = work->region.pages;

	if (!work->pin.ops->sampled)
		return 0;
	work->pin.sample = calloc(pages, 1);
	if (!work->pin.sample)
		return fail_errno(why, ENOMEM, "%u pages", pages);
	work->pin.sample[0] = work->pin.sample[pages - 1] = 1;
	work->pin.sample[work->race.page] = 1;
	return 0;
}

/* Pages that do not make a THP are never collapsed, pinned or not. */
static int check_size(const struct work *work, const struct race_ops *race, struct reason *why)
{
	size_t thp_size = work->race.host->thp_size;
	char size[16], thp[16];

	if (!(race->needs & MEMORY_COLLAPSIBLE) || work->region.size >= thp_size)
		return 0;
	return fail(why, ENOTSUP, "a region of %s is smaller than a THP (%s): larger --size",
		    size_text(work->region.size, size, sizeof(size)),
		    size_text(thp_size, thp, sizeof(thp)));
}

static int set_up(struct work *work, const struct case_id *id, struct reason *why)
{
	int err = check_size(work, id->race, why);

	if (!err && work->options->nodes)
		err = nodes_bind(work->options->nodes, why);
	if (!err && id->pin->open)
		err = id->pin->open(&work->pin, work->region.size, why);
	if (!err && id->race->before_memory)
		err = id->race->before_memory(&work->race, why);
	if (!err)
		err = id->memory->create(&work->region, why);
	if (!err)
		tag_region(&work->region, TAG_OLD, work->options->seed);
	if (!err && id->memory->settle)
		err = id->memory->settle(&work->region, why);
	if (err)
		return err;
	work->lost = calloc(work->region.pages, 1);
	if (!work->lost)
		return fail_errno(why, ENOMEM, "%u pages", work->region.pages);
	work->outcome->pages = work->region.pages;
	work->race.page = choose_page(work->region.pages, work->options->seed);
	/* Which may choose another page to watch. */
	if (id->race->before_pin)
		err = id->race->before_pin(&work->race, why);
	if (!err)
		err = choose_sample(work, why);
	evidence_ready(&work->evidence);
	return err;
}

static int take_pin(struct work *work, struct reason *why)
{
	const struct pin_ops *ops = work->pin.ops;
	struct event *event;
	char taken[96];
	int err;

	event = outcome_event(work->outcome, ACTOR_PARENT, "%s; the device %s",
			      pin_taken(&work->pin, work->outcome->pin_class, work->region.size,
					taken, sizeof(taken)),
			      ops->directions == DEVICE_READS  ? "will read them" :
			      ops->directions == DEVICE_WRITES ? "will write to them" :
								 "reads and writes them");
	event->page = (int32_t)work->race.page;
	event->pins = true;
	err = pin_take(&work->pin, &work->region, why);
	if (err)
		return err;
	evidence_pinned(&work->evidence, &work->region);
	evidence_before(&work->evidence, &work->region, work->race.page);
	return 0;
}

/* Nothing that an earlier case left there may pass for what the device read. */
static void poison(struct work *work)
{
	uint64_t word = UINT64_C(0xeeeeeeeeeeeeeeee);

	shared_map(work->pin.device, work->region.size);
	for (size_t at = 0; at < work->region.size; at += work->region.page_size)
		memcpy(work->pin.device + at, &word, sizeof(word));
}

/* Pages that the race has unmapped, or the device does not transfer, are not there. */
static int see(struct work *work, struct reason *why)
{
	struct region *seen = &work->seen;

	*seen = work->region;
	seen->page = calloc(seen->pages, sizeof(*seen->page));
	if (!seen->page)
		return fail_errno(why, ENOMEM, "%u pages", seen->pages);
	work->outcome->pages = 0;
	for (unsigned i = 0; i < seen->pages; i++) {
		if (work->pin.sample && !work->pin.sample[i])
			continue;
		seen->page[i] = work->region.page[i];
		work->outcome->pages += !!seen->page[i];
	}
	work->outcome->sample_of = work->pin.sample ? seen->pages : 0;
	return 0;
}

static void note_transfer(struct work *work, const char *verb)
{
	char pages[32];

	outcome_event(work->outcome, ACTOR_DEVICE, "%s %s", verb,
		      pin_transfers(&work->pin, work->region.pages, pages, sizeof(pages)));
}

/* The CPU's stores first: does the device read what the CPU sees? */
static int compare_read(struct work *work, struct reason *why)
{
	struct loss_record *loss = &work->outcome->loss[LOSS_STALE];
	int err;

	poison(work);
	err = work->pin.ops->device_read(&work->pin, why);
	if (err)
		return err;
	note_transfer(work, "reads");
	tag_compare(&work->seen, work->pin.device, work->options->seed, loss, work->lost);
	work->outcome->tested |= 1u << LOSS_STALE;
	return 0;
}

/* Then the device's: does the CPU see what the device wrote? */
static int compare_write(struct work *work, struct reason *why)
{
	struct loss_record *loss = &work->outcome->loss[LOSS_WRITE];
	size_t page_size = work->region.page_size;
	int err;

	shared_map(work->pin.device, work->region.size);
	for (unsigned i = 0; i < work->region.pages; i++)
		tag_fill(work->pin.device + i * page_size, page_size, TAG_DEVICE, i,
			 work->options->seed);
	err = work->pin.ops->device_write(&work->pin, why);
	if (err)
		return err;
	note_transfer(work, "writes");
	tag_compare(&work->seen, work->pin.device, work->options->seed, loss, work->lost);
	work->outcome->tested |= 1u << LOSS_WRITE;
	return 0;
}

static int compare(struct work *work, struct reason *why)
{
	unsigned directions = work->pin.ops->directions;
	int err = see(work, why);

	if (!err && directions & DEVICE_READS)
		err = compare_read(work, why);
	if (!err && directions & DEVICE_WRITES)
		err = compare_write(work, why);
	return err;
}

/*
 * A child that lives has pages of its own, whatever the device and the parent
 * have done since the fork; or the fork has shared what it must not.
 */
static int compare_child(struct work *work, struct reason *why)
{
	struct tag_view view = { .by = ACTOR_CHILD, .forbidden = { TAG_DEVICE, TAG_CPU } };
	const struct region *region = &work->region;
	int err;

	/* Where memory is the file's, and the pin too, the child's is as well. */
	if (!work->race.child || !(region->ops->traits & MEMORY_PRIVATE) ||
	    work->pin.ops->needs & MEMORY_MEMFD)
		return 0;
	err = child_view(&work->race, why);
	if (err)
		return err;
	view.bytes = work->race.view->data;
	view.present = work->race.view->data + region->size;
	tag_leaks(region, &view, work->options->seed, &work->outcome->loss[LOSS_LEAK]);
	work->outcome->tested |= 1u << LOSS_LEAK;
	return 0;
}

static void count_losses(struct work *work)
{
	struct outcome *outcome = work->outcome;
	const struct loss_record *leak = &outcome->loss[LOSS_LEAK];

	for (unsigned i = 0; i < work->region.pages; i++) {
		if (!work->lost[i])
			continue;
		if (!outcome->pages_lost++)
			outcome->first_lost_page = (int32_t)i;
	}
	if (!outcome->pages_lost && leak->pages) {
		outcome->first_lost_page = (int32_t)leak->ranges[0].first;
		outcome->first_lost_offset = (int64_t)leak->first_offset;
	}
	for (int loss = 0; loss < LOSS_LEAK; loss++) {
		const struct loss_record *record = &outcome->loss[loss];

		if (record->pages && (outcome->first_lost_offset < 0 ||
				      (int64_t)record->first_offset < outcome->first_lost_offset))
			outcome->first_lost_offset = (int64_t)record->first_offset;
	}
}

/* Bytes decide; whether the race happened only says what in-sync is worth. */
static enum verdict decide(const struct outcome *outcome, int effect)
{
	if (outcome->pages_lost || outcome->loss[LOSS_LEAK].pages)
		return VERDICT_OUT_OF_SYNC;
	if (effect == RACE_REFUSED)
		return VERDICT_REFUSED;
	return effect == RACE_NO_EFFECT ? VERDICT_NO_EFFECT : VERDICT_IN_SYNC;
}

/*
 * What a pin or a race says that cannot be had here, whenever it finds out; of the
 * guardian, that another thpin holds a setting.
 */
static bool is_lack(int err)
{
	return err == -ENOTSUP || err == -EPERM || err == -EUSERS;
}

/* What a probe or a memory kind says when it cannot run here. */
static bool is_skip(int err)
{
	return is_lack(err) || err == -EACCES || err == -ENOENT || err == -ENODEV ||
	       err == -ENXIO || err == -EAGAIN || err == -ENOSYS || err == -EINVAL ||
	       err == -ENOMEM || err == -ENOSPC;
}

/*
 * True when an I/O that is raced was not on its way until the race was over.
 * Bytes then say nothing: what the race did may have been to data that the CPU
 * had got before.
 */
static bool too_late(struct work *work, int effect)
{
	const struct pin_ops *ops = work->pin.ops;

	return ops->in_flight && (effect == RACE_NO_EFFECT || !ops->in_flight(&work->pin));
}

static int run_pinned(struct work *work, struct reason *why)
{
	int effect = work->race.ops->run(&work->race, why);
	int err;

	if (effect < 0)
		return effect;
	if (too_late(work, effect)) {
		fail(why, EALREADY, "the I/O was over before the race was");
		work->outcome->verdict = VERDICT_NO_EFFECT;
		return 0;
	}
	evidence_after(&work->evidence, &work->region, work->race.page, work->race.child);
	err = compare(work, why);
	if (!err)
		err = compare_child(work, why);
	if (err)
		return err;
	count_losses(work);
	work->outcome->verdict = decide(work->outcome, effect);
	if (work->outcome->verdict == VERDICT_OUT_OF_SYNC)
		why->text[0] = '\0';
	return 0;
}

/* The race takes the pin itself, time and again, and compares after each. */
static int run_statistics(struct work *work, struct reason *why)
{
	struct outcome *outcome = work->outcome;
	int effect;

	work->race.lost = work->lost;
	work->pin.region = &work->region;
	effect = work->race.ops->run(&work->race, why);
	if (effect < 0)
		return effect;
	count_losses(work);
	outcome->verdict = decide(outcome, effect);
	return 0;
}

/* The race takes the pin, which may be another process's, and looks for leaks. */
static int run_pinning(struct work *work, struct reason *why)
{
	struct outcome *outcome = work->outcome;
	int effect, err = see(work, why);

	if (err)
		return err;
	evidence_before(&work->evidence, &work->region, work->race.page);
	effect = work->race.ops->run(&work->race, why);
	if (effect < 0)
		return effect;
	evidence_after(&work->evidence, &work->region, work->race.page, work->race.child);
	count_losses(work);
	outcome->verdict = decide(outcome, effect);
	return 0;
}

static int run_held(struct work *work, struct reason *why)
{
	int err = take_pin(work, why);

	return err ? err : run_pinned(work, why);
}

void worker_run(const struct case_id *id, const struct case_options *options,
		const struct host *host, const struct worker_memory *memory,
		struct guardian *guardian, struct outcome *outcome)
{
	struct work work = {
		.options = options,
		.outcome = outcome,
		.region = { .ops = id->memory,
			    .host = host,
			    .guardian = guardian,
			    .page_size = host->page_size,
			    .fd = -1 },
		.pin = { .ops = id->pin,
			 .host = host,
			 .guardian = guardian,
			 .patience_ms = options->timeout_ms / 2,
			 .device = memory->device.data,
			 .device_file = &memory->device },
		.race = { .ops = id->race,
			  .host = host,
			  .options = options,
			  .outcome = outcome,
			  .guardian = guardian,
			  .view = &memory->view,
			  .seed = options->seed },
	};
	struct reason *why = &outcome->reason, ignored;
	int err;

	outcome_init(outcome, id->pin->class(host));
	outcome->held = !id->pin->in_flight && !id->race->statistical;
	work.region.size = memory_size(id->memory, host, options->size);
	work.race.region = &work.region;
	work.race.pin = &work.pin;
	work.race.evidence = &work.evidence;
	evidence_begin(&work.evidence, options, host, outcome);
	err = set_up(&work, id, why);
	if (err) {
		outcome->verdict = is_skip(err) ? VERDICT_SKIPPED : VERDICT_ERROR;
	} else {
		err = id->race->statistical ? run_statistics(&work, why) :
		      id->race->takes_pin   ? run_pinning(&work, why) :
					      run_held(&work, why);
		if (err)
			outcome->verdict = is_lack(err) ? VERDICT_SKIPPED : VERDICT_ERROR;
	}
	/* Whatever became of the race: its child has what the next case may need. */
	child_exit(&work.race, &ignored);
	if (id->pin->drop)
		id->pin->drop(&work.pin);
	evidence_end(&work.evidence);
}
