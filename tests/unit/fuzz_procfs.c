// SPDX-License-Identifier: GPL-2.0-or-later
/* The parsers of /proc, given what is nearly right; see tests/fuzz/procfs.c. */
#include "fuzz/procfs.c" // NOLINT(bugprone-suspicious-include)
#include "fuzzed.h"

int main(int argc, char **argv)
{
	return fuzzed(parsers, sizeof(parsers) / sizeof(parsers[0]), 2000, argc, argv);
}
