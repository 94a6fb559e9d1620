/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_HOST_HOST_H
#define THPIN_HOST_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/utsname.h>

#include "host/file.h"
#include "util/reason.h"

/* A kernel version as one number. */
#define KERNEL(major, minor) ((unsigned)(major) << 16 | (unsigned)(minor) << 8)

/*
 * Facts about this kernel and this process, probed once at start and constant
 * from then on.
 */
struct host {
	struct utsname uts;
	unsigned kernel;     /* KERNEL(major, minor) | patch level */
	size_t page_size;    /* bytes */
	size_t thp_size;     /* bytes, 0: no THP in this kernel */
	size_t pmd_size;     /* bytes of a THP or hugetlb page that a PMD maps, 0: neither */
	char thp_mode[16];   /* "always", "madvise", "never", "none" */
	bool admin;          /* effective CAP_SYS_ADMIN */
	bool pfn_visible;    /* pagemap shows PFNs, kpageflags can be read */
	bool user_namespace; /* this process runs in a user namespace of its own */
	unsigned nodes;      /* NUMA nodes with memory */
	unsigned highest_node;
	uint64_t memory_kb;
	unsigned cpus;
	struct file file; /* what --file names, path NULL: nothing */
};

/* Probe. Returns 0 or -errno with a reason (an old or broken /proc). */
int host_probe(struct host *host, struct reason *why);

/* Bytes of a region without --size: what a PMD maps, else 64 pages. */
size_t host_region_size(const struct host *host);

/* "Linux 6.1.0-56-amd64 x86_64   THP 2 MiB (madvise)   1 node   root" */
void host_line(const struct host *host, char *line, size_t size);

#endif
