// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/totals.h"

void totals_add(struct totals *totals, const struct page_run *run)
{
	if (run->flags & RUN_MOVED) {
		totals->moved += run->pages;
		return;
	}
	totals->kind[run->kind] += run->pages;
	totals->anon += run->flags & RUN_ANON ? run->pages : 0;
	totals->file += run->flags & RUN_FILE ? run->pages : 0;
	totals->shmem += run->flags & RUN_SHMEM ? run->pages : 0;
	totals->ksm += run->flags & RUN_KSM ? run->pages : 0;
	totals->exclusive += run->flags & RUN_EXCLUSIVE ? run->pages : 0;
	totals->pinned += run->flags & RUN_PINNED ? run->pages : 0;
	totals->extra += run->flags & RUN_EXTRA ? run->pages : 0;
	totals->nodes |= run->node < 0 ? 0 : UINT64_C(1) << run->node;
}

void totals_sum(struct totals *totals, const struct totals *more)
{
	for (unsigned i = 0; i < KIND_COUNT; i++)
		totals->kind[i] += more->kind[i];
	totals->anon += more->anon;
	totals->file += more->file;
	totals->shmem += more->shmem;
	totals->ksm += more->ksm;
	totals->exclusive += more->exclusive;
	totals->pinned += more->pinned;
	totals->extra += more->extra;
	totals->moved += more->moved;
	totals->nodes |= more->nodes;
}

uint64_t totals_resident(const struct totals *totals)
{
	uint64_t pages = 0;

	for (unsigned i = 0; i < KIND_COUNT; i++)
		pages += i == KIND_SWAPPED ? 0 : totals->kind[i];
	return pages;
}

uint64_t totals_thp(const struct totals *totals)
{
	return totals->kind[KIND_THP_PMD] + totals->kind[KIND_THP_PTE] +
	       totals->kind[KIND_THP_PART];
}
