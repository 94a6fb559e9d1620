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
	if (id->race->statistical == BY_IO && !id->pin->io)
		return "this pin is not that of an I/O which several threads can do";
	if (id->race->statistical == BY_TAKE && !id->pin->repeatable)
		return "this pin cannot be taken and dropped many times a second";
	if (id->race->statistical == BY_FLIGHT && !id->pin->in_flight)
		return "this pin is held, not an I/O that comes to its end by itself";
	if (id->race->frees_unpinned && id->pin->in_flight)
		return "this pin is raced, and may be gone before the memory is freed";
	if (id->race->takes_pin && id->pin->in_flight)
		return "this pin cannot be held";
	return memory_lacks(id->memory, id->pin->needs | id->race->needs);
}

unsigned case_seconds(const struct case_options *options)
{
	if (options->seconds)
		return options->seconds;
	return options->trials ? (options->timeout_ms + 999) / 1000 : 2;
}

enum level case_level(const struct case_id *id)
{
	enum level level = id->pin->level;

	if (level < id->memory->level)
		level = id->memory->level;
	return level < id->race->level ? id->race->level : level;
}

const char *level_name(enum level level)
{
	static const char *const names[] = { "default", "selected", "statistical", "named" };

	return names[level];
}
