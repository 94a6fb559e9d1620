// SPDX-License-Identifier: GPL-2.0-or-later
/* The CPU's own stores, and the race that is nothing else. */
#include "case/tags.h"
#include "races/races.h"

void race_mark_page(struct race *race, unsigned page)
{
	tag_fill(race->region->page[page] + CPU_MARK_OFFSET, CPU_MARK_SIZE, TAG_CPU, page,
		 race->seed);
}

void race_write_page(struct race *race, unsigned page)
{
	race_mark_page(race, page);
	outcome_event(race->outcome, ACTOR_PARENT, "writes page %u", page)->page = (int32_t)page;
}

void race_write_pages(struct race *race, unsigned first, unsigned count)
{
	unsigned written = 0;

	for (unsigned page = first; page < first + count; page++) {
		if (!race->region->page[page])
			continue;
		race_mark_page(race, page);
		written++;
	}
	outcome_event(race->outcome, ACTOR_PARENT, "writes %u pages", written);
}

static int run_none(struct race *race, struct reason *why)
{
	(void)why;
	race_write_pages(race, 0, race->region->pages);
	return RACE_DONE;
}

const struct race_ops race_none = {
	.name = "none",
	.family = "none",
	.help = "the parent writes every page; nothing else happens",
	.run = run_none,
};
