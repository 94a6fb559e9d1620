// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Splitting the folio itself, not only its PMD: debugfs has a file for that
 * (split_huge_pages_write(), mm/huge_memory.c; Linux 5.13, fa6c02315f74). Reclaim,
 * migration and memory failure split in the same way; one more reference than
 * mappings forbids it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "host/host.h"
#include "procfs/pagemap.h"
#include "races/control.h"
#include "util/io.h"

/* A descriptor of debugfs, mounted where nobody else sees it, or -errno. */
static int mount_debugfs(struct reason *why)
{
	int context = fsopen("debugfs", FSOPEN_CLOEXEC), root = -1;

	if (context < 0 && errno == ENODEV)
		return fail(why, ENODEV, "this kernel has no debugfs (CONFIG_DEBUG_FS)");
	if (context < 0)
		return fail_errno(why, errno, "debugfs (needs CAP_SYS_ADMIN)");
	if (!fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		root = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	if (root < 0)
		root = fail_errno(why, errno,
				  "debugfs cannot be mounted (a container, or debugfs=off)");
	close(context);
	return root;
}

/* The file, open for writing, or -errno. */
static int open_file(struct reason *why)
{
	int root = mount_debugfs(why), fd;

	if (root < 0)
		return root;
	fd = openat(root, "split_huge_pages", O_WRONLY | O_CLOEXEC);
	/* Its mode is no hindrance to root: debugfs_locked_down(), fs/debugfs/file.c. */
	if (fd < 0 && errno == EPERM)
		fd = fail(why, EPERM,
			  "this kernel is locked down, and its debugfs cannot be written to "
			  "(kernel_lockdown(7))");
	else if (fd < 0)
		fd = fail_errno(why, errno, "split_huge_pages of debugfs");
	close(root);
	return fd;
}

static int split_probe(const struct host *host, struct reason *why)
{
	int fd;

	/* Before, all that could be asked for was to split every THP there is. */
	if (host->kernel < KERNEL(5, 13))
		return fail(why, ENOTSUP,
			    "debugfs of this kernel cannot split a range (Linux 5.13, fa6c02315f74)");
	if (!host->pfn_visible)
		return fail(why, EPERM, "what was split shows only with CAP_SYS_ADMIN");
	fd = open_file(why);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static int split(int fd, const struct region *region, struct reason *why)
{
	char line[80];

	snprintf(line, sizeof(line), "%d,0x%lx,0x%lx", (int)getpid(), (unsigned long)region->base,
		 (unsigned long)(region->base + region->size));
	if (write(fd, line, strlen(line)) < 0)
		return fail_errno(why, errno, "split_huge_pages of debugfs");
	return 0;
}

/* 1 while the first page is part of a large folio, 0 when not, or -errno. */
static int is_large(const struct region *region, struct reason *why)
{
	uint64_t flags;
	int err;

	/* The folio of a file is unmapped for the split, and not mapped again. */
	(void)*(volatile unsigned char *)region->page[0];
	err = kpage_flags_at(region->page[0], &flags);
	if (err)
		return fail_errno(why, -err, "flags of the first page");
	return !!(flags & (UINT64_C(1) << KPF_COMPOUND_HEAD | UINT64_C(1) << KPF_COMPOUND_TAIL));
}

static int split_debugfs(struct race *race, struct reason *why)
{
	int was, pinned, beside, err, fd = open_file(why);

	if (fd < 0)
		return fd;
	was = is_large(race->region, why);
	if (was <= 0) {
		close(fd);
		race_write_pages(race, 0, race->region->pages);
		if (!was)
			fail(why, EIO, "the pin has taken copies, which are no THP any more");
		return was ? was : RACE_NO_EFFECT;
	}
	err = split(fd, &race->control, why);
	if (!err)
		err = split(fd, race->region, why);
	close(fd);
	if (err)
		return err;
	pinned = is_large(race->region, why);
	beside = is_large(&race->control, why);
	if (pinned < 0 || beside < 0)
		return pinned < 0 ? pinned : beside;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "has the folio split (debugfs): %s; the unpinned one beside: %s",
		      pinned ? "it stays whole" : "it is", beside ? "stays whole" : "is");
	race_write_pages(race, 0, race->region->pages);
	if (!pinned)
		return RACE_DONE;
	if (!beside) {
		fail(why, EBUSY, "the pinned THP was not split; the unpinned one beside was");
		return RACE_REFUSED;
	}
	fail(why, EIO, "no THP was split, pinned or not");
	return RACE_NO_EFFECT;
}

const struct race_ops race_split_debugfs = {
	.name = "split-debugfs",
	.family = "split",
	.help = "split the folio of a THP by debugfs, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_LARGE,
	.probe = split_probe,
	.before_pin = control_make,
	.run = split_debugfs,
};
