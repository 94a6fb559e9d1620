// SPDX-License-Identifier: GPL-2.0-or-later
/* /proc/kallsyms: lines of "ADDRESS TYPE NAME[\t[MODULE]]". */
#include "inspect/probe/symbols.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line's name, without what follows it. Returns false for another format. */
static bool parse(char *line, uint64_t *address, char **name)
{
	unsigned long long value;
	char *end;

	value = strtoull(line, &end, 16);
	if (end == line || end[0] != ' ' || !end[1] || end[2] != ' ')
		return false;
	*address = value;
	*name = end + 3;
	end[3 + strcspn(end + 3, "\t\n ")] = '\0';
	return **name != '\0';
}

/* Take what a line says for each symbol that it is about; the number of those. */
static int take(struct symbol *symbols, size_t count, uint64_t address, const char *name)
{
	int found = 0;

	for (size_t i = 0; i < count; i++) {
		struct symbol *symbol = &symbols[i];

		if (symbol->address && !symbol->name[0] && symbol->address == address) {
			snprintf(symbol->name, sizeof(symbol->name), "%s", name);
			found++;
		} else if (!symbol->address && symbol->name[0] && !strcmp(symbol->name, name)) {
			symbol->address = address;
			found++;
		}
	}
	return found;
}

int symbols_find_in(const char *path, struct symbol *symbols, size_t count, struct reason *why)
{
	FILE *file = fopen(path, "re");
	bool hidden = true, any = false;
	size_t size = 0, wanted = 0;
	char *line = NULL;
	int found = 0;

	if (!file)
		return fail_errno(why, errno, "%s (CONFIG_KALLSYMS)", path);
	for (size_t i = 0; i < count; i++)
		wanted += !symbols[i].address || !symbols[i].name[0];
	while ((size_t)found < wanted && getline(&line, &size, file) > 0) {
		uint64_t address;
		char *name;

		if (!parse(line, &address, &name))
			continue;
		any = true;
		/* Per-CPU symbols may be 0, but not all are. */
		if (!address)
			continue;
		hidden = false;
		found += take(symbols, count, address, name);
	}
	free(line);
	fclose(file);
	if (any && hidden)
		return fail(why, EPERM,
			    "%s hides addresses: CAP_SYSLOG is needed, and sysctl "
			    "kernel.kptr_restrict below 2",
			    path);
	return found;
}

int symbols_find(struct symbol *symbols, size_t count, struct reason *why)
{
	return symbols_find_in("/proc/kallsyms", symbols, count, why);
}
