// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules: Write protection without fork().
 * mm/memory.c, do_wp_page(); mm/huge_memory.c, do_huge_pmd_wp_page()
 */
#include "case/rules.h"

static const struct rule protect_rules[] = {
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
		.steps = {
			{ ACTOR_DEVICE, "holds the THP" },
			{ ACTOR_PARENT, "write-protects all of it and allows writing again" },
			{ ACTOR_KERNEL, "keeps the PMD; it is mapped once" },
			{ ACTOR_PARENT, "writes" },
			{ ACTOR_KERNEL, "counts mappings, not references, for a PMD, and makes it writable again" },
		},
		.references = "<20160428102051.17d1c728@t450s.home>: the report that found the loss of Linux 4.5",
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
		.steps = {
			{ ACTOR_DEVICE, "holds the page, by whatever pin" },
			{ ACTOR_PARENT, "write-protects the memory and allows writing again; there is no fork()" },
			{ ACTOR_PARENT, "writes" },
			{ ACTOR_KERNEL, "wants a reference count of one to reuse the page, counts the pin, and copies" },
			{ ACTOR_DEVICE, "goes on with the old page, which no process maps" },
		},
		.references = "https://lwn.net/Articles/849638/ and 849876 (the patches that came and went with it)",
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
		.steps = {
			{ ACTOR_DEVICE, "holds the page; it is marked exclusive to the process" },
			{ ACTOR_PARENT, "write-protects the memory and allows writing again" },
			{ ACTOR_PARENT, "writes" },
			{ ACTOR_KERNEL, "sees the mark and reuses the page, whatever references there are" },
			{ ACTOR_PARENT, "has the page that the device holds" },
		},
		.references = "https://lwn.net/Articles/895439/ (PageAnonExclusive)",
		.remedy = "",
	},
};

const struct rule_list rules_protect = RULE_LIST(protect_rules);
