// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/host.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "config.h"
#include "procfs/pagemap.h"
#include "procfs/status.h"
#include "util/io.h"

#if HAVE_LIBNUMA
#include <numa.h>
#endif

/* "6.1.0-56-amd64" as KERNEL(6, 1) | 0; a part above 255 would spill over. */
static unsigned kernel_version(const char *release)
{
	unsigned part[3] = { 0, 0, 0 };

	for (int i = 0; i < 3 && isdigit((unsigned char)*release); i++) {
		unsigned long value;
		char *end;

		value = strtoul(release, &end, 10);
		part[i] = value < 255 ? (unsigned)value : 255;
		if (*end != '.')
			break;
		release = end + 1;
	}
	return KERNEL(part[0], part[1]) | part[2];
}

static int probe_capabilities(struct host *host, struct reason *why)
{
	uint64_t capabilities;
	char *text;
	int err;

	err = read_text("/proc/self/status", &text, NULL);
	if (err)
		return fail_errno(why, -err, "cannot read /proc/self/status, is /proc mounted?");
	err = status_number(text, "CapEff", &capabilities);
	free(text);
	if (err)
		return fail(why, -err, "/proc/self/status has no CapEff: /proc is not of Linux");
	host->admin = capabilities >> CAP_SYS_ADMIN & 1;
	return 0;
}

/*
 * The initial user namespace maps all IDs to themselves (user_namespaces(7)).
 * Without the file the kernel has no user namespaces.
 */
static bool in_user_namespace(void)
{
	unsigned long long inside, outside, count;
	bool initial;
	char *text;

	if (read_text("/proc/self/uid_map", &text, NULL))
		return false;
	initial = sscanf(text, "%llu %llu %llu", &inside, &outside, &count) == 3 && inside == 0 &&
		  outside == 0 && count == UINT32_MAX;
	free(text);
	return !initial;
}

/*
 * CAP_SYS_ADMIN says not enough: PFNs are hidden outside the initial user
 * namespace (1c90308e7a77), and a container may have another /proc/kpageflags.
 */
static bool probe_pfns(void)
{
	volatile char local = 1; /* in a page that is present */
	uint64_t flags;

	return !kpage_flags_at((const void *)&local, &flags);
}

/* Documentation/admin-guide/mm/transhuge.rst: "always [madvise] never" */
static void probe_thp(struct host *host)
{
	static const char folder[] = "/sys/kernel/mm/transparent_hugepage";
	char path[64], *text, *open, *close;
	unsigned long long size;

	snprintf(host->thp_mode, sizeof(host->thp_mode), "none");
	snprintf(path, sizeof(path), "%s/enabled", folder);
	if (read_text(path, &text, NULL))
		return;
	open = strchr(text, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close) {
		*close = '\0';
		snprintf(host->thp_mode, sizeof(host->thp_mode), "%s", open + 1);
	}
	free(text);

	snprintf(path, sizeof(path), "%s/hpage_pmd_size", folder);
	if (read_text(path, &text, NULL))
		return;
	size = strtoull(text, NULL, 10);
	free(text);
	if (size > host->page_size && size <= SIZE_MAX && !(size & (size - 1)))
		host->thp_size = (size_t)size;
}

/*
 * A kernel without THP (PREEMPT_RT) may have hugetlb pages. A PMD maps as many pages
 * as a table of the level below has entries, which are of 8 bytes or, of some 32-bit
 * machines, 4 (Documentation/mm/page_tables.rst).
 */
static void probe_pmd(struct host *host)
{
	host->pmd_size = host->thp_size;
	for (size_t entry = 8; !host->pmd_size && entry >= 4; entry /= 2) {
		size_t size = host->page_size / entry * host->page_size;
		char path[64];

		snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%zukB",
			 size / 1024);
		if (!access(path, F_OK))
			host->pmd_size = size;
	}
}

#if HAVE_LIBNUMA
static void probe_nodes(struct host *host)
{
	if (numa_available() < 0)
		return;
	host->nodes = 0;
	for (int node = 0; node <= numa_max_node(); node++) {
		if (numa_node_size64(node, NULL) <= 0)
			continue;
		host->nodes++;
		host->highest_node = (unsigned)node;
	}
}
#else
/* "0-1,3" (Documentation/ABI/stable/sysfs-devices-node) */
static void probe_nodes(struct host *host)
{
	unsigned nodes = 0, highest = 0;
	char *text, *c;

	if (read_text("/sys/devices/system/node/has_memory", &text, NULL))
		return;
	for (c = text; isdigit((unsigned char)*c);) {
		unsigned long first = strtoul(c, &c, 10), last = first;

		if (*c == '-')
			last = strtoul(c + 1, &c, 10);
		if (last < first || last >= INT_MAX)
			break;
		nodes += (unsigned)(last - first + 1);
		highest = (unsigned)last;
		c += *c == ',';
	}
	free(text);
	if (nodes) {
		host->nodes = nodes;
		host->highest_node = highest;
	}
}
#endif

int host_probe(struct host *host, struct reason *why)
{
	struct sysinfo info;
	long cpus;
	int err;

	memset(host, 0, sizeof(*host));
	if (uname(&host->uts))
		return fail_errno(why, errno, "uname");
	host->kernel = kernel_version(host->uts.release);
	host->page_size = (size_t)sysconf(_SC_PAGESIZE);

	err = probe_capabilities(host, why);
	if (err)
		return err;
	host->user_namespace = in_user_namespace();
	host->pfn_visible = probe_pfns();
	probe_thp(host);
	probe_pmd(host);
	host->nodes = 1;
	probe_nodes(host);
	if (!host->nodes) /* sysfs hidden: there is memory, so there is a node */
		host->nodes = 1;
	if (!sysinfo(&info))
		host->memory_kb = (uint64_t)info.totalram * info.mem_unit / 1024;
	cpus = sysconf(_SC_NPROCESSORS_ONLN);
	host->cpus = cpus > 0 ? (unsigned)cpus : 1;
	return 0;
}

size_t host_region_size(const struct host *host)
{
	return host->pmd_size ? host->pmd_size : 64 * host->page_size;
}

/* "2 MiB" */
static void size_text(uint64_t bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB" };
	unsigned unit = 0;

	while (unit < 3 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, size, "%llu %s", (unsigned long long)bytes, units[unit]);
}

static const char *privilege(const struct host *host)
{
	if (!host->admin)
		return "unprivileged";
	return host->user_namespace ? "root in a user namespace" : "root";
}

void host_line(const struct host *host, char *line, size_t size)
{
	char thp[48] = "no THP", bytes[32];

	if (host->thp_size) {
		size_text(host->thp_size, bytes, sizeof(bytes));
		snprintf(thp, sizeof(thp), "THP %.20s (%.15s)", bytes, host->thp_mode);
	}
	snprintf(line, size, "%s %s %s   %s   %u node%s   %s", host->uts.sysname, host->uts.release,
		 host->uts.machine, thp, host->nodes, host->nodes == 1 ? "" : "s", privilege(host));
}
