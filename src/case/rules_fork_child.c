// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules: after a fork() only the child writes. Its parent keeps what the device has;
 * what is left to be lost is the child's picture of the moment of the fork.
 * mm/memory.c, do_wp_page(), copy_present_page()
 */
#include "case/rules.h"

/* Copied on write. A child has a copy of all of a hugetlb page once it writes to it. */
#define COPIED_PAGES "thp* base* mthp-* zero* [!h]*-private"

static const struct rule fork_child_rules[] = {
	{
		.id = "get-fork-child-leak",
		.classes = GET,
		.access = RULE_WRITE_PIN,
		.memory = COPIED_PAGES,
		.races = "fork-child-writes-only",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "open(2), NOTES, O_DIRECT and fork(2)",
		.mechanism = "The child's write gets the child a copy, so the parent loses nothing; "
			     "but all that the device writes to other pages shows in the child, "
			     "which shares them still.",
		.steps = {
			{ ACTOR_DEVICE, "is to write to pages of the parent, held by FOLL_GET" },
			{ ACTOR_PARENT, "forks: the pages are shared copy-on-write" },
			{ ACTOR_CHILD, "writes to one of them, and gets a copy of that one" },
			{ ACTOR_DEVICE, "writes to all: the parent, which still maps them, sees it" },
			{ ACTOR_CHILD, "sees it as well in each page that it did not write to: a leak" },
		},
		.references = "open(2), NOTES; ibv_fork_init(3)",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "child-copies",
		.classes = ANY,
		.access = RULE_ANY_PIN,
		.memory = COPIED_PAGES " hugetlb hugetlb-private",
		.races = "fork-child-writes-only",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "",
		.title = "fork(2)",
		.mechanism = "Who writes first to a page that two processes map gets the copy: that "
			     "is the child, and the parent goes on with the page of the device.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page" },
			{ ACTOR_PARENT, "forks, and writes nothing from there on" },
			{ ACTOR_CHILD, "writes, and gets a copy, unless it has one since the fork" },
			{ ACTOR_PARENT, "has the page of the device in its page table as before" },
		},
		.remedy = "",
	},
};

const struct rule_list rules_fork_child = RULE_LIST(fork_child_rules);
