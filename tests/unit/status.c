// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "procfs/status.h"
#include "tap.h"

/* Parts of a status recorded on 6.18, with 512 + 1 pages registered by io_uring. */
static const char recorded[] = "Name:\tVmPin:\\n1\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t11\n"
			       "Uid:\t1000\t1000\t1001\t1000\nVmPeak:\t    6700 kB\n"
			       "VmLck:\t       0 kB\nVmPin:\t    2052 kB\nSigQ:\t0/96365\n"
			       "SigBlk:\t0000000000010000\nCapPrm:\t000001fffeffffff\n"
			       "CapEff:\t000001fffeffffff\nNoNewPrivs:\t1";

static uint64_t number(const char *key)
{
	uint64_t value = 12345;

	return status_number(recorded, key, &value) ? UINT64_MAX : value;
}

int main(void)
{
	uint64_t value = 0;

	is_int((int64_t)number("VmPin"), 2052, "size in KiB, not the name that looks like it");
	is_int((int64_t)number("VmLck"), 0, "zero");
	is_int((int64_t)number("Pid"), 11, "plain number");
	is_int((int64_t)number("Uid"), 1000, "first of several");
	is_int((int64_t)number("NoNewPrivs"), 1, "last line without newline");
	ok(number("CapEff") == UINT64_C(0x1fffeffffff), "capabilities are hexadecimal");

	is_int(status_number(recorded, "VmSwap", &value), -ENOENT, "no such line");
	is_int(status_number(recorded, "VmPi", &value), -ENOENT, "part of a name");
	is_int(status_number(recorded, "Pin", &value), -ENOENT, "end of a name");
	is_int(status_number("", "VmPin", &value), -ENOENT, "empty text");
	is_int(status_number(recorded, "State", &value), -EINVAL, "not a number");
	is_int(status_number(recorded, "SigQ", &value), -EINVAL, "two numbers in one");
	is_int(status_number("VmPin:", "VmPin", &value), -EINVAL, "cut behind the name");
	is_int(status_number("VmPin:\n1\n", "VmPin", &value), -EINVAL, "number on the next line");
	is_int(status_number("VmPin:\t-1 kB\n", "VmPin", &value), -EINVAL, "negative");
	is_int(status_number("VmPin:\t99999999999999999999 kB\n", "VmPin", &value), -EINVAL,
	       "too large");
	is_int((int64_t)value, 0, "a failure leaves the value alone");
	return done_testing();
}
