// SPDX-License-Identifier: GPL-2.0-or-later
#include "input/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/fields.h"
#include "input/result_case.h"
#include "util/io.h"

static void read_program(struct reader *reader, json_t *root, struct results *results)
{
	json_t *program = field_object(reader, root, "thpin");

	field_number(reader, program, "schema", 1, 1);
	field_text(reader, program, "version", results->version, sizeof(results->version));
	results->command = field_string(reader, program, "command");
	results->run.version = results->version;
	results->run.command = results->command;
}

static unsigned read_kernel(struct reader *reader, json_t *object)
{
	unsigned major, minor, patch;
	char text[16], end;

	field_text(reader, object, "kernel", text, sizeof(text));
	if (sscanf(text, "%3u.%3u.%3u%c", &major, &minor, &patch, &end) == 3 && major < 256 &&
	    minor < 256 && patch < 256)
		return KERNEL(major, minor) | patch;
	reader_fail(reader, "kernel", "a version such as \"6.1.0\"");
	return 0;
}

static bool power_of_two(int64_t value)
{
	return value > 0 && !(value & (value - 1));
}

static void read_host(struct reader *reader, json_t *root, struct host *host)
{
	json_t *object = field_object(reader, root, "host");
	int64_t page_size, thp_size;

	field_text(reader, object, "sysname", host->uts.sysname, sizeof(host->uts.sysname));
	field_text(reader, object, "release", host->uts.release, sizeof(host->uts.release));
	field_text(reader, object, "version", host->uts.version, sizeof(host->uts.version));
	field_text(reader, object, "machine", host->uts.machine, sizeof(host->uts.machine));
	host->kernel = read_kernel(reader, object);
	page_size = field_number(reader, object, "page_size", 512, 1 << 24);
	thp_size = field_known(reader, object, "thp_size", 1024, INT64_C(1) << 40, 0);
	if (!power_of_two(page_size))
		reader_fail(reader, "page_size", "a power of two");
	if (thp_size && (!power_of_two(thp_size) || thp_size <= page_size))
		reader_fail(reader, "thp_size", "a power of two above that of a page");
	host->page_size = (size_t)page_size;
	host->thp_size = (size_t)thp_size;
	host->pmd_size = host->thp_size; /* of hugetlb pages alone is not told */
	field_text(reader, object, "thp_mode", host->thp_mode, sizeof(host->thp_mode));
	host->nodes = (unsigned)field_number(reader, object, "nodes", 1, 65536);
	host->cpus = (unsigned)field_number(reader, object, "cpus", 1, 1 << 20);
	host->memory_kb = (uint64_t)field_number(reader, object, "memory_kb", 0, INT64_MAX >> 10);
	host->admin = field_flag(reader, object, "admin");
	host->pfn_visible = field_flag(reader, object, "pfn_visible");
	host->user_namespace = field_flag(reader, object, "user_namespace");
}

/* Files of a version that did not write it yet have none. */
static void read_environment(struct reader *reader, json_t *root, struct results *results)
{
	json_t *object = json_object_get(root, "environment");

	if (!object || json_is_null(object))
		return;
	object = field_object(reader, root, "environment");
	for (unsigned item = 0; item < ENVIRONMENT_COUNT; item++) {
		/* Not written by the first versions. */
		if (item == ENVIRONMENT_COMPILER && !json_object_get(object, "compiler"))
			continue;
		field_text(reader, object, environment_name((enum environment_item)item),
			   results->environment.text[item],
			   sizeof(results->environment.text[item]));
	}
	results->run.environment = &results->environment;
}

static void read_options(struct reader *reader, json_t *root, struct results *results)
{
	json_t *object = field_object(reader, root, "options");
	struct case_options *options = &results->run.options;

	options->size = (uint64_t)field_known(reader, object, "size", 1, INT64_MAX, 0);
	options->seed = (uint64_t)field_number(reader, object, "seed", 0, UINT32_MAX);
	results->run.repeat = (unsigned)field_number(reader, object, "repeat", 1, 1000000);
	options->timeout_ms = (unsigned)field_number(reader, object, "timeout_ms", 1,
						     INT64_C(86400) * 1000);
	options->trials = (unsigned)field_known(reader, object, "trials", 1, 1000000000, 0);
	options->seconds = (unsigned)field_known(reader, object, "seconds", 1, 86400, 0);
	options->threads = (unsigned)field_known(reader, object, "threads", 1, CASE_THREADS_MAX, 0);
	results->nodes = field_string(reader, object, "node");
	results->file = field_string(reader, object, "file");
	options->nodes = results->nodes;
	results->host.file.path = results->file;
}

static int read_cases(struct reader *reader, json_t *root, struct run *run)
{
	json_t *array = field_array(reader, root, "cases", RESULTS_CASES_MAX), *item;
	size_t i;

	run->results = calloc(json_array_size(array) + 1, sizeof(*run->results));
	if (!run->results)
		return fail_errno(reader->why, ENOMEM, "results");
	for (i = 0; (item = json_array_get(array, i)); i++) {
		reader->index = i;
		read_case(reader, item, &run->results[i]);
		if (reader->err)
			return reader->err;
		run->count = i + 1;
	}
	reader->index = SIZE_MAX;
	return 0;
}

static char *read_counter_name(struct reader *reader, const char *name)
{
	char *copy;

	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~') {
			reader_fail(reader, "counters", "a name of libpfm4");
			return NULL;
		}
	copy = strdup(name);
	if (!copy)
		reader->err = fail_errno(reader->why, ENOMEM, "counters");
	return copy;
}

/* The names of the first case that has any. */
static void read_counter_names(struct reader *reader, json_t *object, struct results *results)
{
	size_t count = 0;

	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		if (count == COUNTERS_MAX) {
			reader_fail(reader, "counters", "a list such as --counters takes");
			return;
		}
		results->counters[count] = read_counter_name(reader, json_object_iter_key(at));
		if (!results->counters[count++])
			return;
	}
	results->run.options.counters = (const char *const *)results->counters;
}

static void read_counters(struct reader *reader, json_t *cases, struct results *results)
{
	for (size_t i = 0; !reader->err && i < results->run.count; i++) {
		struct outcome *outcome = &results->run.results[i].outcome;
		json_t *evidence = json_object_get(json_array_get(cases, i), "evidence");
		json_t *object = json_object_get(evidence, "counters");

		reader->index = i;
		if (!json_object_size(object))
			continue;
		if (!results->run.options.counters)
			read_counter_names(reader, object, results);
		for (size_t j = 0; !reader->err && results->counters[j]; j++) {
			outcome->counter[j] = field_known(reader, object, results->counters[j], 0,
							  INT64_MAX, -1);
			outcome->counters = (uint32_t)j + 1;
		}
	}
	reader->index = SIZE_MAX;
}

static int read_root(json_t *root, struct results *results, struct reason *why)
{
	struct reader reader = { .index = SIZE_MAX, .why = why };
	struct run *run = &results->run;
	json_t *summary;
	int err;

	run->host = &results->host;
	read_program(&reader, root, results);
	if (json_object_get(root, "inspection"))
		return fail(why, EINVAL,
			    "it has an inspection, of which only --pid can make a report");
	read_host(&reader, root, &results->host);
	read_environment(&reader, root, results);
	read_options(&reader, root, results);
	err = reader.err ? reader.err : read_cases(&reader, root, run);
	if (err)
		return err;
	read_counters(&reader, json_object_get(root, "cases"), results);
	summary = field_object(&reader, root, "summary");
	run->interrupted = field_flag(&reader, summary, "interrupted");
	run->ns = field_milliseconds(&reader, summary, "ms");
	return reader.err;
}

struct results *results_parse(const char *text, size_t size, struct reason *why)
{
	struct results *results = calloc(1, sizeof(*results));
	json_error_t error;
	json_t *root;

	if (!results) {
		fail_errno(why, ENOMEM, "results");
		return NULL;
	}
	root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail(why, EINVAL, "not JSON, or cut off: line %d: %.100s", error.line,
		     json_error_code(&error) == json_error_end_of_input_expected ||
				     json_error_code(&error) == json_error_premature_end_of_input ?
			     "it does not end where it should" :
			     "that is not how JSON is written");
	if (!root || read_root(root, results, why)) {
		json_decref(root);
		results_free(results);
		return NULL;
	}
	json_decref(root);
	return results;
}

struct results *results_read(const char *path, struct reason *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct results *results = NULL;
	struct reason inner;
	char *text = NULL;
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat))
		fail_errno(why, errno, "%s", path);
	else if (!S_ISREG(stat.st_mode))
		fail(why, EINVAL, "%s: not a regular file", path);
	else if (stat.st_size > RESULTS_SIZE_MAX)
		fail(why, EFBIG, "%s: larger than %u MiB, which no run makes", path,
		     RESULTS_SIZE_MAX >> 20);
	else if (!(text = malloc((size_t)stat.st_size + 1)))
		fail_errno(why, ENOMEM, "%s", path);
	else if (pread_all(fd, text, (size_t)stat.st_size, 0))
		fail(why, EIO, "%s: it cannot be read to its end", path);
	else if (!(results = results_parse(text, (size_t)stat.st_size, &inner)))
		fail(why, EINVAL, "%s: %s", path, inner.text);
	free(text);
	close_fd(&fd);
	return results;
}

void results_free(struct results *results)
{
	if (!results)
		return;
	for (size_t i = 0; i < COUNTERS_MAX; i++)
		free(results->counters[i]);
	free(results->command);
	free(results->nodes);
	free(results->file);
	free(results->run.results);
	free(results);
}
