// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules: Reclaim, and what moves, merges or splits pages.
 * mm/vmscan.c, mm/migrate.c, mm/khugepaged.c, mm/ksm.c
 */
#include "case/rules.h"

static const struct rule move_rules[] = {
	{
		.id = "pageout-keeps-page",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "pageout memory-pressure",
		.from = KERNEL(5, 10),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "feb889fb40fa",
		.title = "mm: don't put pinned pages into the swap cache",
		.mechanism = "FOLL_PIN keeps a page out of swap; a page held by FOLL_GET stays in "
			     "the swap cache, and a write finds it there.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_PARENT, "asks for reclaim: madvise(MADV_PAGEOUT), or memory runs short" },
			{ ACTOR_KERNEL, "leaves a page of FOLL_PIN alone; one of FOLL_GET is unmapped, but stays in the swap cache" },
			{ ACTOR_PARENT, "writes: the fault finds the same page in the swap cache" },
		},
		.remedy = "",
	},
	{
		.id = "lazyfree-keeps-page",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "madv-free",
		.from = KERNEL(5, 10),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "6c8e2a256915",
		.title = "mm: fix race between MADV_FREE reclaim and blkdev direct IO read",
		.mechanism = "Reclaim of lazily freed memory finds the reference of the device and "
			     "keeps the page (Linux 5.18, and stable kernels since 4.9).",
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_PARENT, "calls madvise(MADV_FREE): the page may be dropped when memory runs short" },
			{ ACTOR_KERNEL, "reclaims: it finds a reference that is no mapping, and maps the page again" },
			{ ACTOR_PARENT, "has the page that the device holds" },
		},
		.remedy = "",
	},
	{
		.id = "cold-keeps-page",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "madv-cold",
		.from = KERNEL(5, 4),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "9c276cc65a58",
		.title = "mm: introduce MADV_COLD",
		.mechanism = "Only the age of the pages changes; a pinned THP is not split for it.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_PARENT, "calls madvise(MADV_COLD)" },
			{ ACTOR_KERNEL, "moves the page to the inactive list; the page table keeps pointing to it" },
			{ ACTOR_PARENT, "writes to the same page" },
		},
		.remedy = "",
	},
	{
		.id = "folio-not-split",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "split-debugfs",
		.from = KERNEL(5, 13),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "fa6c02315f74",
		.title = "mm: huge_memory: a new debugfs interface for splitting THP tests",
		.mechanism = "A folio with one more reference than mappings is not split.",
		.steps = {
			{ ACTOR_DEVICE, "holds a page of the THP" },
			{ ACTOR_KERNEL, "is asked by debugfs to split the folio" },
			{ ACTOR_KERNEL, "counts more references than mappings, and gives up" },
			{ ACTOR_PARENT, "writes to the same page" },
		},
		.remedy = "",
	},
	{
		.id = "move-refused",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "khugepaged ksm compact migrate-node soft-offline",
		.from = KERNEL(4, 6),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "Documentation/core-api/pin_user_pages.rst; mm/migrate.c, khugepaged.c, ksm.c",
		.mechanism = "Who moves, merges or collapses a page needs its exact reference "
			     "count, and leaves a page alone that has one more.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_KERNEL, "wants to move, merge or collapse it, and unmaps it for that" },
			{ ACTOR_KERNEL, "counts a reference too many, gives up, and maps the same page again" },
			{ ACTOR_PARENT, "writes to the page that the device holds" },
		},
		.remedy = "",
	},
	{
		.id = "hint-keeps-page",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "numa-hint",
		.from = KERNEL(5, 10),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "80d47f5de5e3",
		.title = "mm: don't try to NUMA-migrate COW pages that have other uses",
		.mechanism = "A hinting fault gives the same page back; the migration that it may "
			     "ask for is refused, and since Linux 5.17 (and in stable kernels) "
			     "most pinned pages are not made inaccessible at all.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_KERNEL, "makes the page inaccessible for a moment, to learn which node uses it" },
			{ ACTOR_PARENT, "touches it: the hinting fault makes it accessible again" },
			{ ACTOR_KERNEL, "may want to migrate it to that node, and is stopped by the reference" },
		},
		.remedy = "",
	},
	{
		.id = "uffd-move-follows",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "uffd-move",
		.from = KERNEL(6, 8),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "adef440691ba",
		.title = "userfaultfd: UFFDIO_MOVE uABI",
		.mechanism = "UFFDIO_MOVE refuses pages held by FOLL_PIN; one held by FOLL_GET "
			     "goes to the new address as it is.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_PARENT, "asks to move it to another address by UFFDIO_MOVE" },
			{ ACTOR_KERNEL, "answers EBUSY when it may be pinned by FOLL_PIN" },
			{ ACTOR_KERNEL, "else moves the page itself, not its bytes: the new address has what the device holds" },
		},
		.references = "ioctl_userfaultfd(2)",
		.remedy = "",
	},
	{
		.id = "mremap-follows",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "mremap-all mremap-dontunmap",
		.from = KERNEL(5, 10),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "37a1c49a91ad e346b3813067",
		.title = "thp: mremap support and TLB optimization",
		.mechanism = "mremap() moves entries of the page table, that of a THP as one, and "
			     "no page: the new address has what the device holds, the old one "
			     "nothing.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_PARENT, "calls mremap(MREMAP_MAYMOVE | MREMAP_FIXED), perhaps with MREMAP_DONTUNMAP" },
			{ ACTOR_KERNEL, "takes the entry, a PTE or a PMD, out of the page table and puts it in at the new address as it is" },
			{ ACTOR_PARENT, "writes there, to the page that the device holds" },
		},
		.references = "mremap(2)",
		.remedy = "",
	},
	{
		.id = "collapse-refused",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "collapse",
		.from = KERNEL(6, 1),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "7d8faaf15545",
		.title = "mm/madvise: introduce MADV_COLLAPSE sync hugepage collapse",
		.mechanism = "A collapse needs the exact reference count, and leaves pages alone "
			     "that have one more.",
		.steps = {
			{ ACTOR_DEVICE, "holds one of the small pages" },
			{ ACTOR_PARENT, "calls madvise(MADV_COLLAPSE)" },
			{ ACTOR_KERNEL, "would have to copy the page into a THP, counts a reference too many, and answers EAGAIN" },
			{ ACTOR_PARENT, "writes to the page that the device holds" },
		},
		.references = "madvise(2), MADV_COLLAPSE",
		.remedy = "",
	},
};

const struct rule_list rules_move = RULE_LIST(move_rules);
