// SPDX-License-Identifier: GPL-2.0-or-later
/* The schema of thpin-inspect(1). */
#include <errno.h>
#include <inttypes.h>

#include "config.h"
#include "host/host.h"
#include "output/inspect.h"
#include "output/json.h"

static json_t *address(const struct inspection *inspection, uint64_t at, bool full)
{
	char text[128];

	if (full)
		return json_sprintf("%#" PRIx64, at);
	/* The name of a file need not be UTF-8. */
	return json_text(address_text(inspection, at, false, text, sizeof(text)));
}

static json_t *nodes(uint64_t mask)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (int i = 0; !err && i < NODES_MAX; i++)
		if (mask >> i & 1)
			err = json_array_append_new(array, json_integer(i));
	return json_finish(array, err);
}

static json_t *program(void)
{
	json_t *object = json_object();
	int err = json_put(object, "version", json_string(THPIN_VERSION));

	err |= json_put(object, "schema", json_integer(1));
	return json_finish(object, err);
}

static json_t *target(const struct inspection *inspection)
{
	const struct target *of = &inspection->target;
	json_t *object = json_object();
	int err = json_put(object, "pid", json_integer(of->pid));

	err |= json_put(object, "comm", json_text(of->comm));
	err |= json_put(object, "pinned_kb", json_integer((json_int_t)of->pinned_kb));
	err |= json_put(object, "locked_kb", json_integer((json_int_t)of->locked_kb));
	err |= json_put(object, "vmas", json_integer((json_int_t)inspection->vmas.count));
	return json_finish(object, err);
}

static json_t *totals(const struct totals *of)
{
	json_t *object = json_object();
	int err = json_put(object, "resident", json_integer((json_int_t)totals_resident(of)));

	for (unsigned i = 0; !err && i < KIND_COUNT; i++)
		err = json_put(object, page_kind_name((enum page_kind)i),
			       json_integer((json_int_t)of->kind[i]));
	err |= json_put(object, "anon", json_integer((json_int_t)of->anon));
	err |= json_put(object, "file", json_integer((json_int_t)of->file));
	err |= json_put(object, "shmem", json_integer((json_int_t)of->shmem));
	err |= json_put(object, "ksm", json_integer((json_int_t)of->ksm));
	err |= json_put(object, "exclusive", json_integer((json_int_t)of->exclusive));
	err |= json_put(object, "pinned", json_integer((json_int_t)of->pinned));
	err |= json_put(object, "extra", json_integer((json_int_t)of->extra));
	err |= json_put(object, "moved", json_integer((json_int_t)of->moved));
	err |= json_put(object, "nodes", nodes(of->nodes));
	return json_finish(object, err);
}

/* {"64": 128}: pages in folios smaller than a PMD, by KiB of the folio. */
static json_t *sizes(const struct inspection *inspection)
{
	json_t *object = json_object();
	int err = object ? 0 : -ENOMEM;
	char key[24];

	for (unsigned i = 1; !err && i < ORDERS; i++) {
		if (!inspection->order[i])
			continue;
		snprintf(key, sizeof(key), "%zu", (inspection->host->page_size << i) / 1024);
		err = json_put(object, key, json_integer((json_int_t)inspection->order[i]));
	}
	return json_finish(object, err);
}

/* {"0": 512}: present pages by NUMA node. */
static json_t *by_node(const struct inspection *inspection)
{
	json_t *object = json_object();
	int err = object ? 0 : -ENOMEM;
	char key[24];

	for (unsigned i = 0; !err && i < NODES_MAX; i++) {
		if (!inspection->node_pages[i])
			continue;
		snprintf(key, sizeof(key), "%u", i);
		err = json_put(object, key, json_integer((json_int_t)inspection->node_pages[i]));
	}
	return json_finish(object, err);
}

static json_t *spans(const struct inspection *inspection, const struct holder *holder, bool full)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < holder->spans_count; i++) {
		const struct sync_span *span = &holder->spans[i];
		json_t *object = json_object();

		err = json_put(object, "start", address(inspection, span->address, full));
		err |= json_put(object, "pages", json_integer((json_int_t)span->pages));
		err |= json_put(object, "sync", json_string(sync_name(span->sync)));
		err |= json_put(object, "content_equal",
				span->content < 0 ? json_null() : json_boolean(span->content));
		err |= json_array_append_new(array, json_finish(object, err));
	}
	return json_finish(array, err);
}

static json_t *hazard_names(unsigned bits)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (unsigned i = 0; !err && i < HAZARD_COUNT; i++)
		if (bits >> i & 1)
			err = json_array_append_new(array,
						    json_string(hazard_name((enum hazard_code)i)));
	return json_finish(array, err);
}

static json_t *holder_object(const struct inspection *inspection, const struct holder *holder,
			     bool full)
{
	json_t *object = json_object();
	int err = json_put(object, "holder", json_string(holder_kind_name(holder->kind)));

	err |= json_put(object, "class", json_string(pin_class_name(holder->class)));
	err |= json_put(object, "confidence", json_string(confidence_name(holder->confidence)));
	err |= json_put(object, "pid", holder->pid ? json_integer(holder->pid) : json_null());
	err |= json_put(object, "comm", json_text(holder->comm));
	err |= json_put(object, "fd", json_known(holder->fd));
	err |= json_put(object, "index", json_integer(holder->index));
	err |= json_put(object, "start",
			holder->start ? address(inspection, holder->start, full) : json_null());
	err |= json_put(object, "bytes", json_integer((json_int_t)(holder->end - holder->start)));
	for (unsigned i = 0; !err && i < SYNC_COUNT; i++)
		err = json_put(object, sync_name((enum sync)i),
			       json_integer((json_int_t)holder->pages[i]));
	err |= json_put(object, "content_different",
			json_integer((json_int_t)holder->content_different));
	err |= json_put(object, "swapped_apart", json_integer((json_int_t)holder->swapped_apart));
	err |= json_put(object, "first_bad",
			holder->first_bad ? address(inspection, holder->first_bad, full) :
					    json_null());
	err |= json_put(object, "device_node", json_known(holder->device_node));
	err |= json_put(object, "nodes", nodes(holder->nodes));
	err |= json_put(object, "far", json_integer((json_int_t)holder->far));
	err |= json_put(object, "hazards", hazard_names(holder->hazards));
	err |= json_put(object, "spans", spans(inspection, holder, full));
	return json_finish(object, err);
}

static json_t *holders(const struct inspection *inspection, bool full)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < inspection->holders_count; i++)
		err = json_array_append_new(array, holder_object(inspection,
								 &inspection->holders[i], full));
	return json_finish(array, err);
}

/* [{"holder": "rdma", "reason": ...}]: kinds that are not looked for. */
static json_t *blind(const struct inspection *inspection)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (unsigned i = 0; !err && i < HOLDER_KIND_COUNT; i++) {
		json_t *object;

		if (!inspection->blind[i].text[0])
			continue;
		object = json_object();
		err = json_put(object, "holder",
			       json_string(holder_kind_name((enum holder_kind)i)));
		err |= json_put(object, "reason", json_text(inspection->blind[i].text));
		err |= json_array_append_new(array, json_finish(object, err));
	}
	return json_finish(array, err);
}

static json_t *vmas(const struct inspection *inspection, bool full)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < inspection->vmas.count; i++) {
		const struct vma *vma = &inspection->vmas.vmas[i];
		json_t *object = json_object();

		err = json_put(object, "start", address(inspection, vma->start, full));
		err |= json_put(object, "bytes", json_integer((json_int_t)(vma->end - vma->start)));
		err |= json_put(object, "name", json_text(vma->name));
		err |= json_put(object, "dontfork", json_boolean(vma->flags & VMA_DONTFORK));
		err |= json_put(object, "shared", json_boolean(vma->flags & VMA_SHARED));
		err |= json_put(object, "pages", totals(&inspection->vma_totals[i]));
		err |= json_array_append_new(array, json_finish(object, err));
	}
	return json_finish(array, err);
}

static json_t *hazards(const struct inspection *inspection, bool full)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < inspection->hazards_count; i++) {
		const struct hazard *hazard = &inspection->hazards[i];
		json_t *object = json_object();

		err = json_put(object, "hazard", json_string(hazard_name(hazard->code)));
		err |= json_put(object, "holder", json_known(hazard->holder));
		err |= json_put(object, "start",
				hazard->start ? address(inspection, hazard->start, full) :
						json_null());
		err |= json_put(object, "pages", json_integer((json_int_t)hazard->pages));
		err |= json_array_append_new(array, json_finish(object, err));
	}
	return json_finish(array, err);
}

json_t *json_inspection(const struct inspection *inspection, bool full)
{
	json_t *root = json_object();
	int err = json_put(root, "thpin", program());

	err |= json_put(root, "probe", json_string(inspection->probe->ops->name));
	err |= json_put(root, "probe_why", json_text(inspection->level_why.text));
	err |= json_put(root, "page_size", json_integer((json_int_t)inspection->host->page_size));
	err |= json_put(root, "target", target(inspection));
	err |= json_put(root, "pages", totals(&inspection->totals));
	err |= json_put(root, "mthp_kib", sizes(inspection));
	err |= json_put(root, "node_pages", by_node(inspection));
	err |= json_put(root, "holders", holders(inspection, full));
	err |= json_put(root, "not_found", blind(inspection));
	err |= json_put(root, "hazards", hazards(inspection, full));
	err |= json_put(root, "vmas", vmas(inspection, full));
	err |= json_put(root, "changed", json_boolean(inspection->changed));
	err |= json_put(root, "ms", json_milliseconds(inspection->ns));
	return json_finish(root, err);
}

static int dump(FILE *stream, json_t *root)
{
	int err;

	if (!root)
		return -ENOMEM;
	err = json_write(root, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', stream);
	json_decref(root);
	return err;
}

int output_inspect_json(FILE *stream, const struct inspection *inspection, bool full)
{
	return dump(stream, json_inspection(inspection, full));
}

int output_inspect_json_all(FILE *stream, const struct inspect_list *list, bool full)
{
	json_t *array = json_array();
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < list->count; i++)
		err = json_array_append_new(array, json_inspection(list->inspections[i], full));
	return dump(stream, json_finish(array, err));
}
