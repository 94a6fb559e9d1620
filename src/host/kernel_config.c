// SPDX-License-Identifier: GPL-2.0-or-later
/* Where configurations are: /proc/config.gz (CONFIG_IKCONFIG_PROC), else /boot. */
#include "host/kernel_config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "host/host.h"

#if HAVE_ZLIB
#include <zlib.h>
#endif

static const char *const reported[] = {
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

#define REPORTED (sizeof(reported) / sizeof(reported[0]))

/* Options without CONFIG_, and a byte for each: its value, 'n' where it is not set. */
struct options {
	const char *const *names;
	size_t count;
	char *values;
};

/* "CONFIG_KSM=y": sets the value of a wanted one. */
static void take_line(const char *line, const struct options *wanted)
{
	if (strncmp(line, "CONFIG_", 7))
		return;
	for (size_t i = 0; i < wanted->count; i++) {
		size_t length = strlen(wanted->names[i]);

		if (!strncmp(line + 7, wanted->names[i], length) && line[7 + length] == '=')
			wanted->values[i] = line[8 + length];
	}
}

#if HAVE_ZLIB
/* It also reads what is not compressed. */
static int read_config(const char *path, const struct options *wanted)
{
	gzFile file = gzopen(path, "re");
	char line[512];

	if (!file)
		return -1;
	while (gzgets(file, line, sizeof(line)))
		take_line(line, wanted);
	gzclose(file);
	return 0;
}
#else
static int read_config(const char *path, const struct options *wanted)
{
	FILE *file = fopen(path, "re");
	char line[512];

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		take_line(line, wanted);
	fclose(file);
	return 0;
}
#endif

/* Of the kernel that runs; -1 where there is no configuration to be read. */
static int read_any(const char *release, const struct options *wanted)
{
	static const char *const places[] = { "/boot/config-%s", "/lib/modules/%s/config" };
	char path[160];
	int err = -1;

	memset(wanted->values, 'n', wanted->count);
	if (HAVE_ZLIB)
		err = read_config("/proc/config.gz", wanted);
	for (size_t i = 0; err && i < 2; i++) {
		snprintf(path, sizeof(path), i ? places[1] : places[0], release);
		err = read_config(path, wanted);
	}
	return err;
}

char kernel_config_value(const char *release, const char *option)
{
	char value;

	return read_any(release, &(struct options){ &option, 1, &value }) ? 0 : value;
}

int kernel_lacks(const struct host *host, const char *what, const char *option, const char *modules,
		 struct reason *why)
{
	switch (kernel_config_value(host->uts.release, option)) {
	case 'n':
		return fail(why, ENODEV,
			    "%s: CONFIG_%s is not set in this kernel, it needs another one (thpin "
			    "boot --kernel)",
			    what, option);
	case 'm':
		return fail(why, ENODEV,
			    "%s: CONFIG_%s is a module of this kernel, and not loaded (modprobe %s)",
			    what, option, modules);
	case 'y':
		return fail(why, ENODEV, "%s, although this kernel has CONFIG_%s=y", what, option);
	default:
		return fail(why, ENODEV,
			    "%s: CONFIG_%s is not set, or its module not loaded (try: modprobe %s; "
			    "this kernel's configuration cannot be read)",
			    what, option, modules);
	}
}

void kernel_config_text(const char *release, char *text, size_t size)
{
	char values[REPORTED] = { 0 };
	size_t used = 0;

	if (read_any(release, &(struct options){ reported, REPORTED, values })) {
		snprintf(text, size, "cannot be read: no /proc/config.gz, nor one in /boot");
		return;
	}
	/* All of one kind together: that is half as long. */
	text[0] = '\0';
	for (const char *kind = "ymn"; *kind; kind++) {
		bool first = true;

		for (size_t i = 0; i < REPORTED && used < size; i++) {
			if (values[i] != *kind)
				continue;
			if (first)
				used += (size_t)snprintf(text + used, size - used,
							 "%s%c:", used ? "; " : "", *kind);
			if (used < size)
				used += (size_t)snprintf(text + used, size - used, " %s",
							 reported[i]);
			first = false;
		}
	}
}
