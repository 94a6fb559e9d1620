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

const struct rule *rule_find(const struct rule_query *query)
{
	const struct rule *rule;

	for (size_t i = 0; (rule = rule_at(i)); i++) {
		if (rule->classes >> query->class & 1 && rule->access & query->access &&
		    query->kernel >= rule->from && (!rule->to || query->kernel < rule->to) &&
		    fits(rule->pins, query->pin) && fits(rule->memory, query->memory) &&
		    fits(rule->races, query->race))
			return rule;
	}
	return NULL;
}

const struct rule *rule_for(const struct case_id *id, const struct host *host)
{
	const struct rule_query query = {
		.class = id->pin->class(host),
		.access = id->pin->write_pin ? RULE_WRITE_PIN : RULE_READ_PIN,
		.pin = id->pin->name,
		.memory = id->memory->name,
		.race = id->race->name,
		.kernel = host->kernel,
	};

	return rule_find(&query);
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
