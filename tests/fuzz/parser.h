/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the fuzzers of this directory have in common, and tests/unit/fuzz_*.c, which
 * run them on mutated examples without a fuzzer.
 */
#ifndef FUZZ_PARSER_H
#define FUZZ_PARSER_H

#include <stdint.h>
#include <stdlib.h>

struct fuzz_parser {
	const char *name;
	const char *examples; /* of its input: files below tests/, for glob(3) */
	void (*run)(const uint8_t *data, size_t size);
};

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

/* What a parser's header promises */
static void require(int condition)
{
	if (!condition)
		abort();
}

/* The first byte chooses a parser, the rest is its input. */
static void fuzz_parsers(const struct fuzz_parser *parsers, size_t count, const uint8_t *input,
			 size_t size)
{
	if (size)
		parsers[input[0] % count].run(input + 1, size - 1);
}

#endif
