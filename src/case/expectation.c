// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/expectation.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "case/case.h"
#include "host/host.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "races/races.h"

/* True when @name fits one of the blank-separated globs; NULL fits all. */
static bool fits(const char *globs, const char *name)
{
	char glob[64];
	int used;

	if (!globs)
		return true;
	while (sscanf(globs, " %63s%n", glob, &used) == 1) {
		if (!fnmatch(glob, name, 0))
			return true;
		globs += used;
	}
	return false;
}

const struct rule *rule_for(const struct case_id *id, const struct host *host)
{
	unsigned class = 1u << id->pin->class(host);
	unsigned access = id->pin->write_pin ? RULE_WRITE_PIN : RULE_READ_PIN;

	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)); i++) {
		if (rule->classes & class && rule->access & access && host->kernel >= rule->from &&
		    (!rule->to || host->kernel < rule->to) && fits(rule->pins, id->pin->name) &&
		    fits(rule->memory, id->memory->name) && fits(rule->races, id->race->name))
			return rule;
	}
	return NULL;
}

bool rule_expects_loss(const struct rule *rule)
{
	return rule->expectation == EXPECT_HAZARD || rule->expectation == EXPECT_BY_DESIGN;
}

const char *expectation_name(enum expectation expectation)
{
	static const char *const names[EXPECT_COUNT] = {
		"promised",
		"hazard",
		"by-design",
		"unknown",
	};

	return names[expectation];
}

const char *certainty_name(enum certainty certainty)
{
	static const char *const names[] = { "measured", "source", "lists", "recalled" };

	return names[certainty];
}
