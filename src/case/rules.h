/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of rules share; everybody else includes case/expectation.h. */
#ifndef THPIN_CASE_RULES_H
#define THPIN_CASE_RULES_H

#include "case/expectation.h"

#define GET (1u << PIN_CLASS_GET)
#define PIN (1u << PIN_CLASS_PIN | 1u << PIN_CLASS_LONGTERM)
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

#define RULE_LIST(array)                                  \
	{                                                 \
		array, sizeof(array) / sizeof((array)[0]) \
	}

extern const struct rule_list rules_discard, rules_leak, rules_taken, rules_fork_hugetlb,
	rules_punch, rules_fork_child, rules_fork_get, rules_fork_pin, rules_protect, rules_move;

#endif
