// SPDX-License-Identifier: GPL-2.0-or-later
#include "case/select.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "memory/memory.h"
#include "pins/pins.h"
#include "races/races.h"
#include "util/names.h"

static const char *race_at(const void *list, size_t i)
{
	(void)list;
	return race_list[i]->name;
}

struct table {
	const char *what;
	size_t count;
	const char *(*name_at)(const void *list, size_t i);
};

static void get_tables(struct table tables[3])
{
	tables[0] = (struct table){ "pin", pin_list_count, pin_name_at };
	tables[1] = (struct table){ "memory", memory_list_count, memory_name_at };
	tables[2] = (struct table){ "race", race_list_count, race_at };
}

static bool fits_any(const struct table *table, const char *glob)
{
	for (size_t i = 0; i < table->count; i++)
		if (!fnmatch(glob, table->name_at(NULL, i), 0))
			return true;
	return false;
}

static int no_such(const struct table *table, const char *name, struct reason *why)
{
	const char *nearest = nearest_name(name, table->count, table->name_at, NULL);

	if (nearest)
		return fail(why, EINVAL, "no %s is called '%s'; did you mean '%s'?", table->what,
			    name, nearest);
	return fail(why, EINVAL, "no %s is called '%s' (see: thpin list %s)", table->what, name,
		    table->what[0] == 'm' ? "memory" :
		    table->what[0] == 'p' ? "pins" :
					    "races");
}

/* Each part of a comma-separated list of globs fits something. */
static int check_list(const struct table *table, const char *list, struct reason *why)
{
	char *copy, *rest, *part;
	int err = 0;

	if (!list)
		return 0;
	copy = strdup(list);
	if (!copy)
		return fail_errno(why, ENOMEM, "--%s", table->what);
	rest = copy;
	while (!err && (part = strsep(&rest, ",")))
		if (!fits_any(table, part))
			err = no_such(table, part, why);
	free(copy);
	return err;
}

static bool in_list(const char *list, const char *name)
{
	char glob[CASE_NAME_SIZE];

	while (list) {
		size_t length = strcspn(list, ",");

		if (length < sizeof(glob)) {
			memcpy(glob, list, length);
			glob[length] = '\0';
			if (!fnmatch(glob, name, 0))
				return true;
		}
		list = list[length] ? list + length + 1 : NULL;
	}
	return false;
}

/* True when the comma-separated list has @name itself, not only a glob for it. */
static bool lists_literally(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; (at = strstr(at, name)); at += length)
		if ((at == list || at[-1] == ',') && (!at[length] || at[length] == ','))
			return true;
	return false;
}

/* A name that fits no case: which of its three parts is wrong? */
static int explain_name(const char *name, struct reason *why)
{
	struct table tables[3];
	char *copy = strdup(name), *rest = copy, *part;
	unsigned parts = 0;
	int err = 0;

	if (!copy)
		return fail_errno(why, ENOMEM, "%s", name);
	get_tables(tables);
	while (!err && (part = strsep(&rest, "/"))) {
		if (parts < 3 && !fits_any(&tables[parts], part))
			err = no_such(&tables[parts], part, why);
		parts++;
	}
	free(copy);
	if (err && parts == 1 && !strchr(name, '/'))
		return fail(why, EINVAL,
			    "'%s' is no case: cases are PIN/MEMORY/RACE (see: thpin list cases)",
			    name);
	return err ? err : fail(why, EINVAL, "no case fits '%s' (see: thpin list cases)", name);
}

/* Does @name fit the part of @glob up to the next slash? *@glob goes beyond that. */
static bool part_fits(const char **glob, const char *name)
{
	size_t length = strcspn(*glob, "/");
	char part[CASE_NAME_SIZE];

	if (length >= sizeof(part))
		return false;
	memcpy(part, *glob, length);
	part[length] = '\0';
	*glob += length + ((*glob)[length] == '/');
	return !fnmatch(part, name, 0);
}

/* By parts: thousands of cases are told apart by their pin already. */
static bool name_fits(const char *glob, const struct case_id *id)
{
	return part_fits(&glob, id->pin->name) && part_fits(&glob, id->memory->name) &&
	       !fnmatch(glob, id->race->name, FNM_PATHNAME);
}

/* Named in full: it is to run, or to be skipped with a reason, in any case. */
static bool is_literal(const char *name)
{
	return !strpbrk(name, "*?[");
}

/* True when the race is named without wildcards, in the list or in a name. */
static bool race_named(const struct selection *selection, const char *glob,
		       const struct case_id *id)
{
	const char *race = glob ? strrchr(glob, '/') : NULL;

	return (race && !strcmp(race + 1, id->race->name)) ||
	       (selection->races && lists_literally(selection->races, id->race->name));
}

/* The highest level that was asked for, by the selection or by the name @glob. */
static enum level level_asked(const struct selection *selection, const char *glob,
			      const struct case_id *id)
{
	if (race_named(selection, glob, id))
		return LEVEL_NAMED;
	if (selection->all)
		return LEVEL_STATISTICAL;
	return selection->names || selection->pins || selection->memory || selection->races ?
		       LEVEL_SELECTED :
		       LEVEL_DEFAULT;
}

static bool selected(const struct selection *selection, const struct case_id *id)
{
	bool applicable = !case_inapplicable(id);
	bool named = !selection->names;
	enum level asked = level_asked(selection, NULL, id);

	if ((selection->pins && !in_list(selection->pins, id->pin->name)) ||
	    (selection->memory && !in_list(selection->memory, id->memory->name)) ||
	    (selection->races && !in_list(selection->races, id->race->name)))
		return false;
	for (const char *const *name = selection->names; name && *name; name++) {
		enum level level = level_asked(selection, *name, id);

		if (!name_fits(*name, id))
			continue;
		named = true;
		applicable |= is_literal(*name);
		asked = level > asked ? level : asked;
	}
	return named && applicable && case_level(id) <= asked;
}

bool selects_any(const struct selection *selection, const struct pin_ops *pin,
		 const struct memory_ops *memory, const struct race_ops *race)
{
	for (size_t p = 0; p < pin_list_count; p++)
		for (size_t m = 0; m < memory_list_count; m++)
			for (size_t r = 0; r < race_list_count; r++) {
				struct case_id id = { pin_list[p], memory_list[m], race_list[r] };

				if ((!pin || pin == id.pin) && (!memory || memory == id.memory) &&
				    (!race || race == id.race) && selected(selection, &id))
					return true;
			}
	return false;
}

static int check_names(const struct selection *selection, struct reason *why)
{
	for (const char *const *name = selection->names; name && *name; name++) {
		bool fits = false;

		for (size_t p = 0; p < pin_list_count; p++)
			for (size_t m = 0; m < memory_list_count; m++)
				for (size_t r = 0; r < race_list_count; r++) {
					struct case_id id = { pin_list[p], memory_list[m],
							      race_list[r] };

					fits |= name_fits(*name, &id) &&
						(is_literal(*name) || !case_inapplicable(&id));
				}
		if (!fits)
			return explain_name(*name, why);
	}
	return 0;
}

bool same_place(const struct case_id *one, const struct case_id *other)
{
	return one->pin == other->pin && one->memory == other->memory;
}

/*
 * A by-design case whose loss can be counted on. A pin that is raced may be gone
 * before a discard is over: of those only the one that tries again will do.
 */
static bool is_control(const struct case_id *id, const struct rule *rule)
{
	return rule && rule->expectation == EXPECT_BY_DESIGN &&
	       id->race->statistical == (id->pin->in_flight ? BY_FLIGHT : HELD);
}

bool plan_control(struct case_result *result, const struct host *host)
{
	struct case_id id = result->id;
	size_t r = 0;

	while (id.race && race_list[r++] != id.race)
		;
	for (; r < race_list_count; r++) {
		const struct rule *rule;

		id.race = race_list[r];
		rule = rule_for(&id, host);
		if (id.race->level <= LEVEL_STATISTICAL && !case_inapplicable(&id) &&
		    is_control(&id, rule)) {
			*result = (struct case_result){ .id = id, .rule = rule, .control = true };
			return true;
		}
	}
	return false;
}

static bool lacks_control(const struct case_result *results, size_t count,
			  const struct case_id *place)
{
	bool lacks = false;

	for (size_t i = 0; i < count; i++) {
		const struct case_result *result = &results[i];
		enum verdict verdict = result->outcome.verdict;
		bool skipped = result->ran && verdict == VERDICT_SKIPPED;

		if (!same_place(&result->id, place))
			continue;
		/* Of an added one the engine has tried all that could stand for it. */
		if (result->control || (is_control(&result->id, result->rule) && !skipped))
			return false;
		lacks |= !result->ran || verdict == VERDICT_IN_SYNC;
	}
	return lacks;
}

void add_controls(struct case_result *results, size_t *count, const struct host *host)
{
	for (size_t p = 0; p < pin_list_count; p++) {
		for (size_t m = 0; m < memory_list_count; m++) {
			struct case_result control = { .id = { pin_list[p], memory_list[m],
							       NULL } };

			if (lacks_control(results, *count, &control.id) &&
			    plan_control(&control, host))
				results[(*count)++] = control;
		}
	}
}

/* Returns how many cases there are; stores them where @results is not NULL. */
static size_t pick_cases(const struct selection *selection, const struct host *host,
			 struct case_result *results)
{
	size_t count = 0;

	for (size_t p = 0; p < pin_list_count; p++)
		for (size_t m = 0; m < memory_list_count; m++)
			for (size_t r = 0; r < race_list_count; r++) {
				struct case_id id = { pin_list[p], memory_list[m], race_list[r] };

				if (!selected(selection, &id))
					continue;
				if (results)
					results[count] = (struct case_result){
						.id = id,
						.rule = rule_for(&id, host),
					};
				count++;
			}
	return count;
}

int select_cases(const struct selection *selection, const struct host *host,
		 struct case_result **results, size_t *count, struct reason *why)
{
	struct table tables[3];
	int err;

	get_tables(tables);
	err = check_list(&tables[0], selection->pins, why);
	if (!err)
		err = check_list(&tables[1], selection->memory, why);
	if (!err)
		err = check_list(&tables[2], selection->races, why);
	if (!err)
		err = check_names(selection, why);
	if (err)
		return err;
	*count = pick_cases(selection, host, NULL);
	if (!*count)
		return fail(why, EINVAL,
			    "no case fits all of what was asked for (see: thpin list cases)");
	/* And a control for every pin and memory. */
	*results = calloc(*count + pin_list_count * memory_list_count, sizeof(**results));
	if (!*results)
		return fail_errno(why, ENOMEM, "%zu cases", *count);
	pick_cases(selection, host, *results);
	if (selection->controls)
		add_controls(*results, count, host);
	return 0;
}
