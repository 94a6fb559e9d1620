// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "procfs/fdinfo.h"
#include "tap.h"

#define SIZE 8

#define HEAD                                                                                     \
	"pos:\t0\nflags:\t02000002\nmnt_id:\t17\nino:\t37949\nSqMask:\t0x7\nSqHead:\t0\n"        \
	"SqTail:\t0\nCachedSqHead:\t0\nCqMask:\t0xf\nCqHead:\t0\nCqTail:\t0\nCachedCqTail:\t0\n" \
	"SQEs:\t0\nCQEs:\t0\nSqThread:\t-1\nSqThreadCpu:\t-1\n"
#define TAIL "PollList:\nCqOverflowList:\n"

/* Recorded on 6.18, of a table of three with the second one empty. */
static const char recorded[] = HEAD "SqTotalTime:\t0\nSqWorkTime:\t0\nUserFiles:\t0\n"
				    "UserBufs:\t3\n"
				    "    0: 0x7f1686800000/2097152\n"
				    "    1: <none>\n"
				    "    2: 0x7f1686c1b000/4096\n" TAIL "NAPI:\tdisabled\n";

/* The others follow the format strings of io_uring/fdinfo.c of 6.1. */
static const char linux_6_1[] = HEAD "UserFiles:\t2\n    0: data\n    1: <none>\n"
				     "UserBufs:\t2\n"
				     "    0: 0x7f0000000000/2097152\n"
				     "    1: 0xffffffffffffffff/1\n" TAIL;
static const char busy[] = HEAD "UserFiles:\t0\nUserBufs:\t2\n" TAIL;
static const char none[] = HEAD "UserFiles:\t0\nUserBufs:\t0\n" TAIL;
static const char personalities[] = HEAD "UserFiles:\t0\nUserBufs:\t1\n"
					 "    0: 0x7f0000000000/4096\n"
					 "Personalities:\n    1\n\tUid:\t0\t\t0\t\t0\t\t0\n" TAIL;

/* A file whose name is "x\nUserBufs:\t1\n    0: 0xdead0000/4096" */
static const char named[] = HEAD "UserFiles:\t1\n    0: x\nUserBufs:\t1\n"
				 "    0: 0xdead0000/4096\n"
				 "UserBufs:\t1\n    0: 0x7f0000000000/8192\n" TAIL;

static int parse(const char *text, struct fdinfo_buffer *buffers)
{
	memset(buffers, 0x55, SIZE * sizeof(*buffers));
	return fdinfo_uring_buffers(text, buffers, SIZE);
}

static void layouts(void)
{
	struct fdinfo_buffer buffers[SIZE];

	is_int(parse(recorded, buffers), 2, "6.18: two buffers and an empty slot");
	ok(buffers[0].address == UINT64_C(0x7f1686800000), "6.18: address");
	ok(buffers[0].length == 2097152 && buffers[0].index == 0, "6.18: length, index");
	ok(buffers[1].address == UINT64_C(0x7f1686c1b000), "6.18: address of the last");
	ok(buffers[1].length == 4096 && buffers[1].index == 2, "6.18: length, index of the last");

	is_int(parse(linux_6_1, buffers), 1, "6.1: an empty slot has an impossible address");
	ok(buffers[0].address == UINT64_C(0x7f0000000000), "6.1: address");
	is_int(parse(busy, buffers), -ENOENT, "6.1: busy ring, list missing");
	is_int(parse(none, buffers), 0, "no buffer registered");
	is_int(parse(personalities, buffers), 1, "personalities follow");

	is_int(parse(named, buffers), 1, "file with a hostile name");
	ok(buffers[0].address == UINT64_C(0x7f0000000000), "file with a hostile name: address");

	is_int(fdinfo_uring_buffers(recorded, buffers, 1), 1, "room for one");
	is_int(fdinfo_uring_buffers(recorded, buffers, 0), 0, "room for none");
}

/* What a list with this text gives. */
static void hostile(const char *list, int want, const char *name)
{
	struct fdinfo_buffer buffers[SIZE];

	is_int(parse(list, buffers), want, "%s", name);
}

int main(void)
{
	layouts();

	hostile("", -ENOENT, "empty text");
	hostile("pos:\t0\nflags:\t02\n", -ENOENT, "no ring");
	hostile("xUserBufs:\t1\n    0: 0x1000/1\n", -ENOENT, "heading within a line");
	hostile("UserBufs:\t", -ENOENT, "cut in the heading");
	hostile("UserBufs:\tx\n", -ENOENT, "no number of slots");
	hostile("UserBufs:\t-1\n", -ENOENT, "negative number of slots");
	hostile("UserBufs:\t99999999999999999999\n", -ENOENT, "number of slots too large");
	hostile("UserBufs:\t18446744073709551615\n    0: 0x1000/1\n", -ENOENT,
		"more slots than list");
	hostile("UserBufs:\t1\n    0: 0x1000/1\n    1: 0x2000/1\n", 1, "more list than slots");
	hostile("UserBufs:\t2\n    0: 0x1000/1\n    1: 0x20", -ENOENT, "cut in the list");
	hostile("UserBufs:\t1\n    0: 0x1000/-1\n", -ENOENT, "negative length");
	hostile("UserBufs:\t1\n    0: 0x/1\n", -ENOENT, "no address");
	hostile("UserBufs:\t1\n    0: 0x11112222333344445/1\n", -ENOENT, "address of 65 bits");
	hostile("UserBufs:\t1\n    0: 0x1000/1 \n", -ENOENT, "more on the line");
	hostile("UserBufs:\t1\n99999999999: 0x1000/1\n", -ENOENT, "index too large");
	hostile("UserBufs:\t1\n    0: 0x0/4096\n", 0, "buffer of a driver, no address");
	hostile("UserBufs:\t1\n    0: 0x1000/0\n", 0, "buffer of no length");
	hostile("UserBufs:\t1\n    0: 0xfffffffffffff000/8192\n", 0, "buffer beyond all memory");
	hostile("UserBufs:\t1\n    0: 0xfffffffffffff000/4095\n", 1, "buffer at the end of memory");
	return done_testing();
}
