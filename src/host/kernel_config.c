// SPDX-License-Identifier: GPL-2.0-or-later
/* Where configurations are: /proc/config.gz (CONFIG_IKCONFIG_PROC), else /boot. */
#include "host/kernel_config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config.h"

#if HAVE_ZLIB
#include <zlib.h>
#endif

static const char *const wanted[] = {
	"TRANSPARENT_HUGEPAGE",
	"READ_ONLY_THP_FOR_FS",
	"NO_PAGE_MAPCOUNT",
	"KSM",
	"NUMA_BALANCING",
	"MIGRATION",
	"COMPACTION",
	"CMA",
	"ZSWAP",
	"HUGETLB_PAGE",
	"MEM_SOFT_DIRTY",
	"USERFAULTFD",
	"GUP_TEST",
	"IO_URING",
	"FUSE_FS",
	"UDMABUF",
	"DEBUG_VM",
	"KASAN",
};

#define WANTED (sizeof(wanted) / sizeof(wanted[0]))

/* "CONFIG_KSM=y": sets the value of a wanted one. */
static void take_line(const char *line, char values[WANTED])
{
	if (strncmp(line, "CONFIG_", 7))
		return;
	for (size_t i = 0; i < WANTED; i++) {
		size_t length = strlen(wanted[i]);

		if (!strncmp(line + 7, wanted[i], length) && line[7 + length] == '=')
			values[i] = line[8 + length];
	}
}

#if HAVE_ZLIB
/* It also reads what is not compressed. */
static int read_config(const char *path, char values[WANTED])
{
	gzFile file = gzopen(path, "re");
	char line[512];

	if (!file)
		return -1;
	while (gzgets(file, line, sizeof(line)))
		take_line(line, values);
	gzclose(file);
	return 0;
}
#else
static int read_config(const char *path, char values[WANTED])
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		take_line(line, values);
	fclose(file);
	return 0;
}
#endif

void kernel_config_text(const char *release, char *text, size_t size)
{
	static const char *const places[] = { "/boot/config-%s", "/lib/modules/%s/config" };
	char values[WANTED], path[160];
	size_t used = 0;
	int err = -1;

	memset(values, 'n', sizeof(values));
	if (HAVE_ZLIB)
		err = read_config("/proc/config.gz", values);
	for (size_t i = 0; err && i < 2; i++) {
		snprintf(path, sizeof(path), i ? places[1] : places[0], release);
		err = read_config(path, values);
	}
	if (err) {
		snprintf(text, size, "cannot be read: no /proc/config.gz, nor one in /boot");
		return;
	}
	/* All of one kind together: that is half as long. */
	text[0] = '\0';
	for (const char *kind = "ymn"; *kind; kind++) {
		bool first = true;

		for (size_t i = 0; i < WANTED && used < size; i++) {
			if (values[i] != *kind)
				continue;
			if (first)
				used += (size_t)snprintf(text + used, size - used,
							 "%s%c:", used ? "; " : "", *kind);
			if (used < size)
				used += (size_t)snprintf(text + used, size - used, " %s",
							 wanted[i]);
			first = false;
		}
	}
}
