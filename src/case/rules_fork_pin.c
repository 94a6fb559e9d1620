// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rules: fork() while memory is held by FOLL_PIN.
 * mm/gup.c; mm/memory.c, copy_present_page()
 */
#include "case/rules.h"

static const struct rule fork_pin_rules[] = {
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
		.steps = {
			{ ACTOR_DEVICE, "is about to be given a page by GUP-fast, without a lock" },
			{ ACTOR_PARENT, "forks in another thread: a sequence count says so" },
			{ ACTOR_KERNEL, "sees the count changed, drops the pin, and takes it again under mmap_lock" },
			{ ACTOR_KERNEL, "either fork() sees the pin and copies for the child, or the pin comes after it" },
		},
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
		.steps = {
			{ ACTOR_PARENT, "forks in one thread" },
			{ ACTOR_KERNEL, "looks at a page, and finds no pin" },
			{ ACTOR_DEVICE, "gets the page by GUP-fast from another thread" },
			{ ACTOR_KERNEL, "write-protects the page, and shares it with the child" },
			{ ACTOR_PARENT, "writes, and gets a copy; the device keeps the page of the child" },
		},
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
		.steps = {
			{ ACTOR_PARENT, "forks: the page is shared copy-on-write" },
			{ ACTOR_DEVICE, "asks for FOLL_PIN, for reading" },
			{ ACTOR_KERNEL, "sees that the page is not exclusive, and unshares it: the parent gets a copy at once" },
			{ ACTOR_DEVICE, "holds that copy" },
			{ ACTOR_PARENT, "writes to it, without another one" },
		},
		.references = "https://lwn.net/Articles/895439/ (PageAnonExclusive)",
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
		.steps = {
			{ ACTOR_PARENT, "forks: the page is shared copy-on-write" },
			{ ACTOR_DEVICE, "pins it for reading by FOLL_PIN: the shared page" },
			{ ACTOR_PARENT, "writes, and gets a copy" },
			{ ACTOR_DEVICE, "reads the shared page, without what the parent wrote" },
		},
		.references = "https://lwn.net/Articles/895439/ (PageAnonExclusive)",
		.remedy = KEEP_FROM_CHILD,
	},
	{
		.id = "pin-fork",
		.classes = PIN,
		.access = RULE_ANY_PIN,
		.races = "fork-* split-*-fork",
		.from = KERNEL(5, 9),
		.expectation = EXPECT_PROMISED,
		.certainty = CERTAIN_MEASURED,
		.commit = "70e806e4e645",
		.title = "mm: Do early cow for pinned pages during fork() for ptes",
		.mechanism = "fork() gives the child copies of pages held by FOLL_PIN at once; the "
			     "parent keeps the pinned pages.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page by FOLL_PIN" },
			{ ACTOR_PARENT, "forks" },
			{ ACTOR_KERNEL, "sees that the page may be pinned, and copies it for the child now" },
			{ ACTOR_CHILD, "has the copy: a picture of the moment of the fork" },
			{ ACTOR_PARENT, "keeps the pinned page, writable" },
		},
		.references = "https://lwn.net/Articles/849638/ and 849876 (the patches that came and went with it)",
		.remedy = "",
	},
	{
		.id = "pin-fork-old",
		.classes = PIN,
		.access = RULE_ANY_PIN,
		.races = "fork-parent-write fork-grandchild split-*-fork",
		.from = KERNEL(5, 6),
		.to = KERNEL(5, 9),
		.expectation = EXPECT_HAZARD,
		.certainty = CERTAIN_LISTS,
		.commit = "70e806e4e645",
		.title = "mm: Do early cow for pinned pages during fork() for ptes",
		.mechanism = "Before Linux 5.9 fork() treats FOLL_PIN like any reference: the "
			     "parent's first write gets a copy.",
		.steps = {
			{ ACTOR_DEVICE, "holds the page by FOLL_PIN" },
			{ ACTOR_PARENT, "forks" },
			{ ACTOR_KERNEL, "does not look for pins, and shares the page with the child" },
			{ ACTOR_PARENT, "writes, and gets a copy" },
			{ ACTOR_DEVICE, "goes on with the page that now is the child's" },
		},
		.references = "https://lwn.net/Articles/849638/ and 849876 (the patches that came and went with it)",
		.remedy = KEEP_FROM_CHILD,
	},
};

const struct rule_list rules_fork_pin = RULE_LIST(fork_pin_rules);
