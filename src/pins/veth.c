// SPDX-License-Identifier: GPL-2.0-or-later
/* One message of rtnetlink(7): <linux/veth.h>, <linux/if_link.h>. */
#include "pins/veth.h"

#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/io.h"

#define NEAR "thpin0"
#define FAR "thpin1"

struct request {
	struct nlmsghdr header;
	struct ifinfomsg info;
	unsigned char attributes[512];
};

static struct rtattr *add(struct request *request, unsigned short type, const void *data,
			  size_t size)
{
	struct rtattr *attribute = (void *)((unsigned char *)request +
					    NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size)
		memcpy(RTA_DATA(attribute), data, size);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) +
				    (uint32_t)RTA_ALIGN(attribute->rta_len);
	return attribute;
}

/* Everything since @attribute is within it. */
static void end(const struct request *request, struct rtattr *attribute)
{
	attribute->rta_len = (unsigned short)((const unsigned char *)request +
					      request->header.nlmsg_len -
					      (const unsigned char *)attribute);
}

static void add_device(struct request *request, const char *name)
{
	uint32_t mtu = VETH_MTU, queues = 1;

	add(request, IFLA_IFNAME, name, strlen(name) + 1);
	add(request, IFLA_MTU, &mtu, sizeof(mtu));
	add(request, IFLA_NUM_TX_QUEUES, &queues, sizeof(queues));
	add(request, IFLA_NUM_RX_QUEUES, &queues, sizeof(queues));
}

static int converse(const struct request *request, struct reason *why)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		unsigned char rest[512];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), err = 0;

	if (fd < 0)
		return fail_errno(why, errno, "socket(NETLINK_ROUTE)");
	if (send(fd, request, request->header.nlmsg_len, 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < 0)
		err = fail_errno(why, errno, "rtnetlink");
	else if (answer.header.nlmsg_type != NLMSG_ERROR)
		err = fail(why, EPROTO, "rtnetlink answers with type %u", answer.header.nlmsg_type);
	else if (answer.error.error == -EOPNOTSUPP)
		err = fail(why, ENOTSUP, "no veth (needs CONFIG_VETH, modprobe veth)");
	else if (answer.error.error)
		err = fail_errno(why, -answer.error.error, "cannot make a veth pair");
	close_fd(&fd);
	return err;
}

static int set_up(const char *name, unsigned *index, struct reason *why)
{
	struct ifreq request = { .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return fail_errno(why, errno, "socket(AF_INET)");
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	*index = if_nametoindex(name);
	if (!*index || ioctl(fd, SIOCSIFFLAGS, &request))
		err = fail_errno(why, errno, "%s cannot be set up", name);
	close_fd(&fd);
	return err;
}

int veth_create(unsigned *near, unsigned *far, struct reason *why)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct request request = {
		.header = { .nlmsg_len = NLMSG_LENGTH(sizeof(request.info)),
			    .nlmsg_type = RTM_NEWLINK,
			    .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL },
		.info = info,
	};
	struct rtattr *link, *data, *peer;
	int err;

	add_device(&request, NEAR);
	link = add(&request, IFLA_LINKINFO, NULL, 0);
	add(&request, IFLA_INFO_KIND, "veth", strlen("veth"));
	data = add(&request, IFLA_INFO_DATA, NULL, 0);
	peer = add(&request, VETH_INFO_PEER, &info, sizeof(info));
	add_device(&request, FAR);
	end(&request, peer);
	end(&request, data);
	end(&request, link);
	err = converse(&request, why);
	if (err)
		return err;
	/* Neither of them can be up before both are there. */
	err = set_up(NEAR, near, why);
	return err ? err : set_up(FAR, far, why);
}
