// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules: Which page a pin gets: one of the process alone, or one that others have as well.
 * Documentation/core-api/pin_user_pages.rst; mm/gup.c, gup_must_unshare()
 */
#include "case/rules.h"

static const struct rule taken_rules[] = {
	{
		.id = "shared-memory",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = SHARED,
		.races = "none fork-* vfork-* shared-before-pin mprotect-* split-* uffd-wp "
			 "madv-cold pageout "
			 "memory-pressure migrate-node numa-hint compact mremap-*",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mmap(2), MAP_SHARED",
		.mechanism = "Shared memory is never copied on write, and reclaim leaves a page "
			     "with one more reference in the page cache.",
		.steps = {
			{ ACTOR_DEVICE, "holds a page of the page cache" },
			{ ACTOR_PARENT, "forks, changes the protection, has the page reclaimed or moved" },
			{ ACTOR_KERNEL, "has nothing to copy: all mappings of the file have the same page" },
			{ ACTOR_KERNEL, "leaves the page in the page cache, since its reference count is higher than it expects" },
			{ ACTOR_PARENT, "finds the same page at the next access" },
		},
		.remedy = "",
	},
	{
		.id = "longterm-unshares",
		.classes = LONGTERM,
		.access = RULE_READ_PIN,
		.memory = NOT_OWNED,
		.from = KERNEL(6, 2),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "84209e87c696",
		.title = "mm/gup: reliable R/O long-term pinning in COW mappings",
		.mechanism = "A long-term pin gives the process a page of its own first, also "
			     "where it only reads.",
		.steps = {
			{ ACTOR_PARENT, "never wrote the memory: it maps the zero page, or the page cache" },
			{ ACTOR_DEVICE, "asks for FOLL_PIN | FOLL_LONGTERM, for reading" },
			{ ACTOR_KERNEL, "breaks copy-on-write first, as if it were for writing: a page of the process alone" },
			{ ACTOR_DEVICE, "holds that page" },
			{ ACTOR_PARENT, "writes to it, without another copy" },
		},
		.references = "Documentation/core-api/pin_user_pages.rst",
		.remedy = "",
	},
	{
		.id = "read-pin-not-owned",
		.classes = ANY,
		.access = RULE_READ_PIN,
		.memory = NOT_OWNED,
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "84209e87c696",
		.title = "mm/gup: reliable R/O long-term pinning in COW mappings",
		.mechanism = "A pin that only reads takes the zero page, or the page cache of a "
			     "private mapping; the first write gets the process another page. "
			     "(Long-term pins: before Linux 6.2.)",
		.steps = {
			{ ACTOR_PARENT, "never wrote the memory: it maps the zero page, or the page cache" },
			{ ACTOR_DEVICE, "pins it for reading, and gets just that page" },
			{ ACTOR_PARENT, "writes for the first time" },
			{ ACTOR_KERNEL, "gives the process a page of its own" },
			{ ACTOR_DEVICE, "reads the zero page, or the file, and not what the process wrote" },
		},
		.references = "Documentation/core-api/pin_user_pages.rst",
		.remedy = "Write to every page of the buffer before it is pinned.",
	},
	{
		.id = "odp-address",
		.classes = ODP,
		.access = RULE_ANY_PIN,
		/* What is shared is found again at the old address, too. */
		.memory = "thp* base* mthp-* zero* memfd-* hugetlb hugetlb-private file-private",
		.races = "uffd-move mremap-dontunmap",
		.expectation = EXPECT_BY_DESIGN,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "ibv_reg_mr(3), IBV_ACCESS_ON_DEMAND",
		.mechanism = "On-demand paging follows the addresses that were registered, not data "
			     "that goes to other ones: the control of this pin.",
		.steps = {
			{ ACTOR_PARENT, "registers memory for on-demand paging" },
			{ ACTOR_PARENT, "moves the pages to another address by UFFDIO_MOVE, or by mremap() and keeps the old one mapped" },
			{ ACTOR_KERNEL, "tells the driver that nothing is left at the old address" },
			{ ACTOR_DEVICE, "faults there at its next access, and gets a page of zeros" },
		},
		.references = "Documentation/admin-guide/mm/userfaultfd.rst",
		.remedy = "None is needed: register the memory where it is now.",
	},
	{
		.id = "odp-follows",
		.classes = ODP,
		.access = RULE_ANY_PIN,
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "ibv_reg_mr(3), IBV_ACCESS_ON_DEMAND",
		.mechanism = "On-demand paging holds no page: the device is told of every change of "
			     "the page tables, and faults in what the process has there now.",
		.steps = {
			{ ACTOR_PARENT, "registers memory for on-demand paging; no page is held" },
			{ ACTOR_KERNEL, "changes the page table, for whatever reason" },
			{ ACTOR_KERNEL, "tells the driver by its MMU notifier, which takes the old page away from the device" },
			{ ACTOR_DEVICE, "faults at its next access, and gets the page that the process has now" },
		},
		.references = "Documentation/mm/mmu_notifier.rst",
		.remedy = "",
	},
	{
		.id = "read-pin-was-shared",
		.classes = GET,
		.access = RULE_READ_PIN,
		.memory = "thp-shared",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "09854ba94c6a 6c287605fd56",
		.title = "mm: do_wp_page() simplification",
		.mechanism = "A page that was shared with a child stays write-protected and is "
			     "not known to be exclusive; the reference of the device then makes "
			     "the first write copy it, although the child is long gone.",
		.steps = {
			{ ACTOR_PARENT, "forked earlier; its page table is still write-protected, the child is gone" },
			{ ACTOR_DEVICE, "takes a reference of the page for reading, by FOLL_GET" },
			{ ACTOR_PARENT, "writes" },
			{ ACTOR_KERNEL, "finds the page not known to be exclusive, with a reference too many: it copies" },
			{ ACTOR_DEVICE, "reads the page from before the write" },
		},
		.references = "https://lwn.net/Articles/895439/ (PageAnonExclusive)",
		.remedy = "Write to every page of the buffer after the last fork() and before it "
			  "is pinned.",
	},
	{
		.id = "read-pin-was-shared-pin",
		.classes = PIN,
		.access = RULE_READ_PIN,
		.memory = "thp-shared",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 19),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "a7f226604170",
		.title = "mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared "
			 "anonymous page",
		.mechanism = "A page that was shared with a child stays write-protected; a read-only "
			     "FOLL_PIN takes it as it is until Linux 5.19, and the first write copies "
			     "it, although the child is long gone.",
		.steps = {
			{ ACTOR_PARENT, "forked earlier; its page table is still write-protected, the child is gone" },
			{ ACTOR_DEVICE, "pins the page for reading, by FOLL_PIN" },
			{ ACTOR_PARENT, "writes" },
			{ ACTOR_KERNEL, "finds more references than mappings: it copies" },
			{ ACTOR_DEVICE, "reads the page from before the write" },
		},
		.references = "https://lwn.net/Articles/895439/ (PageAnonExclusive)",
		.remedy = "Linux 5.19 or later; before it, write to every page of the buffer after the "
			  "last fork() and before it is pinned.",
	},
	{
		.id = "swapped-out-again",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = "base-swapped thp-pte-swapped thp-single-pte-swapped",
		.races = "pageout memory-pressure",
		.from = KERNEL(5, 10),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "feb889fb40fa",
		.title = "mm: don't put pinned pages into the swap cache",
		.mechanism = "What was swapped in for reading goes out again, and a write finds "
			     "the page in the swap cache.",
		.steps = {
			{ ACTOR_DEVICE, "holds pages that were swapped in" },
			{ ACTOR_PARENT, "asks for them to be paged out again, or is short of memory" },
			{ ACTOR_KERNEL, "leaves those held by FOLL_PIN alone; those of FOLL_GET go to the swap cache, as they are" },
			{ ACTOR_PARENT, "writes: the fault finds the page in the swap cache" },
			{ ACTOR_PARENT, "has the same page as the device" },
		},
		.remedy = "",
	},
	{
		.id = "read-pin-swapped-in",
		.classes = ANY,
		.access = RULE_READ_PIN,
		.memory = "*-swapped",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 19),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "09854ba94c6a 1493a1913e34",
		.title = "mm: do_wp_page() simplification",
		.mechanism = "A pin that only reads has the page swapped in read-only; the "
			     "references of the device and of the swap cache then make the first "
			     "write copy it.",
		.steps = {
			{ ACTOR_PARENT, "has memory in swap, and did not write to it since" },
			{ ACTOR_DEVICE, "pins it for reading" },
			{ ACTOR_KERNEL, "reads the page from swap and maps it read-only; it stays in the swap cache" },
			{ ACTOR_PARENT, "writes" },
			{ ACTOR_KERNEL, "counts the references of device and swap cache, takes the page for shared, and copies" },
			{ ACTOR_DEVICE, "reads the page from before the write" },
		},
		.references = "https://lwn.net/Articles/849638/ and 849876 (the patches that came and went with it)",
		.remedy = "Write to every page of the buffer before it is pinned, or mlock() it.",
	},
};

const struct rule_list rules_taken = RULE_LIST(taken_rules);
