// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules: What crosses a fork(): data that the other process must not see.
 * mm/memory.c, do_wp_page(); mm/hugetlb.c, hugetlb_wp()
 */
#include "case/rules.h"

static const struct rule leak_rules[] = {
	{
		.id = "leak-hugetlb",
		.classes = GET,
		.access = RULE_READ_PIN,
		.memory = "hugetlb",
		.races = "leak-*",
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mm/hugetlb.c, hugetlb_wp()",
		.mechanism = "A huge page of hugetlbfs is reused by whoever maps it alone, whatever "
			     "references there are: the device of the other side sees the write.",
		.steps = {
			{ ACTOR_PARENT, "forks: the huge page is shared copy-on-write" },
			{ ACTOR_DEVICE, "one side gives the page to its device by FOLL_GET, and unmaps it" },
			{ ACTOR_PARENT, "the other side writes" },
			{ ACTOR_KERNEL, "finds the page mapped once and reuses it, though the device has a reference" },
			{ ACTOR_DEVICE, "reads what was written after the fork: a leak" },
		},
		.remedy = "Do not vmsplice() private hugetlb memory that was shared by fork().",
	},
	{
		.id = "leak-hugetlb-fork",
		.classes = GET,
		.access = RULE_WRITE_PIN,
		.memory = "hugetlb hugetlb-private",
		.races = "leak-parent-pin-fork",
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mm/hugetlb.c, hugetlb_wp()",
		.mechanism = "A huge page of hugetlbfs is reused by whoever maps it alone, so the "
			     "child gets the page that the device of its parent uses.",
		.steps = {
			{ ACTOR_DEVICE, "holds the huge page of the parent for writing, by FOLL_GET" },
			{ ACTOR_PARENT, "forks, and unmaps the memory" },
			{ ACTOR_CHILD, "writes: the page is mapped once now" },
			{ ACTOR_KERNEL, "reuses it for the child, without a copy" },
			{ ACTOR_DEVICE, "writes to the page for the parent; the child reads it" },
		},
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "leak-hugetlb-pin",
		.classes = PIN,
		.access = RULE_READ_PIN,
		.memory = "hugetlb",
		.races = "leak-child-pin* leak-fork-parent-pin",
		.from = KERNEL(5, 6),
		.to = KERNEL(5, 19),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "a7f226604170",
		.title = "mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared "
			 "anonymous page",
		.mechanism = "A read-only FOLL_PIN takes the huge page that both share, and whoever "
			     "maps it alone then reuses it: the device of the other side sees the "
			     "write.",
		.steps = {
			{ ACTOR_PARENT, "forks: the huge page is shared copy-on-write" },
			{ ACTOR_DEVICE, "one side gives the page to its device by FOLL_PIN for reading, and unmaps it" },
			{ ACTOR_PARENT, "the other side writes" },
			{ ACTOR_KERNEL, "finds the page mapped once and reuses it, though it is pinned" },
			{ ACTOR_DEVICE, "reads what was written after the fork: a leak" },
		},
		.remedy = "Linux 5.19 or later; before it, give a device memory that was written to "
			  "since the last fork().",
	},
	{
		.id = "leak-hugetlb-pin-fork",
		.classes = PIN,
		.access = RULE_WRITE_PIN,
		.memory = "hugetlb hugetlb-private",
		.races = "leak-parent-pin-fork",
		.from = KERNEL(5, 6),
		.to = KERNEL(5, 12),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "4eae4efa2c29",
		.title = "hugetlb: do early cow when page pinned on src mm",
		.mechanism = "Before Linux 5.12 fork() shares a pinned huge page of hugetlbfs, and the "
			     "child reuses it once its parent has unmapped it.",
		.steps = {
			{ ACTOR_DEVICE, "holds the huge page of the parent by FOLL_PIN" },
			{ ACTOR_PARENT, "forks, and unmaps the memory" },
			{ ACTOR_CHILD, "writes: the page is mapped once now" },
			{ ACTOR_KERNEL, "reuses it for the child, without a copy" },
			{ ACTOR_DEVICE, "writes to the page for the parent; the child reads it" },
		},
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "leak-hugetlb-read-fork",
		.classes = PIN,
		.access = RULE_READ_PIN,
		.memory = "hugetlb",
		.races = "leak-parent-pin-fork",
		.from = KERNEL(5, 6),
		.to = KERNEL(5, 12),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "4eae4efa2c29",
		.title = "hugetlb: do early cow when page pinned on src mm",
		.mechanism = "Before Linux 5.12 fork() shares a pinned huge page of hugetlbfs, and the "
			     "child reuses it once its parent has unmapped it: the device of the "
			     "parent sees what the child writes.",
		.steps = {
			{ ACTOR_DEVICE, "holds the huge page of the parent by FOLL_PIN, for reading" },
			{ ACTOR_PARENT, "forks, and unmaps the memory" },
			{ ACTOR_CHILD, "writes: the page is mapped once now" },
			{ ACTOR_KERNEL, "reuses it for the child, without a copy" },
			{ ACTOR_DEVICE, "reads for the parent what the child wrote: a leak" },
		},
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "leak-pmd",
		.classes = GET,
		.access = RULE_READ_PIN,
		.memory = "thp",
		.races = "leak-*",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 18),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "3bff7e3f1f16",
		.title = "mm/huge_memory: streamline COW logic in do_huge_pmd_wp_page()",
		.mechanism = "A PMD that is mapped once is reused whatever references there are: "
			     "the device of the other side, which has unmapped it, sees the write "
			     "(CVE-2020-29374).",
		.steps = {
			{ ACTOR_PARENT, "forks: the THP is shared copy-on-write, mapped by a PMD on both sides" },
			{ ACTOR_DEVICE, "one side gives it to its device by FOLL_GET (vmsplice), and unmaps it" },
			{ ACTOR_PARENT, "the other side writes" },
			{ ACTOR_KERNEL, "finds the PMD mapped once, and makes it writable without a copy" },
			{ ACTOR_DEVICE, "reads what was written after the fork: a leak" },
		},
		.references = "CVE-2020-29374; <3ae33b08-d9ef-f846-56fb-645e3b9b4c66@redhat.com>: summary of COW related issues",
		.remedy = "Linux 5.18 or later; before it, keep THPs away (MADV_NOHUGEPAGE) from what "
			  "a less privileged child must not see.",
	},
	{
		.id = "leak-pmd-pin",
		.classes = PIN,
		.access = RULE_READ_PIN,
		.memory = "thp",
		.races = "leak-child-pin* leak-fork-parent-pin",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 18),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "3bff7e3f1f16",
		.title = "mm/huge_memory: streamline COW logic in do_huge_pmd_wp_page()",
		.mechanism = "A read-only FOLL_PIN takes the THP that both share, and a PMD that is "
			     "mapped once is reused whatever pins there are: the device of the other "
			     "side, which has unmapped it, sees the write.",
		.steps = {
			{ ACTOR_PARENT, "forks: the THP is shared copy-on-write, mapped by a PMD on both sides" },
			{ ACTOR_DEVICE, "one side gives it to its device by FOLL_PIN for reading, and unmaps it" },
			{ ACTOR_PARENT, "the other side writes" },
			{ ACTOR_KERNEL, "finds the PMD mapped once, and makes it writable without a copy" },
			{ ACTOR_DEVICE, "reads what was written after the fork: a leak" },
		},
		.references = "CVE-2020-29374; <3ae33b08-d9ef-f846-56fb-645e3b9b4c66@redhat.com>: summary of COW related issues",
		.remedy = "Linux 5.18 or later; before it, keep THPs away (MADV_NOHUGEPAGE) from what "
			  "a less privileged child must not see.",
	},
	{
		.id = "leak-pmd-fork",
		.classes = GET,
		.access = RULE_WRITE_PIN,
		.memory = "thp",
		.races = "leak-parent-pin-fork",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 18),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "3bff7e3f1f16",
		.title = "mm/huge_memory: streamline COW logic in do_huge_pmd_wp_page()",
		.mechanism = "A PMD that is mapped once is reused whatever references there are, so "
			     "the child gets the page that the device of its parent uses.",
		.steps = {
			{ ACTOR_DEVICE, "holds the THP of the parent for writing, by FOLL_GET" },
			{ ACTOR_PARENT, "forks, and unmaps the memory" },
			{ ACTOR_CHILD, "writes: the PMD is mapped once now" },
			{ ACTOR_KERNEL, "makes the PMD of the child writable, without a copy" },
			{ ACTOR_DEVICE, "writes to the THP for the parent; the child reads it" },
		},
		.references = "<3ae33b08-d9ef-f846-56fb-645e3b9b4c66@redhat.com>: summary of COW related issues",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "leak-swap",
		.classes = ANY,
		.access = RULE_READ_PIN,
		.memory = "*-swapped",
		.races = "leak-child-pin*",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 18),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "c145e0b47c77",
		.title = "mm: streamline COW logic in do_swap_page()",
		.mechanism = "A write that finds its page in the swap cache takes that page if nobody "
			     "else maps it (reuse_swap_page()), whatever references there are: the "
			     "device of the child, which has unmapped it, sees the write.",
		.steps = {
			{ ACTOR_PARENT, "forks; the memory of both is in swap" },
			{ ACTOR_CHILD, "gives it to its device for reading, which swaps it in, and unmaps it" },
			{ ACTOR_PARENT, "writes: the fault finds the page in the swap cache" },
			{ ACTOR_KERNEL, "finds it mapped by nobody, and maps it writable without a copy" },
			{ ACTOR_DEVICE, "reads what was written after the fork: a leak" },
		},
		.references = "mm/swapfile.c, reuse_swap_page(); <3ae33b08-d9ef-f846-56fb-645e3b9b4c66@redhat.com>: summary of COW related issues",
		.remedy = "Linux 5.18 or later; before it, mlock() what a less privileged child must "
			  "not see.",
	},
	{
		.id = "leak-swap-child",
		.classes = ANY,
		.access = RULE_READ_PIN,
		.memory = "base-swapped thp-swapped thp-pte-swapped",
		.races = "leak-fork-parent-pin",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 18),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "c145e0b47c77",
		.title = "mm: streamline COW logic in do_swap_page()",
		.mechanism = "The child, which did not swap the page in "
			     "yet, takes the page that the device of its parent has from the swap cache "
			     "when it writes.",
		.steps = {
			{ ACTOR_PARENT, "forks; the memory of both is in swap" },
			{ ACTOR_PARENT, "gives it to its device for reading, which swaps it in, and unmaps it" },
			{ ACTOR_CHILD, "writes to a page that it has not touched before" },
			{ ACTOR_KERNEL, "takes the page from the swap cache, mapped by nobody, without a copy" },
			{ ACTOR_DEVICE, "reads for the parent what the child wrote: a leak" },
		},
		.references = "mm/swapfile.c, reuse_swap_page()",
		.remedy = "Linux 5.18 or later; before it, let the I/O finish before memory that a "
			  "child shares is unmapped.",
	},
	{
		.id = "leak-refcount",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "leak-*",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "09854ba94c6a",
		.title = "mm: do_wp_page() simplification",
		.mechanism = "The reference that the device of one side holds makes the write of the "
			     "other side copy.",
		.steps = {
			{ ACTOR_PARENT, "forks: the page is shared copy-on-write" },
			{ ACTOR_DEVICE, "holds the page for one side, which then unmaps it" },
			{ ACTOR_CHILD, "the other side writes" },
			{ ACTOR_KERNEL, "counts a reference that is no mapping, or no longer calls the page exclusive: it copies" },
			{ ACTOR_DEVICE, "still has the page from before the fork, and sees nothing newer" },
		},
		.references = "https://lwn.net/Articles/849638/ and 849876 (the patches that came and went with it)",
		.remedy = "",
	},
	{
		.id = "cow",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "cow-*",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "fork(2)",
		.mechanism = "A page that two processes map is copied at the first write; the pin is "
			     "taken of that copy.",
		.steps = {
			{ ACTOR_PARENT, "forks: both processes map the page read-only" },
			{ ACTOR_CHILD, "one of them writes" },
			{ ACTOR_KERNEL, "gives the writer a copy; the other keeps the page" },
			{ ACTOR_DEVICE, "takes its pin afterwards, of the page that its process has then" },
		},
		.remedy = "",
	},
};

const struct rule_list rules_leak = RULE_LIST(leak_rules);
