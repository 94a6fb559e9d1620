/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_HOLDERS_H
#define THPIN_INSPECT_HOLDERS_H

#include "inspect/inspection.h"

/*
 * What holds a target's pages: every open file of every process is shown to
 * each source, which adds the holders that the file is. Counts read from the
 * kernel are bounded, as nothing is locked while it is read.
 */
struct search {
	struct inspection *inspection;
	struct probe *probe;
	uint64_t target_mm;    /* address of its struct mm, 0: not known */
	struct home_vma *vmas; /* of the target, read when first asked for (home.c) */
	size_t vmas_count;
	bool own; /* of the target's own files, which are looked at first */
};

/* One kind of holder; its state is what it learnt of this kernel. */
struct holder_source {
	enum holder_kind kind;

	/*
	 * Learn what its files look like. Returns 0 with *state, which is freed; or
	 * -errno with the reason why it cannot be found here, -ENODEV: there can be none.
	 */
	int (*learn)(struct search *search, void **state, struct reason *why);

	/* A file that may be of its kind. Returns 0 or -errno with a reason. */
	int (*look)(struct search *search, void *state, const struct probe_file *file,
		    struct reason *why);
};

/*
 * More pages than a holder can have: a count beyond was not read right. Of a list of
 * pages, which is read as a whole, and of a range of addresses.
 */
#define HOLDER_PAGES_MAX (UINT64_C(1) << 28)
#define HOLDER_RANGE_MAX (UINT64_C(1) << 36)

extern const struct holder_source *const holder_sources[];
extern const size_t holder_sources_count;

/*
 * Fill inspection->holders. Needs a probe that reads kernel memory. Returns 0 or
 * -errno with a reason.
 */
int holders_find(struct inspection *inspection, struct reason *why);

/*
 * The same without kernel memory, of the target's own descriptors and memory regions:
 * what /proc and netlink tell, where the pages are not known. Returns 0 or -errno
 * with a reason.
 */
int holders_claimed(struct inspection *inspection, struct reason *why);

/*
 * A new holder, zeroed, of no process and no file; NULL: no memory. It counts from
 * then on.
 */
struct holder *holders_append(struct inspection *inspection, enum holder_kind kind);

/*
 * A new holder that @file is, zeroed but for who has the descriptor; NULL: no
 * memory. It counts from then on.
 */
struct holder *holders_add(struct search *search, enum holder_kind kind,
			   const struct probe_file *file);

/*
 * What differs is not known: it was let go, or taken anew, while it was compared, or may
 * be another process's.
 */
void holder_unknown(struct holder *holder);

/* Take back the holder added last, when nothing of it is the target's. */
void holders_drop_last(struct search *search);

/* An unsigned member of up to eight bytes of the object at @base. Returns 0 or -errno. */
int read_member(struct probe *probe, uint64_t base, struct member member, uint64_t *value,
		struct reason *why);

/* NUMA node of the struct device at @device, -1: none, or it cannot be read. */
int read_node(struct probe *probe, uint64_t device, struct member numa_node);

/*
 * An array of @count pointers to struct page (or folio) at @array, as page
 * frames; PFN_UNKNOWN for what points to none. Returns 0 or -errno.
 */
int read_page_pointers(struct probe *probe, uint64_t array, uint64_t *pfns, size_t count,
		       struct reason *why);

#endif
