// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What Linux is known to do with pinned memory. A pin is FOLL_GET or
 * FOLL_PIN; Documentation/core-api/pin_user_pages.rst says which users take
 * which. The first rule that fits a case is its expectation.
 */
#include "case/expectation.h"

#define GET (1u << PIN_CLASS_GET)
#define PIN (1u << PIN_CLASS_PIN | 1u << PIN_CLASS_LONGTERM)
#define SHORT (1u << PIN_CLASS_GET | 1u << PIN_CLASS_PIN)
#define LONGTERM (1u << PIN_CLASS_LONGTERM)
#define ODP (1u << PIN_CLASS_ODP)
#define ANY (GET | PIN)

#define KEEP_FROM_CHILD                                                                      \
	"madvise(MADV_DONTFORK) on the buffer, or MAP_SHARED memory, or let the I/O finish " \
	"before fork()."
#define UPGRADE_5_19                                                                       \
	"Linux 5.19 or later; before it, do not write-protect memory (mprotect, uffd-wp) " \
	"while it is pinned."

/* MAP_SHARED: whoever maps it has the same page. */
#define SHARED "shmem* hugetlb-shared file-shared"

/* Of the page cache, or the zero page, until the first write gets a page of its own. */
#define NOT_OWNED "zero zero-thp *-private"

const struct rule rules[] = {
	{
		.id = "file-private",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.pins = "udmabuf",
		.memory = "*-private",
		.expectation = EXPECT_BY_DESIGN,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mmap(2), MAP_PRIVATE",
		.mechanism = "The device has the pages of the file, and the first write to a "
			     "private mapping of it gets the process a page of its own.",
		.remedy = "Map a file with MAP_SHARED where a device uses the file itself.",
	},
	{
		.id = "discard-shared",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = SHARED,
		.races = "dontneed-* guard-install",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "madvise(2), MADV_DONTNEED, MADV_GUARD_INSTALL",
		.mechanism = "Of shared memory only the mapping is discarded: the next access "
			     "finds the same page in the page cache.",
		.remedy = "",
	},
	{
		.id = "discard",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "dontneed-* remap-fixed",
		.expectation = EXPECT_BY_DESIGN,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "madvise(2), MADV_DONTNEED; mmap(2), MAP_FIXED",
		.mechanism = "A pin keeps the page, not the mapping: after a discard the next "
			     "access of the CPU gets another page.",
		.remedy = "Do not discard or map over memory that a device uses; keep allocators "
			  "that purge with madvise() away from it.",
	},

	/* What crosses a fork() */
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
		.remedy = "Do not vmsplice() private hugetlb memory that was shared by fork().",
	},
	{
		.id = "leak-hugetlb-fork",
		.classes = GET,
		.access = RULE_WRITE_PIN,
		.memory = "hugetlb",
		.races = "leak-parent-pin-fork",
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_SOURCE,
		.commit = "",
		.title = "mm/hugetlb.c, hugetlb_wp()",
		.mechanism = "A huge page of hugetlbfs is reused by whoever maps it alone, so the "
			     "child gets the page that the device of its parent uses.",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "leak-pmd",
		.classes = GET,
		.access = RULE_READ_PIN,
		.memory = "thp thp-mremapped thp-shared",
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
		.remedy = "Linux 5.18 or later; before it, keep THPs away (MADV_NOHUGEPAGE) from what "
			  "a less privileged child must not see.",
	},
	{
		.id = "leak-pmd-fork",
		.classes = GET,
		.access = RULE_WRITE_PIN,
		.memory = "thp thp-mremapped thp-shared",
		.races = "leak-parent-pin-fork",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 18),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "3bff7e3f1f16",
		.title = "mm/huge_memory: streamline COW logic in do_huge_pmd_wp_page()",
		.mechanism = "A PMD that is mapped once is reused whatever references there are, so "
			     "the child gets the page that the device of its parent uses.",
		.remedy = KEEP_FROM_CHILD,
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
		.remedy = "",
	},
	{
		.id = "shared-memory",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = SHARED,
		.races = "none fork-* vfork-* shared-before-pin mprotect-* split-* uffd-wp "
			 "madv-cold pageout "
			 "memory-pressure migrate-node numa-hint compact",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mmap(2), MAP_SHARED",
		.mechanism = "Shared memory is never copied on write, and reclaim leaves a page "
			     "with one more reference in the page cache.",
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
		.remedy = "Write to every page of the buffer before it is pinned.",
	},
	{
		.id = "guard",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "guard-install",
		.from = KERNEL(6, 13),
		.expectation = EXPECT_BY_DESIGN,
		.certainty = CERTAIN_MEASURED,
		.commit = "662df3e5c376",
		.title = "mm: madvise: implement lightweight guard page mechanism",
		.mechanism = "A guard takes the place of the pages, as a discard does: once it is "
			     "gone the CPU gets other pages.",
		.remedy = "Do not put guards over memory that a device uses.",
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
		.remedy = "Write to every page of the buffer after the last fork() and before it "
			  "is pinned.",
	},
	{
		.id = "swapped-out-again",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = "base-swapped thp-pte-swapped thp-single-pte-swapped",
		.races = "pageout",
		.from = KERNEL(5, 10),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "feb889fb40fa",
		.title = "mm: don't put pinned pages into the swap cache",
		.mechanism = "What was swapped in for reading goes out again, and a write finds "
			     "the page in the swap cache.",
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
		.remedy = "Write to every page of the buffer before it is pinned, or mlock() it.",
	},
	{
		.id = "hugetlb-mapcount",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = "hugetlb hugetlb-private",
		.races = "fork-child-write fork-child-exit previously-shared mprotect-*",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mm/hugetlb.c, hugetlb_wp()",
		.mechanism = "A private hugetlb page that is mapped once is reused whatever "
			     "references there are.",
		.remedy = "",
	},
	{
		.id = "hugetlb-fork-old",
		.classes = PIN,
		.access = RULE_ANY_PIN,
		.memory = "hugetlb hugetlb-private",
		.races = "fork-parent-write fork-grandchild fork-threads fork-vs-gup-fast",
		.from = KERNEL(5, 6),
		.to = KERNEL(5, 12),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "4eae4efa2c29",
		.title = "hugetlb: do early cow when page pinned on src mm",
		.mechanism = "Before Linux 5.12 fork() treats FOLL_PIN of a hugetlb page like any "
			     "reference: the parent's first write gets a copy of all of it.",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "punch-in-place",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = "shmem-thp hugetlb-shared",
		.races = "punch-hole-page",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mm/truncate.c, truncate_inode_partial_folio()",
		.mechanism = "A hole that is smaller than a folio which cannot be split is zeroed "
			     "in place.",
		.remedy = "",
	},
	{
		.id = "punch-below-private",
		.classes = ANY,
		.access = RULE_WRITE_PIN,
		.memory = "*-private",
		.races = "punch-hole punch-hole-page",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mmap(2), MAP_PRIVATE",
		.mechanism = "A pin for writing gets the process pages of its own; a hole in the "
			     "file does not touch them.",
		.remedy = "",
	},
	{
		.id = "punch",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "punch-hole punch-hole-page madv-remove",
		.expectation = EXPECT_BY_DESIGN,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "fallocate(2), FALLOC_FL_PUNCH_HOLE; madvise(2), MADV_REMOVE",
		.mechanism = "The file gives the page up, the device does not: the next access "
			     "gets another page.",
		.remedy = "Do not punch holes into files that a device uses (balloons, "
			  "snapshots); F_SEAL_SHRINK does not prevent it.",
	},
	{
		.id = "no-event",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "none",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "Documentation/core-api/pin_user_pages.rst",
		.mechanism = "Without a change of the page tables the CPU keeps the pinned page.",
		.remedy = "",
	},
	{
		.id = "dontfork",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "fork-dontfork",
		.from = KERNEL(2, 6),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "f822566165dd",
		.title = "madvise MADV_DONTFORK/MADV_DOFORK",
		.mechanism = "The child does not get the memory, so no page becomes shared "
			     "copy-on-write.",
		.remedy = "",
	},
	{
		.id = "wipeonfork",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "fork-wipeonfork",
		.from = KERNEL(4, 14),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_SOURCE,
		.commit = "d2cd9ede6e19",
		.title = "mm,fork: introduce MADV_WIPEONFORK",
		.mechanism = "The child gets empty memory: no page is shared with it.",
		.remedy = "",
	},
	{
		.id = "vfork",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "vfork-exec",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "vfork(2); posix_spawn(3), NOTES",
		.mechanism = "The child borrows the memory of its parent until it runs another "
			     "program: no page table is copied, no page is shared copy-on-write.",
		.remedy = "",
	},
	{
		.id = "split-keeps-page",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "split-mprotect split-munmap split-mremap split-child-pageout",
		.from = KERNEL(4, 6),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "6d0a07edd17c",
		.title = "mm: thp: calculate the mapcount correctly for THP pages during WP faults",
		.mechanism = "Splitting the PMD changes how the pages are mapped, not which; a "
			     "pinned THP is never split itself.",
		.remedy = "",
	},

	/* fork(), FOLL_GET */
	{
		.id = "get-fork",
		.classes = GET,
		.access = RULE_ANY_PIN,
		.races = "fork-parent-write fork-grandchild",
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "open(2), NOTES, O_DIRECT and fork(2)",
		.mechanism = "fork() shares the page copy-on-write; the parent's first write gets "
			     "a copy, while the device keeps the page that now is the child's.",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "get-fork-child-write",
		.classes = GET,
		.access = RULE_ANY_PIN,
		.races = "fork-child-write",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "09854ba94c6a",
		.title = "mm: do_wp_page() simplification",
		.mechanism = "The reference that the device holds makes the page look shared after "
			     "the child took its copy, so the parent's write copies as well.",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "get-fork-exit-pmd",
		.classes = GET,
		.access = RULE_ANY_PIN,
		.memory = "thp",
		.races = "fork-child-exit previously-shared",
		.from = KERNEL(4, 6),
		.to = KERNEL(5, 18),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "6d0a07edd17c",
		.title = "mm: thp: calculate the mapcount correctly for THP pages during WP faults",
		.mechanism = "Once the child is gone the PMD is mapped once, and is reused whatever "
			     "references there are.",
		.remedy = "",
	},
	{
		.id = "get-fork-exit",
		.classes = GET,
		.access = RULE_ANY_PIN,
		.races = "fork-child-exit",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "09854ba94c6a 3bff7e3f1f16",
		.title = "mm: do_wp_page() simplification",
		.mechanism = "fork() made the page read-only and not exclusive; the reference of "
			     "the device then forbids its reuse, although the child is gone.",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "get-shared-read",
		.classes = GET,
		.access = RULE_READ_PIN,
		.races = "shared-before-pin previously-shared",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "Documentation/core-api/pin_user_pages.rst",
		.mechanism = "A read-only FOLL_GET takes the page that is shared with the child; "
			     "the parent's write then gets a copy.",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "write-pin-unshares",
		.classes = ANY,
		.access = RULE_WRITE_PIN,
		.races = "shared-before-pin previously-shared read-only-before-pin",
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "Documentation/core-api/pin_user_pages.rst",
		.mechanism = "A pin for writing breaks copy-on-write before it takes the page.",
		.remedy = "",
	},

	{
		.id = "get-fork-threads",
		.classes = GET,
		.access = RULE_ANY_PIN,
		.races = "fork-threads fork-vs-gup-fast",
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "open(2), NOTES, O_DIRECT and fork(2)",
		.mechanism = "A fork() of any thread shares all pages copy-on-write; the next "
			     "write to any byte of a page gives the process a copy, while the I/O "
			     "that another thread has on its way goes to the page that now is the "
			     "child's.",
		.remedy = "madvise(MADV_DONTFORK) on I/O buffers, buffers that share no page with "
			  "other data, or no fork() while I/O is on its way.",
	},

	/* fork(), FOLL_PIN */
	{
		.id = "pin-fork-racing",
		.classes = PIN,
		.access = RULE_ANY_PIN,
		.races = "fork-threads fork-vs-gup-fast",
		.from = KERNEL(5, 10),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "57efa1fe5957",
		.title = "mm/gup: prevent gup_fast from racing with COW during fork",
		.mechanism = "GUP-fast that meets a fork() takes the pin again under the lock "
			     "(Linux 5.11, and stable kernels from 5.10 on), so that fork() either "
			     "sees the pin and copies, or has copied before.",
		.remedy = "",
	},
	{
		.id = "pin-fork-racing-old",
		.classes = PIN,
		.access = RULE_ANY_PIN,
		.races = "fork-threads fork-vs-gup-fast",
		.from = KERNEL(5, 6),
		.to = KERNEL(5, 10),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_LISTS,
		.commit = "57efa1fe5957",
		.title = "mm/gup: prevent gup_fast from racing with COW during fork",
		.mechanism = "GUP-fast can pin a page right after fork() has taken it for "
			     "unpinned and shared it.",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "pin-read-unshares",
		.classes = PIN,
		.access = RULE_READ_PIN,
		.races = "shared-before-pin previously-shared",
		.from = KERNEL(5, 19),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_LISTS,
		.commit = "a7f226604170",
		.title = "mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared "
			 "anonymous page",
		.mechanism = "A read-only FOLL_PIN gives the process a page of its own first.",
		.remedy = "",
	},
	{
		.id = "pin-read-shared",
		.classes = PIN,
		.access = RULE_READ_PIN,
		.races = "shared-before-pin previously-shared",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 19),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_LISTS,
		.commit = "a7f226604170",
		.title = "mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared "
			 "anonymous page",
		.mechanism = "A read-only FOLL_PIN takes the page that is shared with the child; "
			     "the parent's write then gets a copy.",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "pin-fork",
		.classes = PIN,
		.access = RULE_ANY_PIN,
		.races = "fork-*",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "70e806e4e645",
		.title = "mm: Do early cow for pinned pages during fork() for ptes",
		.mechanism = "fork() gives the child copies of pages held by FOLL_PIN at once; the "
			     "parent keeps the pinned pages.",
		.remedy = "",
	},
	{
		.id = "pin-fork-old",
		.classes = PIN,
		.access = RULE_ANY_PIN,
		.races = "fork-parent-write fork-grandchild",
		.from = KERNEL(5, 6),
		.to = KERNEL(5, 9),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_LISTS,
		.commit = "70e806e4e645",
		.title = "mm: Do early cow for pinned pages during fork() for ptes",
		.mechanism = "Before Linux 5.9 fork() treats FOLL_PIN like any reference: the "
			     "parent's first write gets a copy.",
		.remedy = KEEP_FROM_CHILD,
	},

	/* Write protection without fork() */
	{
		.id = "wp-whole-pmd",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = "thp",
		.races = "mprotect-all-rorw mprotect-softdirty "
			 "read-only-before-pin",
		.from = KERNEL(4, 6),
		.to = KERNEL(5, 18),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "6d0a07edd17c",
		.title = "mm: thp: calculate the mapcount correctly for THP pages during WP faults",
		.mechanism = "A PMD that is mapped once is reused whatever references there are.",
		.remedy = "",
	},
	{
		.id = "wp-refcount",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "mprotect-half-rorw mprotect-all-rorw mprotect-softdirty "
			 "read-only-before-pin uffd-wp",
		.from = KERNEL(5, 9),
		.to = KERNEL(5, 19),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "09854ba94c6a 6c287605fd56",
		.title = "mm: do_wp_page() simplification",
		.mechanism = "A write to a write-protected page copies it unless its reference "
			     "count is one; the pin itself makes it more, so the CPU moves away "
			     "from the pinned page without any fork().",
		.remedy = UPGRADE_5_19,
	},
	{
		.id = "wp-exclusive",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.races = "mprotect-half-rorw mprotect-all-rorw mprotect-softdirty "
			 "read-only-before-pin uffd-wp",
		.from = KERNEL(5, 19),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "6c287605fd56",
		.title = "mm: remember exclusively mapped anonymous pages with PG_anon_exclusive",
		.mechanism = "A page known to be exclusive to the process is always reused at a "
			     "write fault.",
		.remedy = "",
	},

	/* Reclaim and moves */
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
		.remedy = "",
	},
};

const size_t rules_count = sizeof(rules) / sizeof(rules[0]);
