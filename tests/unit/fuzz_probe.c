// SPDX-License-Identifier: GPL-2.0-or-later
/* The parsers of what a kernel says, given what is nearly right; see tests/fuzz/probe.c. */
#include "fuzz/probe.c" // NOLINT(bugprone-suspicious-include)
#include "fuzzed.h"

int main(int argc, char **argv)
{
	return fuzzed(parsers, sizeof(parsers) / sizeof(parsers[0]), 2000, argc, argv);
}
