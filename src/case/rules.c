// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What Linux is known to do with pinned memory. A pin is FOLL_GET or
 * FOLL_PIN; Documentation/core-api/pin_user_pages.rst says which users take
 * which. The first rule that fits a case is its expectation, in the order of
 * this list: what is said of one kind of memory comes before what is said of all.
 */
#include "case/rules.h"

#include <string.h>

static const struct rule_list *const lists[] = {
	&rules_fork_child, &rules_discard,  &rules_leak,     &rules_taken,   &rules_fork_hugetlb,
	&rules_punch,      &rules_fork_get, &rules_fork_pin, &rules_protect, &rules_move,
};

const struct rule *rule_at(size_t index)
{
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		if (index < lists[i]->count)
			return &lists[i]->rules[index];
		index -= lists[i]->count;
	}
	return NULL;
}

const struct rule *rule_named(const char *id)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)); i++)
		if (!strcmp(rule->id, id))
			return rule;
	return NULL;
}
