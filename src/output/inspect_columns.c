// SPDX-License-Identifier: GPL-2.0-or-later
/* The columns of the tables of "thpin inspect", and their cells. */
#include <inttypes.h>
#include <string.h>

#include "host/host.h"
#include "output/inspect.h"
#include "output/table.h"
#include "output/text.h"
#include "util/names.h"

enum {
	HOLDER_TARGET,
	HOLDER_TARGET_COMM,
	HOLDER_NAME,
	HOLDER_PID,
	HOLDER_COMM,
	HOLDER_FD,
	HOLDER_INDEX,
	HOLDER_START,
	HOLDER_END,
	HOLDER_SIZE,
	HOLDER_CLASS,
	HOLDER_PAGES,
	HOLDER_IN_SYNC,
	HOLDER_OUT_OF_SYNC,
	HOLDER_UNMAPPED,
	HOLDER_SWAPPED,
	HOLDER_UNKNOWN,
	HOLDER_DIFFERENT,
	HOLDER_FIRST_BAD,
	HOLDER_CONFIDENCE,
	HOLDER_NODE,
	HOLDER_NODES,
	HOLDER_HAZARDS,
};

static const struct column holder_columns[] = {
	[HOLDER_TARGET] = { "TARGET", "process whose memory is held",
			    COLUMN_SEVERAL | COLUMN_NUMBER },
	[HOLDER_TARGET_COMM] = { "TARGET-COMM", "its name", COLUMN_SEVERAL },
	[HOLDER_NAME] = { "HOLDER", "what holds the pages: io_uring, af_xdp, pipe, rdma, vfio ...",
			  COLUMN_PRESET },
	[HOLDER_PID] = { "PID", "process that has the descriptor", COLUMN_NUMBER },
	[HOLDER_COMM] = { "COMM", "its name", 0 },
	[HOLDER_FD] = { "FD", "the descriptor", COLUMN_PRESET | COLUMN_NUMBER },
	[HOLDER_INDEX] = { "INDEX", "which buffer or map of the descriptor", COLUMN_NUMBER },
	[HOLDER_START] = { "START", "first address", COLUMN_PRESET },
	[HOLDER_END] = { "END", "address behind the last", 0 },
	[HOLDER_SIZE] = { "SIZE", "size of the range", COLUMN_PRESET | COLUMN_NUMBER },
	[HOLDER_CLASS] = { "CLASS", "get, pin or longterm", COLUMN_PRESET },
	[HOLDER_PAGES] = { "PAGES", "pages of the range", COLUMN_PRESET | COLUMN_NUMBER },
	[HOLDER_IN_SYNC] = { "IN-SYNC", "pages that the process has mapped",
			     COLUMN_PRESET | COLUMN_NUMBER },
	[HOLDER_OUT_OF_SYNC] = { "OUT-OF-SYNC", "pages where it has another one",
				 COLUMN_PRESET | COLUMN_NUMBER },
	[HOLDER_UNMAPPED] = { "UNMAPPED", "pages where it has none", COLUMN_NUMBER },
	[HOLDER_SWAPPED] = { "SWAPPED", "pages that are swapped out", COLUMN_NUMBER },
	[HOLDER_UNKNOWN] = { "UNKNOWN", "pages that changed meanwhile, or cannot be compared",
			     COLUMN_NUMBER },
	[HOLDER_DIFFERENT] = { "DIFFERENT", "pages out of sync whose bytes differ", COLUMN_NUMBER },
	[HOLDER_FIRST_BAD] = { "FIRST-BAD", "first address that is not in sync", 0 },
	[HOLDER_CONFIDENCE] = { "CONFIDENCE",
				"exact (its pages), range (its addresses), count (how much)", 0 },
	[HOLDER_NODE] = { "NODE", "NUMA node of the device", COLUMN_NUMBER },
	[HOLDER_NODES] = { "PAGE-NODES", "NUMA nodes of the pages it has", COLUMN_NUMBER },
	[HOLDER_HAZARDS] = { "HAZARD", "what puts the memory at risk", COLUMN_PRESET },
	{ NULL, NULL, 0 },
};

enum {
	VMA_TARGET,
	VMA_TARGET_COMM,
	VMA_START,
	VMA_END,
	VMA_SIZE,
	VMA_NAME,
	VMA_PERMISSIONS,
	VMA_ADVICE,
	VMA_RESIDENT,
	VMA_THP_PMD,
	VMA_THP_PTE,
	VMA_THP_PART,
	VMA_MTHP,
	VMA_BASE,
	VMA_HUGE,
	VMA_ZERO,
	VMA_SWAPPED,
	VMA_UNKNOWN,
	VMA_KSM,
	VMA_ANON,
	VMA_FILE,
	VMA_SHMEM,
	VMA_EXCLUSIVE,
	VMA_PINNED,
	VMA_EXTRA,
	VMA_NODES,
};

static const struct column vma_columns[] = {
	[VMA_TARGET] = { "TARGET", "the process", COLUMN_SEVERAL | COLUMN_NUMBER },
	[VMA_TARGET_COMM] = { "TARGET-COMM", "its name", COLUMN_SEVERAL },
	[VMA_START] = { "START", "first address", COLUMN_PRESET },
	[VMA_END] = { "END", "address behind the last", 0 },
	[VMA_SIZE] = { "SIZE", "size", COLUMN_PRESET | COLUMN_NUMBER },
	[VMA_NAME] = { "NAME", "file, or what it is for", COLUMN_PRESET },
	[VMA_PERMISSIONS] = { "PERM", "permissions, as in /proc/PID/maps", COLUMN_PRESET },
	[VMA_ADVICE] = { "ADVICE", "dontfork, wipeonfork, mergeable, hugepage, locked ...", 0 },
	[VMA_RESIDENT] = { "RESIDENT", "present pages", COLUMN_PRESET | COLUMN_NUMBER },
	[VMA_THP_PMD] = { "THP-PMD", "of them in THPs mapped by PMDs",
			  COLUMN_PRESET | COLUMN_NUMBER },
	[VMA_THP_PTE] = { "THP-PTE", "in THPs mapped by PTEs", COLUMN_PRESET | COLUMN_NUMBER },
	[VMA_THP_PART] = { "THP-PART", "in THPs of which some pages are mapped nowhere",
			   COLUMN_NUMBER },
	[VMA_MTHP] = { "MTHP", "in folios of more than one page, smaller than a PMD",
		       COLUMN_NUMBER },
	[VMA_BASE] = { "BASE", "in folios of one page", COLUMN_PRESET | COLUMN_NUMBER },
	[VMA_HUGE] = { "HUGETLB", "in hugetlb pages", COLUMN_NUMBER },
	[VMA_ZERO] = { "ZERO", "the zero page", COLUMN_NUMBER },
	[VMA_SWAPPED] = { "SWAPPED", "swapped out, or migrating", COLUMN_NUMBER },
	[VMA_UNKNOWN] = { "UNKNOWN", "present; needs kernel memory to tell more", COLUMN_NUMBER },
	[VMA_KSM] = { "KSM", "merged by KSM", COLUMN_NUMBER },
	[VMA_ANON] = { "ANON", "anonymous", COLUMN_NUMBER },
	[VMA_FILE] = { "FILE", "of a file", COLUMN_NUMBER },
	[VMA_SHMEM] = { "SHMEM", "of shared memory", COLUMN_NUMBER },
	[VMA_EXCLUSIVE] = { "EXCLUSIVE", "mapped here and nowhere else", COLUMN_NUMBER },
	[VMA_PINNED] = { "PINNED", "in folios held by FOLL_PIN", COLUMN_PRESET | COLUMN_NUMBER },
	[VMA_EXTRA] = { "EXTRA", "in folios with references that nothing explains (FOLL_GET)",
			COLUMN_PRESET | COLUMN_NUMBER },
	[VMA_NODES] = { "NODES", "NUMA nodes of its pages", COLUMN_NUMBER },
	{ NULL, NULL, 0 },
};

const struct column *inspect_columns(enum inspect_table which)
{
	return which == INSPECT_HOLDERS ? holder_columns : vma_columns;
}

/* The VMA of an address or, of one between VMAs, the nearer; NULL: there are none. */
static const struct vma *nearest_vma(const struct vma_list *list, uint64_t address)
{
	const struct vma *before = NULL, *behind = NULL;

	for (size_t i = 0; i < list->count && !behind; i++)
		if (list->vmas[i].start <= address)
			before = &list->vmas[i];
		else
			behind = &list->vmas[i];
	if (!before || !behind || address < before->end)
		return before ? before : behind;
	return address - before->end <= behind->start - address ? before : behind;
}

char *address_text(const struct inspection *inspection, uint64_t address, bool full, char *text,
		   size_t size)
{
	const struct vma *vma = NULL;
	char at[40];
	const char *name;
	bool ahead;

	if (!full)
		vma = maps_find(&inspection->vmas, address);
	if (!full && !vma)
		vma = nearest_vma(&inspection->vmas, address);
	if (!vma) {
		snprintf(text, size, "%" PRIx64, address);
		return text;
	}
	name = strrchr(vma->name, '/') ? strrchr(vma->name, '/') + 1 : vma->name;
	/* Numbers of VMAs say where without saying at which address. */
	ahead = address < vma->start;
	snprintf(at, sizeof(at), "#%zu%c%" PRIx64, (size_t)(vma - inspection->vmas.vmas),
		 ahead ? '-' : '+', ahead ? vma->start - address : address - vma->start);
	name = *name ? name : "anon";
	/* A name that is too long is cut: what is behind it says where. */
	snprintf(text, size, "%.*s%s", (int)text_cut(name, size - 1 - strlen(at)), name, at);
	return text;
}

static const char *number(uint64_t value, char *text)
{
	snprintf(text, TABLE_TEXT, "%" PRIu64, value);
	return text;
}

static const char *known(int64_t value, char *text)
{
	return value < 0 ? NULL : number((uint64_t)value, text);
}

static const char *size_cell(const struct inspect_row *row, uint64_t bytes, char *text)
{
	return row->view->bytes || row->view->table.raw ? number(bytes, text) :
							  size_text(bytes, text, TABLE_TEXT);
}

static const char *address_cell(const struct inspect_row *row, uint64_t address, char *text)
{
	return address_text(row->inspection, address, row->view->full, text, TABLE_TEXT);
}

/* "0,2"; NULL: none is known. */
static const char *nodes_text(uint64_t nodes, char *text)
{
	size_t used = 0;

	for (unsigned i = 0; i < NODES_MAX && used < TABLE_TEXT; i++)
		if (nodes >> i & 1)
			used += (size_t)snprintf(text + used, TABLE_TEXT - used, "%s%u",
						 used ? "," : "", i);
	return used ? text : NULL;
}

static const char *hazards_text(unsigned hazards, char *text)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < HAZARD_COUNT; i++)
		if (hazards >> i & 1)
			used += (size_t)snprintf(text + used, TABLE_TEXT - used, "%s%s",
						 used ? "," : "", hazard_name((enum hazard_code)i));
	return text;
}

const char *holder_cell(const void *data, unsigned column, char *text)
{
	const struct inspect_row *row = data;
	const struct holder *holder = &row->inspection->holders[row->index];

	switch (column) {
	case HOLDER_TARGET:
		return number((uint64_t)row->inspection->target.pid, text);
	case HOLDER_TARGET_COMM:
		return row->inspection->target.comm;
	case HOLDER_NAME:
		return holder_kind_name(holder->kind);
	case HOLDER_PID:
		return holder->pid ? number((uint64_t)holder->pid, text) : NULL;
	case HOLDER_COMM:
		return holder->comm;
	case HOLDER_FD:
		return known(holder->fd, text);
	case HOLDER_INDEX:
		return number(holder->index, text);
	case HOLDER_START:
		return holder->start ? address_cell(row, holder->start, text) : NULL;
	case HOLDER_END:
		return holder->start ? address_cell(row, holder->end, text) : NULL;
	case HOLDER_SIZE:
		return size_cell(row, holder->end - holder->start, text);
	case HOLDER_CLASS:
		return pin_class_name(holder->class);
	case HOLDER_PAGES:
		return number((holder->end - holder->start) / row->inspection->host->page_size,
			      text);
	case HOLDER_IN_SYNC:
		return number(holder->pages[SYNC_IN], text);
	case HOLDER_OUT_OF_SYNC:
		return number(holder->pages[SYNC_OUT], text);
	case HOLDER_UNMAPPED:
		return number(holder->pages[SYNC_UNMAPPED], text);
	case HOLDER_SWAPPED:
		return number(holder->pages[SYNC_SWAPPED], text);
	case HOLDER_UNKNOWN:
		return number(holder->pages[SYNC_UNKNOWN], text);
	case HOLDER_DIFFERENT:
		return number(holder->content_different, text);
	case HOLDER_FIRST_BAD:
		return holder->first_bad ? address_cell(row, holder->first_bad, text) : NULL;
	case HOLDER_CONFIDENCE:
		return confidence_name(holder->confidence);
	case HOLDER_NODE:
		return known(holder->device_node, text);
	case HOLDER_NODES:
		return nodes_text(holder->nodes, text);
	default:
		return hazards_text(holder->hazards, text);
	}
}

static const char *permissions_text(unsigned flags, char *text)
{
	snprintf(text, TABLE_TEXT, "%c%c%c%c", flags & VMA_READ ? 'r' : '-',
		 flags & VMA_WRITE ? 'w' : '-', flags & VMA_EXECUTE ? 'x' : '-',
		 flags & VMA_SHARED ? 's' : 'p');
	return text;
}

static const char *advice_text(unsigned flags, char *text)
{
	static const struct {
		unsigned flag;
		const char *name;
	} names[] = {
		{ VMA_DONTFORK, "dontfork" },     { VMA_WIPEONFORK, "wipeonfork" },
		{ VMA_MERGEABLE, "mergeable" },   { VMA_HUGEPAGE, "hugepage" },
		{ VMA_NOHUGEPAGE, "nohugepage" }, { VMA_LOCKED, "locked" },
		{ VMA_HUGETLB, "hugetlb" },
	};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].flag)
			used += (size_t)snprintf(text + used, TABLE_TEXT - used, "%s%s",
						 used ? "," : "", names[i].name);
	return text;
}

const char *vma_cell(const void *data, unsigned column, char *text)
{
	static const enum page_kind kinds[] = {
		[VMA_THP_PMD] = KIND_THP_PMD,   [VMA_THP_PTE] = KIND_THP_PTE,
		[VMA_THP_PART] = KIND_THP_PART, [VMA_MTHP] = KIND_MTHP,
		[VMA_BASE] = KIND_BASE,         [VMA_HUGE] = KIND_HUGETLB,
		[VMA_ZERO] = KIND_ZERO,         [VMA_SWAPPED] = KIND_SWAPPED,
		[VMA_UNKNOWN] = KIND_UNKNOWN,
	};
	const struct inspect_row *row = data;
	const struct vma *vma = &row->inspection->vmas.vmas[row->index];
	const struct totals *totals = &row->inspection->vma_totals[row->index];

	switch (column) {
	case VMA_TARGET:
		return number((uint64_t)row->inspection->target.pid, text);
	case VMA_TARGET_COMM:
		return row->inspection->target.comm;
	case VMA_START:
		return address_cell(row, vma->start, text);
	case VMA_END:
		return row->view->full ? address_cell(row, vma->end, text) : NULL;
	case VMA_SIZE:
		return size_cell(row, vma->end - vma->start, text);
	case VMA_NAME:
		return vma->name;
	case VMA_PERMISSIONS:
		return permissions_text(vma->flags, text);
	case VMA_ADVICE:
		return advice_text(vma->flags, text);
	case VMA_RESIDENT:
		return number(totals_resident(totals), text);
	case VMA_KSM:
		return number(totals->ksm, text);
	case VMA_ANON:
		return number(totals->anon, text);
	case VMA_FILE:
		return number(totals->file, text);
	case VMA_SHMEM:
		return number(totals->shmem, text);
	case VMA_EXCLUSIVE:
		return number(totals->exclusive, text);
	case VMA_PINNED:
		return number(totals->pinned, text);
	case VMA_EXTRA:
		return number(totals->extra, text);
	case VMA_NODES:
		return nodes_text(totals->nodes, text);
	default:
		return number(totals->kind[kinds[column]], text);
	}
}
