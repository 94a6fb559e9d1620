/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_SPARSE_H
#define THPIN_INSPECT_SPARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "procfs/pagemap.h"

struct probe;

/*
 * Where a process has pages, without reading of pagemap what is reserved and empty:
 * eight bytes a page, a minute for 20 TiB. For kernels without PAGEMAP_SCAN.
 */
struct sparse {
	struct probe *probe;
	const struct pagemap *pagemap;
	uint64_t top;   /* of the page tables, 0: they are not known */
	uint64_t *bits; /* a slot each, of a window */
};

/* Less than this is read as it is. */
#define SPARSE_MIN (UINT64_C(64) << 20)

/*
 * Returns true when there is a way, for the process that @pagemap is of; then and
 * otherwise sparse_close().
 */
bool sparse_open(struct sparse *sparse, struct probe *probe, const struct pagemap *pagemap);
void sparse_close(struct sparse *sparse);

/* Something else than 0 ends the walk and is returned by it. */
typedef int sparse_fn(uint64_t start, uint64_t end, void *context);

/*
 * The parts of [start, end) that may have pages, in order of addresses; in what is
 * left out there are none, and no swapped ones. Not for hugetlb. Returns 0, -errno
 * (-ENODATA: the process is gone) or what @each returned.
 */
int sparse_walk(struct sparse *sparse, uint64_t start, uint64_t end, sparse_fn *each,
		void *context);

#endif
