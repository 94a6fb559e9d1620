/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_OUTPUT_JSON_H
#define THPIN_OUTPUT_JSON_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "case/run.h"

/*
 * Building JSON: the makers return NULL when there is no memory, and json_put()
 * passes that on, so that an object needs one check at its end.
 */

/* Set a key to a value whose reference it takes. Returns 0 or -ENOMEM. */
int json_put(json_t *object, const char *key, json_t *value);

/* @value, or NULL after freeing it when there was an error. */
json_t *json_finish(json_t *value, int err);

/* json_dumpf() that tells why the stream failed. Returns 0 or -errno. */
int json_write(const json_t *root, FILE *stream, size_t flags);

/* Null for what is not known: negative numbers, empty texts, PFN_UNKNOWN. */
json_t *json_known(int64_t value);
json_t *json_text(const char *text);
json_t *json_pfn(uint64_t pfn);

json_t *json_milliseconds(uint64_t ns);

/* One entry of "cases". */
json_t *json_case(const struct run *run, const struct case_result *result);

struct inspection;

/* The object of thpin-inspect(1); @full: addresses as they are. */
json_t *json_inspection(const struct inspection *inspection, bool full);

/* output_json(), with the inspection of @run, if there is one, like that. */
int json_run(FILE *stream, const struct run *run, bool full);

#endif
