// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/case.h"

#include <stdio.h>

#include "memory/memory.h"
#include "pins/pins.h"
#include "races/races.h"

char *case_name(const struct case_id *id, char *name)
{
	snprintf(name, CASE_NAME_SIZE, "%s/%s/%s", id->pin->name, id->memory->name, id->race->name);
	return name;
}

const char *case_inapplicable(const struct case_id *id)
{
	if (id->race->needs_pmd && !id->memory->pmd_mapped)
		return "this memory has no PMD mapping to split";
	if (id->race->needs_collapsible && !id->memory->collapsible)
		return "this memory cannot be collapsed";
	return NULL;
}

enum expectation result_expectation(const struct case_result *result)
{
	return result->rule ? result->rule->expectation : EXPECT_UNKNOWN;
}

bool result_unexpected(const struct case_result *result)
{
	return result->trials_lost && (!result->rule || !rule_expects_loss(result->rule));
}
