// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the cgroups of this process allow it of memory (proc_pid_cgroup(5),
 * Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
 */
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cgroup.h"
#include "util/io.h"

/* Where version 1 with the memory controller, or version 2, is mounted. */
static bool find_mount(bool first, char *root, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent *mount;
	bool found = false;

	while (mounts && !found && (mount = getmntent(mounts))) {
		found = first ? !strcmp(mount->mnt_type, "cgroup") && hasmntopt(mount, "memory") :
				!strcmp(mount->mnt_type, "cgroup2");
		if (found)
			snprintf(root, size, "%s", mount->mnt_dir);
	}
	if (mounts)
		endmntent(mounts);
	return found;
}

/* The lowest of the limits of the group @path below @root and of those that it is in. */
static uint64_t lowest_kb(const char *root, char *path, const char *file)
{
	uint64_t lowest = UINT64_MAX;

	for (;;) {
		char name[2 * PATH_MAX], *text, *slash = strrchr(path, '/');

		snprintf(name, sizeof(name), "%s%s/%s", root, path, file);
		if (!read_text(name, &text, NULL)) {
			/* "max" is no number. */
			uint64_t limit = strtoull(text, NULL, 10) / 1024;

			lowest = limit && limit < lowest ? limit : lowest;
			free(text);
		}
		if (!slash)
			return lowest;
		*slash = '\0';
	}
}

uint64_t cgroup_limit_kb(void)
{
	uint64_t lowest = UINT64_MAX;
	char *text, *rest, *line;

	if (read_text("/proc/self/cgroup", &text, NULL))
		return lowest;
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		char *controllers = strchr(line, ':'), root[PATH_MAX];
		char *path = controllers ? strchr(++controllers, ':') : NULL;
		uint64_t limit = UINT64_MAX;
		bool first;

		if (!path)
			continue;
		*path++ = '\0';
		first = !strcmp(controllers, "memory");
		if ((first || !*controllers) && find_mount(first, root, sizeof(root)))
			limit = lowest_kb(root, path,
					  first ? "memory.limit_in_bytes" : "memory.max");
		lowest = limit < lowest ? limit : lowest;
	}
	free(text);
	return lowest;
}
