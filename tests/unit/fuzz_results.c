// SPDX-License-Identifier: GPL-2.0-or-later
/* The reader of results, and all outputs, given what is nearly right; see tests/fuzz/results.c. */
#include "fuzz/results.c" // NOLINT(bugprone-suspicious-include)
#include "fuzzed.h"

int main(int argc, char **argv)
{
	return fuzzed(parsers, sizeof(parsers) / sizeof(parsers[0]), 400, argc, argv);
}
