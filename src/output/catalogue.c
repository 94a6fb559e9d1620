// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/catalogue.h"

#include <errno.h>
#include <stdlib.h>

#include "inspect/probe/probe.h"
#include "memory/memory.h"
#include "output/catalogue_columns.h"
#include "output/table.h"
#include "pins/pins.h"
#include "races/races.h"

/* What the cells of all catalogues are made from; a row points to one of these. */
struct listing {
	struct table table;
	const struct host *host;
	const struct catalogue_tables *tables;
};

static int list_pins(struct listing *listing)
{
	const struct catalogue_tables *tables = listing->tables;
	int err = 0;

	for (size_t i = 0; !err && i < tables->pins_count; i++) {
		struct catalogue_row row = { .host = listing->host, .pin = tables->pins[i] };

		row.err = row.pin->probe(row.host, &row.why);
		err = table_add(&listing->table, &row, pin_cell);
	}
	return err;
}

static int list_memory(struct listing *listing)
{
	const struct catalogue_tables *tables = listing->tables;
	int err = 0;

	for (size_t i = 0; !err && i < tables->memory_count; i++) {
		struct catalogue_row row = { .host = listing->host, .memory = tables->memory[i] };

		row.err = row.memory->probe(row.host, &row.why);
		err = table_add(&listing->table, &row, memory_cell);
	}
	return err;
}

static int probe_race(const struct race_ops *race, const struct host *host, struct reason *why)
{
	return race->probe ? race->probe(host, why) : 0;
}

static int list_races(struct listing *listing)
{
	const struct catalogue_tables *tables = listing->tables;
	int err = 0;

	for (size_t i = 0; !err && i < tables->races_count; i++) {
		struct catalogue_row row = { .host = listing->host, .race = tables->races[i] };

		row.err = probe_race(row.race, row.host, &row.why);
		err = table_add(&listing->table, &row, race_cell);
	}
	return err;
}

static int list_rules(struct listing *listing)
{
	const struct catalogue_tables *tables = listing->tables;
	const struct rule *rule;
	int err = 0;

	for (size_t i = 0; !err && (rule = tables->rule_at(i)); i++) {
		struct catalogue_row row = { .host = listing->host, .rule = rule };

		err = table_add(&listing->table, &row, rule_cell);
	}
	return err;
}

/* Each is opened, calibrated and closed again: what it says was seen to hold. */
static int list_probes(struct listing *listing)
{
	const struct catalogue_tables *tables = listing->tables;
	int err = 0;

	for (size_t i = 0; !err && i < tables->probes_count; i++) {
		struct catalogue_row row = { .host = listing->host, .probe = tables->probes[i] };
		struct probe probe;

		row.err = probe_open_ops(&probe, row.probe, &row.why);
		if (!row.err && probe_reads(&probe)) {
			row.proof = probe.direct_map ? "vmemmap,direct-map" : "vmemmap";
			row.why = probe.no_direct_map;
		}
		probe_close(&probe);
		err = table_add(&listing->table, &row, probe_cell);
	}
	return err;
}

/* Probes may fork and mount: each is asked once, not once a case. */
struct probed {
	int err;
	struct reason why;
};

static int list_case(struct listing *listing, const struct case_id *id,
		     const struct probed *const probed[3])
{
	const char *inapplicable = case_inapplicable(id);
	struct catalogue_row row = {
		.host = listing->host,
		.id = id,
		.rule = rule_for(id, listing->host),
	};

	for (size_t i = 0; i < 3 && !row.err; i++) {
		row.err = probed[i]->err;
		row.why = probed[i]->why;
	}
	if (inapplicable)
		row.err = fail(&row.why, EINVAL, "%s", inapplicable);
	return table_add(&listing->table, &row, case_cell);
}

static int list_cases(struct listing *listing)
{
	const struct catalogue_tables *tables = listing->tables;
	size_t p = tables->pins_count, m = tables->memory_count, r = tables->races_count;
	struct probed *pin = calloc(p + m + r, sizeof(*pin));
	struct probed *memory = pin + p, *race = memory + m;
	int err = pin ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < p; i++)
		pin[i].err = tables->pins[i]->probe(listing->host, &pin[i].why);
	for (size_t i = 0; !err && i < m; i++)
		memory[i].err = tables->memory[i]->probe(listing->host, &memory[i].why);
	for (size_t i = 0; !err && i < r; i++)
		race[i].err = probe_race(tables->races[i], listing->host, &race[i].why);

	for (size_t i = 0; !err && i < p * m * r; i++) {
		size_t at_race = i % r, at_memory = i / r % m, at_pin = i / r / m;
		const struct probed *const probed[3] = { &pin[at_pin], &memory[at_memory],
							 &race[at_race] };
		const struct case_id id = { tables->pins[at_pin], tables->memory[at_memory],
					    tables->races[at_race] };

		err = list_case(listing, &id, probed);
	}
	free(pin);
	return err;
}

int catalogue_print(FILE *stream, enum catalogue which, const struct catalogue_tables *tables,
		    const struct host *host, const struct table_options *options,
		    const struct style *style, struct reason *why)
{
	static int (*const list[LIST_COUNT])(struct listing *) = {
		[LIST_PINS] = list_pins,   [LIST_MEMORY] = list_memory, [LIST_RACES] = list_races,
		[LIST_CASES] = list_cases, [LIST_RULES] = list_rules,   [LIST_PROBES] = list_probes,
	};
	const struct column *columns = catalogue_columns(which);
	struct listing listing = { .host = host, .tables = tables };
	size_t count = 0;
	int err;

	while (columns[count].name)
		count++;
	err = table_choose(&listing.table, columns, count, options, why);
	if (err)
		return err;
	err = table_begin(&listing.table, catalogue_name(which), stream, options, style);
	if (!err)
		err = list[which](&listing);
	if (!err)
		err = table_print(&listing.table, style);
	table_free(&listing.table);
	return err ? fail_errno(why, -err, "table of %s", catalogue_name(which)) : 0;
}

int output_catalogue(FILE *stream, enum catalogue which, const struct host *host,
		     const struct table_options *options, const struct style *style,
		     struct reason *why)
{
	const struct catalogue_tables tables = {
		.pins = pin_list,
		.pins_count = pin_list_count,
		.memory = memory_list,
		.memory_count = memory_list_count,
		.races = race_list,
		.races_count = race_list_count,
		.rule_at = rule_at,
		.probes = probe_list,
		.probes_count = probe_list_count,
	};

	return catalogue_print(stream, which, &tables, host, options, style, why);
}
