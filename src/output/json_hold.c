// SPDX-License-Identifier: GPL-2.0-or-later
/* What "thpin hold" made, for a test or a person to compare with what inspect finds. */
#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "case/hold.h"
#include "host/host.h"
#include "output/json.h"
#include "output/output.h"

static json_t *address(const void *at)
{
	return json_sprintf("%#" PRIxPTR, (uintptr_t)at);
}

/* [{"first": 0, "count": 512, "pfn": "0x1000"}]: runs of consecutive page frames. */
static json_t *frames(const uint64_t *pfns, unsigned pages)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (unsigned first = 0, count; !err && first < pages; first += count) {
		json_t *run = json_object();

		for (count = 1; first + count < pages; count++)
			if (pfns[first + count] != (pfns[first] ? pfns[first] + count : 0))
				break;
		err = json_put(run, "first", json_integer(first));
		err |= json_put(run, "count", json_integer(count));
		err |= json_put(run, "pfn", json_pfn(pfns[first]));
		err |= json_array_append_new(array, json_finish(run, err));
	}
	return json_finish(array, err);
}

static json_t *pages_in(const struct hold *hold, enum held_state state)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (unsigned i = 0; !err && i < hold->region.pages; i++)
		if (hold->state[i] == state)
			err = json_array_append_new(array, json_integer(i));
	return json_finish(array, err);
}

int output_hold(FILE *stream, const struct hold *hold)
{
	const struct region *region = &hold->region;
	json_t *root = json_object();
	int err = json_put(root, "pid", json_integer(getpid()));

	err |= json_put(root, "child", hold->child ? json_integer(hold->child) : json_null());
	err |= json_put(root, "pin", json_string(hold->plan.pin->name));
	err |= json_put(root, "class",
			json_string(pin_class_name(hold->plan.pin->class(hold->host))));
	err |= json_put(root, "memory", json_string(hold->plan.memory->name));
	err |= json_put(root, "start", address(region->base));
	err |= json_put(root, "end", address(region->base + region->size));
	err |= json_put(root, "page_size", json_integer((json_int_t)region->page_size));
	err |= json_put(root, "pages", json_integer(region->pages));
	err |= json_put(root, "pinned", frames(hold->pinned_pfn, region->pages));
	err |= json_put(root, "mapped", frames(hold->mapped_pfn, region->pages));
	err |= json_put(root, "diverged", pages_in(hold, HELD_DIVERGED));
	err |= json_put(root, "discarded", pages_in(hold, HELD_DISCARDED));
	err |= json_put(root, "swapped", pages_in(hold, HELD_SWAPPED));
	err |= json_put(root, "merged", pages_in(hold, HELD_MERGED));
	if (err) {
		json_decref(root);
		return -ENOMEM;
	}
	/* One line: a reader knows when it is complete. */
	err = json_write(root, stream, JSON_COMPACT);
	fputc('\n', stream);
	json_decref(root);
	return err;
}
