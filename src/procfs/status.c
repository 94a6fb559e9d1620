// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/status.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The text behind "@key:" at the start of a line, NULL when there is none. */
static const char *find(const char *text, const char *key)
{
	size_t length = strlen(key);

	while (*text) {
		if (!strncmp(text, key, length) && text[length] == ':')
			return text + length + 1;
		text = strchrnul(text, '\n');
		text += *text == '\n';
	}
	return NULL;
}

int status_number(const char *text, const char *key, uint64_t *value)
{
	/* CapInh, CapPrm, CapEff, CapBnd, CapAmb have no "0x". */
	int base = strncmp(key, "Cap", 3) ? 10 : 16;
	unsigned long long parsed;
	char *end;

	text = find(text, key);
	if (!text)
		return -ENOENT;
	while (isblank((unsigned char)*text))
		text++;
	if (base == 16 ? !isxdigit((unsigned char)*text) : !isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	parsed = strtoull(text, &end, base);
	/* "12 kB" and the first of several numbers are fine, "1/63" is not. */
	if (errno || (*end && !isspace((unsigned char)*end)))
		return -EINVAL;
	*value = parsed;
	return 0;
}
