// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/holders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/flight.h"
#include "inspect/hidden.h"
#include "inspect/ring_files.h"
#include "util/io.h"

extern const struct holder_source holder_uring, holder_ring, holder_xdp, holder_pipe;
extern const struct holder_source holder_udmabuf, holder_rdma, holder_vfio, holder_iommufd;

const struct holder_source *const holder_sources[] = {
	&holder_uring,   &holder_ring, &holder_xdp,  &holder_pipe,
	&holder_udmabuf, &holder_rdma, &holder_vfio, &holder_iommufd,
};

const size_t holder_sources_count = sizeof(holder_sources) / sizeof(holder_sources[0]);

/* Files that several descriptors have, or several processes, are one holder. */
struct seen {
	uint64_t *objects; /* by private_data */
	size_t count;
};

struct walk {
	struct search search;
	void **states; /* a source each; NULL: it cannot be found */
	struct seen seen;
	struct flight flight;
	struct ring_files rings;
	struct reason *why;
};

static bool seen_before(struct seen *seen, uint64_t object)
{
	uint64_t *more;

	for (size_t i = 0; i < seen->count; i++)
		if (seen->objects[i] == object)
			return true;
	if (!(seen->count & (seen->count - 1))) {
		more = reallocarray(seen->objects, seen->count ? 2 * seen->count : 1,
				    sizeof(*more));
		if (!more)
			return false;
		seen->objects = more;
	}
	seen->objects[seen->count++] = object;
	return false;
}

static bool is_parted(const struct holder *holder)
{
	return holder->pages[SYNC_OUT] || holder->pages[SYNC_UNMAPPED] || holder->swapped_apart;
}

static bool are_alike(const struct holder *one, const struct holder *other)
{
	if (one->index != other->index || one->start != other->start || one->end != other->end ||
	    one->signature != other->signature || one->spans_count != other->spans_count)
		return false;
	for (size_t i = 0; i < one->spans_count; i++)
		if (one->spans[i].address != other->spans[i].address ||
		    one->spans[i].pages != other->spans[i].pages ||
		    one->spans[i].sync != other->spans[i].sync)
			return false;
	return true;
}

void holder_unknown(struct holder *holder)
{
	for (size_t i = 0; i < holder->spans_count; i++) {
		struct sync_span *span = &holder->spans[i];

		if (span->sync != SYNC_OUT && span->sync != SYNC_UNMAPPED)
			continue;
		holder->pages[span->sync] -= span->pages;
		holder->pages[SYNC_UNKNOWN] += span->pages;
		span->sync = SYNC_UNKNOWN;
		span->content = -1;
	}
	/* Of which it is not known where they are, there are no spans. */
	holder->pages[SYNC_UNKNOWN] += holder->pages[SYNC_UNMAPPED];
	holder->pages[SYNC_UNMAPPED] = 0;
	holder->content_different = 0;
	holder->swapped_apart = 0;
	holder->first_bad = 0;
}

/* Without those from index @first on that are not in @stable. */
static void drop_unstable(struct inspection *inspection, size_t first, const bool *stable)
{
	size_t kept = first;

	for (size_t i = first; i < inspection->holders_count; i++)
		if (stable[i - first])
			inspection->holders[kept++] = inspection->holders[i];
		else
			free(inspection->holders[i].spans);
	inspection->holders_count = kept;
}

/*
 * Holders of one file, from index @first on, are looked for once more, if they seem to
 * have parted from the target: one that has the same pages before and after they were
 * compared has had them meanwhile. Those of another process always: what that lets go
 * while it is read may already be memory of the target, which it has never held.
 */
static int look_again(struct walk *walk, size_t source, const struct probe_file *file, size_t first)
{
	struct inspection *inspection = walk->search.inspection;
	size_t again = inspection->holders_count;
	bool needed = !walk->search.own, *stable;
	int err;

	for (size_t i = first; i < again; i++)
		needed |= is_parted(&inspection->holders[i]);
	if (!needed)
		return 0;
	stable = calloc(again - first, sizeof(*stable));
	if (!stable)
		return fail_errno(walk->why, ENOMEM, "holders");
	err = holder_sources[source]->look(&walk->search, walk->states[source], file, walk->why);
	for (size_t i = first; i < again; i++) {
		for (size_t j = again; j < inspection->holders_count; j++)
			stable[i - first] |= are_alike(&inspection->holders[i],
						       &inspection->holders[j]);
		if (!stable[i - first])
			holder_unknown(&inspection->holders[i]);
	}
	while (inspection->holders_count > again)
		holders_drop_last(&walk->search);
	if (!walk->search.own)
		drop_unstable(inspection, first, stable);
	free(stable);
	return err == -ENOMEM ? err : 0;
}

static int look_at(const struct probe_file *file, void *context)
{
	struct walk *walk = context;
	struct inspection *inspection = walk->search.inspection;
	int err;

	if (!walk->search.own && file->tgid == walk->search.inspection->target.pid)
		return 0;
	for (size_t i = 0; i < holder_sources_count; i++) {
		size_t before = inspection->holders_count;

		if (!walk->states[i])
			continue;
		err = holder_sources[i]->look(&walk->search, walk->states[i], file, walk->why);
		/* A file that is closed meanwhile reads as anything: it is no holder. */
		if (err == -ENOMEM)
			return err;
		if (inspection->holders_count == before)
			continue;
		if (seen_before(&walk->seen, file->private_data)) {
			while (inspection->holders_count > before)
				holders_drop_last(&walk->search);
			return 0;
		}
		err = look_again(walk, i, file, before);
		if (err)
			return err;
		break;
	}
	/* Files that this one has, which nobody may have a descriptor of. */
	err = ring_files(&walk->rings, &walk->search, file, look_at, walk);
	return err ? err : flight_files(&walk->flight, &walk->search, file, look_at, walk);
}

static int note_mm(const struct probe_task *task, void *context)
{
	struct search *search = context;

	if (task->mm)
		search->target_mm = task->mm;
	return 0;
}

int holders_find(struct inspection *inspection, struct reason *why)
{
	pid_t pid = inspection->target.pid;
	struct walk walk = {
		.search = { .inspection = inspection, .probe = inspection->probe },
		.states = calloc(holder_sources_count, sizeof(*walk.states)),
		.why = why,
	};
	int err;

	if (!walk.states)
		return fail_errno(why, ENOMEM, "holders");
	err = probe_tasks(walk.search.probe, pid, note_mm, &walk.search, why);
	for (size_t i = 0; !err && i < holder_sources_count; i++) {
		struct reason *blind = &inspection->blind[holder_sources[i]->kind];
		int failed = holder_sources[i]->learn(&walk.search, &walk.states[i], blind);

		if (failed)
			walk.states[i] = NULL;
		/* Reasons are left behind by what worked in the end, too. */
		if (!failed || failed == -ENODEV)
			blind->text[0] = '\0';
	}
	flight_learn(&walk.flight, &walk.search);
	ring_files_learn(&walk.rings, &walk.search);
	walk.search.own = true;
	if (!err)
		err = probe_files(walk.search.probe, pid, look_at, &walk, why);
	if (!err)
		err = hidden_files(&walk.search, look_at, &walk, why);
	walk.search.own = false;
	if (!err)
		err = probe_files(walk.search.probe, 0, look_at, &walk, why);
	for (size_t i = 0; i < holder_sources_count; i++)
		free(walk.states[i]);
	free(walk.states);
	free(walk.search.vmas);
	free(walk.seen.objects);
	return err;
}

struct holder *holders_append(struct inspection *inspection, enum holder_kind kind)
{
	size_t count = inspection->holders_count;
	struct holder *more;

	if (!inspection->holders || !(count & (count - 1))) {
		more = reallocarray(inspection->holders, count ? 2 * count : 1, sizeof(*more));
		if (!more)
			return NULL;
		inspection->holders = more;
	}
	more = &inspection->holders[inspection->holders_count++];
	*more = (struct holder){ .kind = kind, .fd = -1, .device_node = -1 };
	return more;
}

struct holder *holders_add(struct search *search, enum holder_kind kind,
			   const struct probe_file *file)
{
	struct holder *holder = holders_append(search->inspection, kind);

	if (!holder)
		return NULL;
	holder->pid = file->tgid;
	holder->fd = file->fd;
	target_comm(file->tgid, holder->comm);
	return holder;
}

void holders_drop_last(struct search *search)
{
	struct inspection *inspection = search->inspection;

	free(inspection->holders[--inspection->holders_count].spans);
}

int read_member(struct probe *probe, uint64_t base, struct member member, uint64_t *value,
		struct reason *why)
{
	*value = 0;
	if (member.size > sizeof(*value))
		return fail(why, EINVAL, "a member of %u bytes is no number", member.size);
	/* The kernel is little-endian where the probe's page states are known. */
	return probe_read(probe, base + member.offset, value, member.size, why);
}

int read_node(struct probe *probe, uint64_t device, struct member numa_node)
{
	struct reason ignored;
	uint64_t node;

	if (!device || read_member(probe, device, numa_node, &node, &ignored) || node > INT16_MAX)
		return -1;
	return (int)node;
}

int read_page_pointers(struct probe *probe, uint64_t array, uint64_t *pfns, size_t count,
		       struct reason *why)
{
	int err = probe_read(probe, array, pfns, count * sizeof(*pfns), why);

	for (size_t i = 0; !err && i < count; i++)
		if (probe_page_pfn(probe, pfns[i], &pfns[i]))
			pfns[i] = PFN_UNKNOWN;
	return err;
}
