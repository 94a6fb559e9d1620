// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/cgroup.h"

#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/guardian.h"
#include "util/io.h"

/* Whether one of the blank-separated words of a file is this one. */
static bool has_word(const char *directory, const char *file, const char *word)
{
	char path[128], *text, *rest, *part;
	bool found = false;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	if (read_text(path, &text, NULL))
		return false;
	rest = text;
	while (!found && (part = strsep(&rest, " \n")))
		found = !strcmp(part, word);
	free(text);
	return found;
}

/* Where version 1 with the memory controller is mounted, if it is @first, or version 2. */
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

/* The hierarchy that has the memory controller: of version 1 or 2, never of both. */
static bool find_root(char *root, size_t size, bool *first)
{
	*first = find_mount(true, root, size);
	return *first || (find_mount(false, root, size) &&
			  has_word(root, "cgroup.subtree_control", "memory"));
}

int cgroup_probe(struct reason *why)
{
	char root[64];
	bool first;

	if (!find_root(root, sizeof(root), &first))
		return fail(why, ENOTSUP,
			    "no mounted cgroup has the memory controller (try: echo +memory > /sys/fs/cgroup/cgroup.subtree_control)");
	if (access(root, W_OK))
		return fail_errno(why, errno, "cannot make a cgroup below %s", root);
	return 0;
}

int cgroup_enter(struct cgroup *cgroup, struct guardian *guardian, struct reason *why)
{
	char root[64], procs[128];
	int err;

	if (!find_root(root, sizeof(root), &cgroup->first))
		return cgroup_probe(why);
	snprintf(cgroup->path, sizeof(cgroup->path), "%s/thpin-%d", root, (int)getpid());
	err = guardian_owns(guardian, OWNED_DIRECTORY, cgroup->path, why);
	if (err)
		return err;
	if (mkdir(cgroup->path, 0700))
		return fail_errno(why, errno, "mkdir %s", cgroup->path);
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", cgroup->path);
	err = write_text(procs, "0");
	return err ? fail_errno(why, -err, "cannot move to %s", cgroup->path) : 0;
}

/*
 * Whether pages that were used of late are reclaimed goes by the statistics of the
 * cgroup, which may be two seconds old unless somebody reads them
 * (mem_cgroup_flush_stats(), mm/memcontrol.c).
 */
static void refresh(const struct cgroup *cgroup)
{
	char path[128], *text;

	snprintf(path, sizeof(path), "%s/memory.stat", cgroup->path);
	if (!read_text(path, &text, NULL))
		free(text);
}

/*
 * Version 2 says EAGAIN when not all of it went, version 1 nothing
 * (mem_cgroup_force_empty(), mm/memcontrol.c). Before memory.reclaim (Linux 5.19) it
 * takes a limit below what is used, to set which reclaims first. Who is above memory.high
 * when it takes a page, and be it one of its stack, sleeps for up to two seconds
 * (mem_cgroup_handle_over_high()): so it goes back at once, and is not set where there is
 * another way.
 */
int cgroup_squeeze(const struct cgroup *cgroup, struct reason *why)
{
	char reclaim[128], high[128];
	int err;

	refresh(cgroup);
	snprintf(reclaim, sizeof(reclaim), "%s/%s", cgroup->path,
		 cgroup->first ? "memory.force_empty" : "memory.reclaim");
	err = write_text(reclaim, "1G");
	if (err != -ENOENT)
		return !err || err == -EAGAIN ? 0 : fail_errno(why, -err, "%s", reclaim);
	snprintf(high, sizeof(high), "%s/memory.high", cgroup->path);
	err = write_text(high, "0");
	if (!err)
		err = write_text(high, "max");
	return err ? fail_errno(why, -err, "%s", high) : 0;
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
