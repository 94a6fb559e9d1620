// SPDX-License-Identifier: GPL-2.0-or-later
/* A run of thpin repro as one JSON object: what thpin report and explain read again. */
#include <errno.h>

#include "config.h"
#include "host/environment.h"
#include "host/host.h"
#include "output/json.h"
#include "output/output.h"

static json_t *program_object(const struct run *run)
{
	json_t *object = json_object();
	int err = json_put(object, "version",
			   json_string(run->version ? run->version : THPIN_VERSION));

	err |= json_put(object, "schema", json_integer(1));
	err |= json_put(object, "command", json_text(run->command));
	return json_finish(object, err);
}

static json_t *host_object(const struct host *host)
{
	json_t *object = json_object();
	int err = json_put(object, "sysname", json_text(host->uts.sysname));

	err |= json_put(object, "release", json_text(host->uts.release));
	err |= json_put(object, "version", json_text(host->uts.version));
	err |= json_put(object, "machine", json_text(host->uts.machine));
	err |= json_put(object, "kernel",
			json_sprintf("%u.%u.%u", host->kernel >> 16, host->kernel >> 8 & 0xff,
				     host->kernel & 0xff));
	err |= json_put(object, "page_size", json_integer((json_int_t)host->page_size));
	err |= json_put(object, "thp_size",
			host->thp_size ? json_integer((json_int_t)host->thp_size) : json_null());
	err |= json_put(object, "thp_mode", json_text(host->thp_mode));
	err |= json_put(object, "nodes", json_integer(host->nodes));
	err |= json_put(object, "cpus", json_integer(host->cpus));
	err |= json_put(object, "memory_kb", json_integer((json_int_t)host->memory_kb));
	err |= json_put(object, "admin", json_boolean(host->admin));
	err |= json_put(object, "pfn_visible", json_boolean(host->pfn_visible));
	err |= json_put(object, "user_namespace", json_boolean(host->user_namespace));
	return json_finish(object, err);
}

static json_t *environment_object(const struct environment *environment)
{
	json_t *object;
	int err = 0;

	if (!environment)
		return json_null();
	object = json_object();
	for (enum environment_item item = 0; item < ENVIRONMENT_COUNT; item++)
		err |= json_put(object, environment_name(item), json_text(environment->text[item]));
	return json_finish(object, err);
}

/* Of an option that is 0 when it was not given. */
static json_t *given(unsigned value)
{
	return value ? json_integer(value) : json_null();
}

static json_t *options_object(const struct run *run)
{
	const struct case_options *options = &run->options;
	json_t *object = json_object();
	int err = json_put(object, "size",
			   options->size ? json_integer((json_int_t)options->size) : json_null());

	err |= json_put(object, "seed", json_integer((json_int_t)options->seed));
	err |= json_put(object, "repeat", json_integer(run->repeat));
	err |= json_put(object, "timeout_ms", json_integer(options->timeout_ms));
	err |= json_put(object, "node", json_text(options->nodes));
	err |= json_put(object, "file", json_text(run->host->file.path));
	err |= json_put(object, "trials", given(options->trials));
	err |= json_put(object, "seconds", given(options->seconds));
	err |= json_put(object, "threads", given(options->threads));
	return json_finish(object, err);
}

static json_t *cases_array(const struct run *run)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < run->count; i++) {
		if (json_array_append_new(array, json_case(run, &run->results[i])))
			return json_finish(array, -ENOMEM);
	}
	return array;
}

static json_t *summary_object(const struct run *run)
{
	unsigned controls = 0, controls_lost = 0;
	json_t *object = json_object();
	struct run_summary summary;
	const unsigned *verdicts = summary.verdicts;
	int err;

	run_summarize(run, &summary);
	for (size_t i = 0; i < run->count; i++) {
		controls += result_is_control(&run->results[i]);
		controls_lost += run->results[i].control && result_lost(&run->results[i]);
	}
	err = json_put(object, "cases", json_integer(summary.cases));
	err |= json_put(object, "in_sync", json_integer(verdicts[VERDICT_IN_SYNC]));
	err |= json_put(object, "out_of_sync", json_integer(verdicts[VERDICT_OUT_OF_SYNC]));
	err |= json_put(object, "by_design", json_integer(summary.by_design));
	err |= json_put(object, "unexpected", json_integer(summary.unexpected));
	err |= json_put(object, "flaky", json_integer(summary.flaky));
	err |= json_put(object, "refused", json_integer(verdicts[VERDICT_REFUSED]));
	err |= json_put(object, "no_effect", json_integer(verdicts[VERDICT_NO_EFFECT]));
	err |= json_put(object, "skipped", json_integer(verdicts[VERDICT_SKIPPED]));
	err |= json_put(object, "errors", json_integer(verdicts[VERDICT_ERROR]));
	err |= json_put(object, "controls", json_integer(controls));
	err |= json_put(object, "controls_lost", json_integer(controls_lost));
	err |= json_put(object, "detector_failed", json_boolean(summary.detector_failed));
	err |= json_put(object, "blind_pin", json_text(summary.blind_pin));
	err |= json_put(object, "interrupted", json_boolean(run->interrupted));
	err |= json_put(object, "ms", json_milliseconds(run->ns));
	return json_finish(object, err);
}

int json_run(FILE *stream, const struct run *run, bool full)
{
	json_t *root = json_object();
	int err = json_put(root, "thpin", program_object(run));

	err |= json_put(root, "host", host_object(run->host));
	err |= json_put(root, "environment", environment_object(run->environment));
	err |= json_put(root, "options", options_object(run));
	err |= json_put(root, "cases", cases_array(run));
	err |= json_put(root, "summary", summary_object(run));
	if (run->inspection)
		err |= json_put(root, "inspection", json_inspection(run->inspection, full));
	if (err) {
		json_decref(root);
		return -ENOMEM;
	}
	/* Fifteen digits would show the rounding of the milliseconds. */
	err = json_write(root, stream, JSON_INDENT(1) | JSON_REAL_PRECISION(12));
	fputc('\n', stream);
	json_decref(root);
	return err;
}

int output_json(FILE *stream, const struct run *run)
{
	return json_run(stream, run, false);
}
