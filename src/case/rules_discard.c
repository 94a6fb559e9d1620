// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules: What discards memory under a pin, or only seems to.
 * madvise(2), mmap(2), fallocate(2)
 */
#include "case/rules.h"

static const struct rule discard_rules[] = {
	{
		.id = "file-private",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.pins = "udmabuf",
		.memory = "*-private",
		.races = "[!l]*", /* not leak-*, where nothing but a leak is looked for */
		.expectation = EXPECT_BY_DESIGN,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "mmap(2), MAP_PRIVATE",
		.mechanism = "The device has the pages of the file, and the first write to a "
			     "private mapping of it gets the process a page of its own.",
		.steps = {
			{ ACTOR_PARENT, "maps a file with MAP_PRIVATE, and gives the file itself to the device" },
			{ ACTOR_DEVICE, "holds the pages of the file, in the page cache" },
			{ ACTOR_PARENT, "writes to the mapping" },
			{ ACTOR_KERNEL, "gives the process a copy, as MAP_PRIVATE asks for; the file keeps its page" },
			{ ACTOR_DEVICE, "reads and writes the page of the file, which the process no longer maps" },
		},
		.remedy = "Map a file with MAP_SHARED where a device uses the file itself.",
	},
	{
		.id = "punch-hugetlb",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = "hugetlb-private",
		.races = "punch-hole",
		.expectation = EXPECT_BY_DESIGN,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "fs/hugetlbfs/inode.c, hugetlb_vmdelete_list()",
		.mechanism = "A hole in a hugetlbfs file unmaps whatever is mapped there, private "
			     "copies as well: the next access gets another page.",
		.steps = {
			{ ACTOR_DEVICE, "pinned the private mapping of a hugetlbfs file" },
			{ ACTOR_PARENT, "punches a hole into the file" },
			{ ACTOR_KERNEL, "unmaps that part from every mapping, the private copies with it" },
			{ ACTOR_PARENT, "touches the memory: the fault gets another page" },
			{ ACTOR_DEVICE, "goes on with the copy, which no process maps" },
		},
		.remedy = "Do not punch holes into a hugetlbfs file that is mapped privately.",
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
		.steps = {
			{ ACTOR_DEVICE, "holds pages of a shared mapping, which are those of the page cache" },
			{ ACTOR_PARENT, "discards the mapping, or puts a guard there and takes it away again" },
			{ ACTOR_KERNEL, "removes the page table entries only; the page cache keeps its pages" },
			{ ACTOR_PARENT, "touches the memory: the fault finds the same page again" },
		},
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
		.steps = {
			{ ACTOR_DEVICE, "holds the page; its reference keeps it from being freed" },
			{ ACTOR_PARENT, "discards the range with madvise(), or maps something new over it" },
			{ ACTOR_KERNEL, "removes the page from the page table and succeeds, without a look at the pin" },
			{ ACTOR_PARENT, "touches the memory: the fault gets a new page, with zeros" },
			{ ACTOR_DEVICE, "goes on with the old page, which nobody can see any more" },
		},
		.references = "Documentation/core-api/pin_user_pages.rst: a pin is no mapping; open(2), NOTES",
		.remedy = "Do not discard or map over memory that a device uses; keep allocators "
			  "that purge with madvise() away from it.",
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
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_PARENT, "installs guards with madvise(MADV_GUARD_INSTALL)" },
			{ ACTOR_KERNEL, "removes the pages and leaves markers in the page table" },
			{ ACTOR_PARENT, "removes the guards and touches the memory: a new page, with zeros" },
			{ ACTOR_DEVICE, "goes on with the old page" },
		},
		.references = "madvise(2), MADV_GUARD_INSTALL",
		.remedy = "Do not put guards over memory that a device uses.",
	},
};

const struct rule_list rules_discard = RULE_LIST(discard_rules);

static const struct rule punch_rules[] = {
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
		.steps = {
			{ ACTOR_DEVICE, "holds a huge folio of the file" },
			{ ACTOR_PARENT, "punches a hole that is smaller than the folio" },
			{ ACTOR_KERNEL, "cannot split the folio, and writes zeros into that part of it" },
			{ ACTOR_PARENT, "sees the zeros, and so does the device: it is one page" },
		},
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
		.steps = {
			{ ACTOR_DEVICE, "pinned the private mapping for writing" },
			{ ACTOR_KERNEL, "gave the process pages of its own for that pin" },
			{ ACTOR_PARENT, "punches a hole into the file" },
			{ ACTOR_KERNEL, "drops pages of the page cache; copies of a private mapping stay" },
		},
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
		.steps = {
			{ ACTOR_DEVICE, "holds a page of the file" },
			{ ACTOR_PARENT, "punches a hole, or calls madvise(MADV_REMOVE)" },
			{ ACTOR_KERNEL, "removes the page from the file and from all page tables" },
			{ ACTOR_PARENT, "touches the memory: the fault adds a new page to the file" },
			{ ACTOR_DEVICE, "goes on with the old page, which belongs to no file" },
		},
		.references = "memfd_create(2): F_SEAL_SHRINK is about the size of the file",
		.remedy = "Do not punch holes into files that a device uses (balloons, "
			  "snapshots); F_SEAL_SHRINK does not prevent it.",
	},
};

const struct rule_list rules_punch = RULE_LIST(punch_rules);
