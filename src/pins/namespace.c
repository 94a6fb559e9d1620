// SPDX-License-Identifier: GPL-2.0-or-later
/* user_namespaces(7), network_namespaces(7), netdevice(7). */
#include "pins/namespace.h"

#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/host.h"
#include "util/io.h"

static int enter_user_namespace(int flags, const char *purpose, struct reason *why)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	char map[48];

	if (unshare(CLONE_NEWUSER | flags))
		return fail_errno(why, errno,
				  "unshare(CLONE_NEWUSER) %s (needs root, or sysctl user.max_user_namespaces > 0 and kernel.unprivileged_userns_clone=1)",
				  purpose);
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (write_text("/proc/self/uid_map", map))
		return fail(why, EPERM, "/proc/self/uid_map cannot be written");
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	write_text("/proc/self/gid_map", map);
	return 0;
}

int namespace_enter(int flags, const char *purpose, const struct host *host, struct reason *why)
{
	if (!host->admin)
		return enter_user_namespace(flags, purpose, why);
	if (unshare(flags))
		return fail_errno(why, errno, "unshare() %s", purpose);
	return 0;
}

/* The flags of the loopback, set ones with @up added; -errno. */
static int loopback_flags(short up, struct reason *why)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return fail_errno(why, errno, "socket(AF_INET)");
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		err = fail_errno(why, errno, "the loopback device");
	request.ifr_flags |= up;
	if (!err && up && ioctl(fd, SIOCSIFFLAGS, &request))
		err = fail_errno(why, errno, "the loopback device cannot be set up");
	close_fd(&fd);
	return err ? err : request.ifr_flags & IFF_UP;
}

int network_enter(const struct host *host, struct reason *why)
{
	int err = namespace_enter(CLONE_NEWNET, "for a network of its own", host, why);

	if (!err)
		err = loopback_flags(IFF_UP, why);
	return err < 0 ? err : 0;
}

int network_loopback(const struct host *host, struct reason *why)
{
	int up = loopback_flags(0, why);

	if (up < 0)
		return up;
	return up ? 0 : network_enter(host, why);
}
