// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/catalogue_columns.h"

#include <stdio.h>
#include <string.h>

#include "inspect/probe/probe.h"
#include "memory/memory.h"
#include "output/table.h"
#include "output/words.h"
#include "pins/pins.h"
#include "races/races.h"

/* The command that runs a case of this level. */
#define LEVEL_HELP "run: by default, when selected, with --all (statistical), or only when named"

enum {
	PIN_NAME,
	PIN_CLASS,
	PIN_DEVICE,
	PIN_LEVEL,
	PIN_AVAILABLE,
	PIN_HELD_BY,
	PIN_HELP,
	PIN_REASON
};

static const struct column pin_columns[] = {
	[PIN_NAME] = { "NAME", "name of the pin", COLUMN_PRESET },
	[PIN_CLASS] = { "CLASS", "get, pin, longterm or odp on this kernel", COLUMN_PRESET },
	[PIN_DEVICE] = { "DEVICE", "what the device does: reads, writes or both", COLUMN_PRESET },
	[PIN_LEVEL] = { "LEVEL", LEVEL_HELP, COLUMN_PRESET },
	[PIN_AVAILABLE] = { "AVAILABLE", "can be used here", COLUMN_PRESET | COLUMN_FLAG },
	[PIN_HELD_BY] = { "HELD-BY", "what the pinned pages are in", COLUMN_PROSE },
	[PIN_HELP] = { "HELP", "how it pins", COLUMN_PRESET | COLUMN_PROSE },
	[PIN_REASON] = { "REASON", "why it cannot be used here", COLUMN_PRESET | COLUMN_PROSE },
	{ NULL, NULL, 0 },
};

enum { MEMORY_NAME, MEMORY_TRAIT_LIST, MEMORY_LEVEL, MEMORY_AVAILABLE, MEMORY_HELP, MEMORY_REASON };

static const struct column memory_columns[] = {
	[MEMORY_NAME] = { "NAME", "name of the memory kind", COLUMN_PRESET },
	[MEMORY_TRAIT_LIST] = { "TRAITS", "what it is: pmd, collapsible, anonymous ...", 0 },
	[MEMORY_LEVEL] = { "LEVEL", LEVEL_HELP, COLUMN_PRESET },
	[MEMORY_AVAILABLE] = { "AVAILABLE", "can be made here", COLUMN_PRESET | COLUMN_FLAG },
	[MEMORY_HELP] = { "HELP", "what it is", COLUMN_PRESET | COLUMN_PROSE },
	[MEMORY_REASON] = { "REASON", "why it cannot be made here", COLUMN_PRESET | COLUMN_PROSE },
	{ NULL, NULL, 0 },
};

enum { RACE_NAME, RACE_FAMILY, RACE_LEVEL, RACE_NEEDS, RACE_AVAILABLE, RACE_HELP, RACE_REASON };

static const struct column race_columns[] = {
	[RACE_NAME] = { "NAME", "name of the race", COLUMN_PRESET },
	[RACE_FAMILY] = { "FAMILY", "kind of race", COLUMN_PRESET },
	[RACE_LEVEL] = { "LEVEL", LEVEL_HELP, COLUMN_PRESET },
	[RACE_NEEDS] = { "NEEDS", "what the memory must be: pmd, collapsible ...", 0 },
	[RACE_AVAILABLE] = { "AVAILABLE", "can be run here", COLUMN_PRESET | COLUMN_FLAG },
	[RACE_HELP] = { "HELP", "what is done to the pinned memory", COLUMN_PRESET | COLUMN_PROSE },
	[RACE_REASON] = { "REASON", "why it cannot be run here", COLUMN_PRESET | COLUMN_PROSE },
	{ NULL, NULL, 0 },
};

enum { CASE_NAME, CASE_EXPECTATION, CASE_RULE, CASE_LEVEL, CASE_AVAILABLE, CASE_REASON };

static const struct column case_columns[] = {
	[CASE_NAME] = { "CASE", "PIN/MEMORY/RACE", COLUMN_PRESET },
	[CASE_EXPECTATION] = { "EXPECTATION", "promised, hazard, by-design or unknown",
			       COLUMN_PRESET },
	[CASE_RULE] = { "RULE", "rule the expectation comes from", COLUMN_PRESET },
	[CASE_LEVEL] = { "LEVEL", LEVEL_HELP, 0 },
	[CASE_AVAILABLE] = { "AVAILABLE", "can be run here", COLUMN_PRESET | COLUMN_FLAG },
	[CASE_REASON] = { "REASON", "why it cannot be run here", COLUMN_PRESET | COLUMN_PROSE },
	{ NULL, NULL, 0 },
};

enum {
	RULE_ID,
	RULE_EXPECTATION,
	RULE_CLASSES,
	RULE_ACCESS,
	RULE_PINS,
	RULE_MEMORY,
	RULE_RACES,
	RULE_KERNELS,
	RULE_HERE,
	RULE_CERTAINTY,
	RULE_COMMIT,
	RULE_TITLE,
	RULE_MECHANISM,
	RULE_EVENTS,
	RULE_REFERENCES,
	RULE_REMEDY,
};

static const struct column rule_columns[] = {
	[RULE_ID] = { "RULE", "name of the rule; the first that fits a case counts",
		      COLUMN_PRESET },
	[RULE_EXPECTATION] = { "EXPECTATION", "promised, hazard or by-design", COLUMN_PRESET },
	[RULE_CLASSES] = { "CLASSES", "of the pins: get, pin, longterm, odp", COLUMN_PRESET },
	[RULE_ACCESS] = { "ACCESS", "of the pins: write, read or both", 0 },
	[RULE_PINS] = { "PINS", "pins, of all that have such a class and access", 0 },
	[RULE_MEMORY] = { "MEMORY", "kinds of memory", COLUMN_PRESET },
	[RULE_KERNELS] = { "KERNELS", "from..to, the latter not included", COLUMN_PRESET },
	[RULE_HERE] = { "HERE", "this kernel is one of them", COLUMN_PRESET | COLUMN_FLAG },
	[RULE_CERTAINTY] = { "CERTAINTY", "measured, source, lists or recalled", COLUMN_PRESET },
	[RULE_COMMIT] = { "COMMIT", "commits of the kernel", 0 },
	[RULE_RACES] = { "RACES", "names of races", COLUMN_PRESET | COLUMN_PROSE },
	[RULE_TITLE] = { "TITLE", "of the first commit, or of a document", COLUMN_PROSE },
	[RULE_MECHANISM] = { "MECHANISM", "how bytes are lost, or why not", COLUMN_PROSE },
	[RULE_EVENTS] = { "EVENTS", "who does what, in which order", COLUMN_PROSE },
	[RULE_REFERENCES] = { "REFERENCES", "more to read", COLUMN_PROSE },
	[RULE_REMEDY] = { "REMEDY", "what to do against the loss", COLUMN_PROSE },
	{ NULL, NULL, 0 },
};

enum { PROBE_NAME, PROBE_AVAILABLE, PROBE_PROOF, PROBE_HELP, PROBE_REASON };

static const struct column probe_columns[] = {
	[PROBE_NAME] = { "NAME", "name of the level; the first that works is used", COLUMN_PRESET },
	[PROBE_AVAILABLE] = { "AVAILABLE", "works here, now", COLUMN_PRESET | COLUMN_FLAG },
	[PROBE_PROOF] = { "PROOF", "what was found, and proven on pages of thpin's own",
			  COLUMN_PRESET },
	[PROBE_HELP] = { "HELP", "what it sees", COLUMN_PRESET | COLUMN_PROSE },
	[PROBE_REASON] = { "REASON", "why it does not work here, or not in full",
			   COLUMN_PRESET | COLUMN_PROSE },
	{ NULL, NULL, 0 },
};

const char *catalogue_name(enum catalogue which)
{
	static const char *const names[LIST_COUNT] = {
		"pins", "memory", "races", "cases", "rules", "probes",
	};

	return names[which];
}

const struct column *catalogue_columns(enum catalogue which)
{
	static const struct column *const columns[LIST_COUNT] = {
		[LIST_PINS] = pin_columns,   [LIST_MEMORY] = memory_columns,
		[LIST_RACES] = race_columns, [LIST_CASES] = case_columns,
		[LIST_RULES] = rule_columns, [LIST_PROBES] = probe_columns,
	};

	return columns[which];
}

static const char *yes_no(bool value)
{
	return value ? "yes" : "no";
}

/* "a", "b", "a,b" ... for the bits that are set. */
static const char *bits_text(unsigned bits, const char *const *names, unsigned count, char *text)
{
	char *end = text;

	*end = '\0';
	for (unsigned i = 0; i < count; i++) {
		if (!(bits & 1u << i))
			continue;
		if (end != text)
			*end++ = ',';
		end = stpcpy(end, names[i]);
	}
	return text;
}

static const char *reason_text(const struct catalogue_row *row)
{
	return row->err ? row->why.text : NULL;
}

const char *pin_cell(const void *data, unsigned column, char *text)
{
	static const char *const devices[] = { "writes", "reads" };
	const struct catalogue_row *row = data;

	switch (column) {
	case PIN_NAME:
		return row->pin->name;
	case PIN_CLASS:
		return pin_class_name(row->pin->class(row->host));
	case PIN_DEVICE:
		return bits_text(row->pin->directions, devices, 2, text);
	case PIN_LEVEL:
		return level_name(row->pin->level);
	case PIN_AVAILABLE:
		return yes_no(!row->err);
	case PIN_HELD_BY:
		return row->pin->held_by;
	case PIN_HELP:
		return row->pin->help;
	default:
		return reason_text(row);
	}
}

const char *memory_cell(const void *data, unsigned column, char *text)
{
	const struct catalogue_row *row = data;

	switch (column) {
	case MEMORY_NAME:
		return row->memory->name;
	case MEMORY_TRAIT_LIST:
		return bits_text(row->memory->traits, memory_trait_names, MEMORY_TRAITS, text);
	case MEMORY_LEVEL:
		return level_name(row->memory->level);
	case MEMORY_AVAILABLE:
		return yes_no(!row->err);
	case MEMORY_HELP:
		return row->memory->help;
	default:
		return reason_text(row);
	}
}

const char *race_cell(const void *data, unsigned column, char *text)
{
	const struct catalogue_row *row = data;

	switch (column) {
	case RACE_NAME:
		return row->race->name;
	case RACE_FAMILY:
		return row->race->family;
	case RACE_LEVEL:
		return level_name(row->race->level);
	case RACE_NEEDS:
		return bits_text(row->race->needs, memory_trait_names, MEMORY_TRAITS, text);
	case RACE_AVAILABLE:
		return yes_no(!row->err);
	case RACE_HELP:
		return row->race->help;
	default:
		return reason_text(row);
	}
}

const char *case_cell(const void *data, unsigned column, char *text)
{
	const struct catalogue_row *row = data;
	const struct rule *rule = row->rule;

	switch (column) {
	case CASE_NAME:
		return case_name(row->id, text);
	case CASE_EXPECTATION:
		return expectation_name(rule ? rule->expectation : EXPECT_UNKNOWN);
	case CASE_RULE:
		return rule ? rule->id : NULL;
	case CASE_LEVEL:
		return level_name(case_level(row->id));
	case CASE_AVAILABLE:
		return yes_no(!row->err);
	default:
		return reason_text(row);
	}
}

/* "1 device holds the page; 2 parent writes ..." */
static const char *events_text(const struct rule *rule, char *text)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < RULE_STEPS && rule->steps[i].text && used < TABLE_TEXT; i++)
		used += (size_t)snprintf(text + used, TABLE_TEXT - used, "%s%u %s %s",
					 i ? "; " : "", i + 1, actor_name(rule->steps[i].actor),
					 rule->steps[i].text);
	return text;
}

const char *rule_cell(const void *data, unsigned column, char *text)
{
	static const char *const classes[] = { "get", "pin", "longterm", "odp" };
	static const char *const accesses[] = { "write", "read" };
	const struct catalogue_row *row = data;
	const struct rule *rule = row->rule;

	switch (column) {
	case RULE_ID:
		return rule->id;
	case RULE_EXPECTATION:
		return expectation_name(rule->expectation);
	case RULE_CLASSES:
		return bits_text(rule->classes, classes, PIN_CLASS_COUNT, text);
	case RULE_ACCESS:
		return bits_text(rule->access, accesses, 2, text);
	case RULE_PINS:
		return rule->pins ? rule->pins : "all";
	case RULE_MEMORY:
		return rule->memory ? rule->memory : "all";
	case RULE_RACES:
		return rule->races ? rule->races : "all";
	case RULE_KERNELS:
		return kernels_text(rule, text, TABLE_TEXT);
	case RULE_HERE:
		return yes_no(rule_covers(rule, row->host));
	case RULE_CERTAINTY:
		return certainty_name(rule->certainty);
	case RULE_COMMIT:
		return rule_commit(rule);
	case RULE_TITLE:
		return rule_title(rule);
	case RULE_MECHANISM:
		return rule->mechanism;
	case RULE_EVENTS:
		return events_text(rule, text);
	case RULE_REFERENCES:
		return rule->references;
	default:
		return rule->remedy;
	}
}

const char *probe_cell(const void *data, unsigned column, char *text)
{
	const struct catalogue_row *row = data;

	(void)text;
	switch (column) {
	case PROBE_NAME:
		return row->probe->name;
	case PROBE_AVAILABLE:
		return yes_no(!row->err);
	case PROBE_PROOF:
		return row->proof;
	case PROBE_HELP:
		return row->probe->help;
	default:
		return row->why.text[0] ? row->why.text : NULL;
	}
}
