// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/symbols.h"

#include <stdio.h>
#include <string.h>

bool kernel_has_function(const char *name)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	char line[512], found[256];
	bool has = false;

	if (!symbols)
		return false;
	/* "ADDRESS TYPE NAME" and, for one of a module, "[MODULE]" */
	while (!has && fgets(line, sizeof(line), symbols))
		has = strstr(line, name) && sscanf(line, "%*s %*c %255s", found) == 1 &&
		      !strcmp(found, name);
	fclose(symbols);
	return has;
}
