// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/host.h"
#include "tap.h"

static void lines(void)
{
	struct host host = {
		.page_size = 4096,
		.thp_size = 2 << 20,
		.thp_mode = "madvise",
		.admin = true,
		.nodes = 1,
	};
	char line[200], cut[8];

	snprintf(host.uts.sysname, sizeof(host.uts.sysname), "Linux");
	snprintf(host.uts.release, sizeof(host.uts.release), "6.1.0-56-amd64");
	snprintf(host.uts.machine, sizeof(host.uts.machine), "x86_64");
	host_line(&host, line, sizeof(line));
	is_str(line, "Linux 6.1.0-56-amd64 x86_64   THP 2 MiB (madvise)   1 node   root", "root");

	host.user_namespace = true;
	host.nodes = 2;
	host.thp_size = 512 << 20; /* arm64 with pages of 64 KiB */
	host_line(&host, line, sizeof(line));
	is_str(line,
	       "Linux 6.1.0-56-amd64 x86_64   THP 512 MiB (madvise)   2 nodes   "
	       "root in a user namespace",
	       "user namespace");

	host.admin = false;
	host.thp_size = 0;
	host_line(&host, line, sizeof(line));
	is_str(line, "Linux 6.1.0-56-amd64 x86_64   no THP   2 nodes   unprivileged",
	       "unprivileged");
	host_line(&host, cut, sizeof(cut));
	is_str(cut, "Linux 6", "cut");
}

static void own(void)
{
	unsigned major, minor;
	struct reason why;
	struct host host;

	if (!is_int(host_probe(&host, &why), 0, "probe"))
		bail_out("%s", why.text);
	if (sscanf(host.uts.release, "%u.%u", &major, &minor) != 2)
		bail_out("release %s", host.uts.release);
	ok(host.kernel >= KERNEL(major, minor), "version is not below that of %s",
	   host.uts.release);
	ok(host.kernel < KERNEL(major, minor + 1), "version is not above that of %s",
	   host.uts.release);
	is_int((int64_t)host.page_size, sysconf(_SC_PAGESIZE), "page size");
	ok(host.thp_size == 0 || host.thp_size > host.page_size, "THP size");
	ok(!host.thp_size || host.pmd_size == host.thp_size, "a PMD maps a THP");
	host.pmd_size = 0;
	ok(host_region_size(&host) == 64 * host.page_size, "a region where a PMD maps nothing");
	ok(strlen(host.thp_mode) > 0, "THP mode %s", host.thp_mode);
	ok(host.nodes >= 1 && host.highest_node >= host.nodes - 1, "nodes");
	ok(host.cpus >= 1, "CPUs");
	ok(host.memory_kb > 1024, "memory");
	ok(host.admin || !host.pfn_visible, "PFNs need CAP_SYS_ADMIN");
}

int main(void)
{
	lines();
	own();
	return done_testing();
}
