// SPDX-License-Identifier: GPL-2.0-or-later
#include "output/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"

int json_put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) ? -ENOMEM : 0;
}

json_t *json_finish(json_t *value, int err)
{
	if (!err)
		return value;
	json_decref(value);
	return NULL;
}

json_t *json_known(int64_t value)
{
	return value < 0 ? json_null() : json_integer(value);
}

json_t *json_text(const char *text)
{
	json_t *value;
	char *clean;

	if (!text || !*text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	/* Not UTF-8: a text that was cut, bytes of the kernel log, or the name of a file. */
	clean = strdup(text);
	for (char *c = clean; clean && *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	value = clean ? json_string(clean) : NULL;
	free(clean);
	return value;
}

int json_write(const json_t *root, FILE *stream, size_t flags)
{
	errno = 0;
	if (!json_dumpf(root, stream, flags))
		return 0;
	return errno ? -errno : -EIO;
}

json_t *json_pfn(uint64_t pfn)
{
	return pfn == PFN_UNKNOWN ? json_null() : json_sprintf("%#" PRIx64, pfn);
}

json_t *json_milliseconds(uint64_t ns)
{
	uint64_t us = ns / 1000; /* what is below is noise, and would make long numbers */

	return json_real((double)us / 1000);
}
