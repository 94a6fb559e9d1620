// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/inspection.h"

#include <stdlib.h>

#include "host/host.h"
#include "host/lru.h"
#include "host/node.h"
#include "inspect/hazards.h"
#include "inspect/holders.h"
#include "inspect/unattributed.h"
#include "inspect/vma_flags.h"
#include "util/io.h"

/* One look at a process. */
struct look {
	const struct inspect_request *request;
	struct inspection *inspection;
	struct scanner scanner;
	struct held_list held;
};

static int add_run(const struct page_run *run, const struct vma *vma, void *context)
{
	struct look *look = context;
	struct inspection *inspection = look->inspection;

	long index = vma - inspection->vmas.vmas;
	int err = held_note(&look->held, run, inspection->host->page_size);

	totals_add(&inspection->vma_totals[index], run);
	if (run->kind == KIND_MTHP && run->order < ORDERS)
		inspection->order[run->order] += run->pages;
	if (run->node >= 0)
		inspection->node_pages[run->node] += run->pages;
	if (!err && look->request->map &&
	    (look->request->map_vma < 0 || look->request->map_vma == index))
		err = heat_add(&inspection->heat, run, inspection->host->page_size);
	return err;
}

/* What user addresses end at: [vsyscall] and the like are no memory of the process. */
static bool is_user(const struct vma *vma)
{
	return vma->start >> 63 == 0;
}

static int scan_all(struct look *look, struct reason *why)
{
	struct inspection *inspection = look->inspection;

	/* References of batches, of pages that have just been faulted in, pass for FOLL_GET. */
	lru_drain();
	for (size_t i = 0; i < inspection->vmas.count; i++) {
		const struct vma *vma = &inspection->vmas.vmas[i];
		int err;

		if (look->request->progress)
			look->request->progress(look->request->context, i, inspection->vmas.count);
		if (!is_user(vma))
			continue;
		err = scan_range(&look->scanner, &inspection->target, vma, vma->start, vma->end,
				 add_run, look, why);
		if (err)
			return err;
		totals_sum(&inspection->totals, &inspection->vma_totals[i]);
	}
	return 0;
}

/* Where holders and the process differ. */
static void mark_parted(struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->holders_count; i++) {
		const struct holder *holder = &inspection->holders[i];

		for (size_t j = 0; j < holder->spans_count; j++) {
			const struct sync_span *span = &holder->spans[j];

			if (span->sync == SYNC_OUT || span->sync == SYNC_UNMAPPED)
				heat_part(&inspection->heat, span->address,
					  span->pages * inspection->host->page_size);
		}
	}
}

/* With the flags that decide what fork() does, the cheaper way if there is one. */
static int read_vmas(struct inspection *inspection, struct reason *why)
{
	pid_t pid = inspection->target.pid;
	bool deep = probe_reads(inspection->probe);
	struct reason ignored;
	int err = maps_read(pid, !deep, &inspection->vmas);

	if (!err && deep && vma_flags_add(inspection->probe, pid, &inspection->vmas, &ignored)) {
		maps_free(&inspection->vmas);
		err = maps_read(pid, true, &inspection->vmas);
	}
	return err ? fail_errno(why, -err, "/proc/%d/maps", (int)pid) : 0;
}

/* Where there is one node, no page is far from anything. */
static int read_nodes(struct inspection *inspection, struct reason *why)
{
	int err = zoneinfo_read(&inspection->nodes);

	if (err)
		return fail_errno(why, -err, "/proc/zoneinfo");
	if (inspection->nodes.single >= 0 ||
	    nodes_of_process(inspection->target.pid, &inspection->near))
		inspection->near = UINT64_MAX;
	return 0;
}

static int look_at(struct inspection *inspection, const struct inspect_request *request,
		   struct reason *why)
{
	struct look look = { .request = request, .inspection = inspection };
	int err = read_nodes(inspection, why);

	if (!err)
		err = read_vmas(inspection, why);
	if (err)
		return err;
	inspection->vma_totals = calloc(inspection->vmas.count + 1, sizeof(struct totals));
	if (!inspection->vma_totals)
		return fail_errno(why, ENOMEM, "%zu VMAs", inspection->vmas.count);
	heat_init(&inspection->heat, request->map_start, request->map_end, request->map_cell);
	err = scanner_open(&look.scanner, inspection->host, inspection->probe, &inspection->nodes,
			   &inspection->target.pagemap);
	err = err ? fail_errno(why, -err, "scan") : scan_all(&look, why);
	if (!err && probe_reads(inspection->probe)) {
		err = holders_find(inspection, why);
		if (!err)
			err = unattributed_find(inspection, &look.scanner, &look.held, why);
	} else if (!err) {
		err = holders_claimed(inspection, why);
	}
	if (!err)
		err = hazards_find(inspection, &look.held, why);
	held_free(&look.held);
	scanner_close(&look.scanner);
	mark_parted(inspection);
	return err;
}

/* True when the VMAs are no longer those that were looked at. */
static bool vmas_changed(const struct inspection *inspection)
{
	const struct vma_list *before = &inspection->vmas;
	struct vma_list now;
	bool changed;

	if (maps_read(inspection->target.pid, false, &now))
		return true;
	changed = now.count != before->count;
	for (size_t i = 0; !changed && i < now.count; i++)
		changed = now.vmas[i].start != before->vmas[i].start ||
			  now.vmas[i].end != before->vmas[i].end;
	maps_free(&now);
	return changed;
}

int inspect(struct inspection *inspection, const struct inspect_request *request,
	    struct reason *why)
{
	uint64_t began = clock_ns();
	int err;

	*inspection = (struct inspection){ .host = request->host, .probe = request->probe };
	err = target_open(&inspection->target, request->pid, why);
	if (err)
		return err;
	err = look_at(inspection, request, why);
	/* Whatever was read of a process that is gone may be of another. */
	if (!target_alive(&inspection->target))
		err = fail(why, ESRCH, "process %d exited while it was looked at",
			   (int)request->pid);
	if (!err)
		inspection->changed = vmas_changed(inspection);
	inspection->ns = clock_ns() - began;
	if (err)
		inspection_free(inspection);
	return err;
}

void inspection_free(struct inspection *inspection)
{
	for (size_t i = 0; i < inspection->holders_count; i++)
		free(inspection->holders[i].spans);
	free(inspection->holders);
	free(inspection->hazards);
	heat_free(&inspection->heat);
	free(inspection->vma_totals);
	maps_free(&inspection->vmas);
	zoneinfo_free(&inspection->nodes);
	target_close(&inspection->target);
}

const char *holder_kind_name(enum holder_kind kind)
{
	static const char *const names[HOLDER_KIND_COUNT] = {
		"io_uring", "io_uring-ring", "af_xdp",  "pipe",           "rdma",
		"vfio",     "udmabuf",       "iommufd", "(unattributed)",
	};

	return names[kind];
}

const char *confidence_name(enum confidence confidence)
{
	static const char *const names[] = { "exact", "range", "count" };

	return names[confidence];
}

const char *sync_name(enum sync sync)
{
	static const char *const names[SYNC_COUNT] = {
		"in-sync", "out-of-sync", "unmapped", "swapped", "unknown",
	};

	return names[sync];
}

const char *hazard_name(enum hazard_code code)
{
	static const char *const names[HAZARD_COUNT] = {
		"pinned-diverged", "pinned-shared", "get-forkable",   "pin-forkable",
		"holes",           "shared-edge",   "thp-kept-whole", "mergeable",
		"wipe-on-fork",    "many-vmas",     "far-node",
	};

	return names[code];
}
