// SPDX-License-Identifier: GPL-2.0-or-later
/* Lists and trees of a kernel that changes, and answers of RDMA netlink; see tests/fuzz/walks.c. */
#include "fuzz/walks.c" // NOLINT(bugprone-suspicious-include)
#include "fuzzed.h"

int main(int argc, char **argv)
{
	return fuzzed(parsers, sizeof(parsers) / sizeof(parsers[0]), 2000, argc, argv);
}
