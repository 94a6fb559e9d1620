/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzzer of tests/fuzz without a fuzzer: examples of its input, and mutations of
 * them, the same on every run. As a program, "fuzz_NAME DIRECTORY" writes the
 * examples there, and "fuzz_NAME PARSER NUMBER" runs one mutation once more.
 */
#ifndef FUZZED_H
#define FUZZED_H

#include <glob.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data.h"

/* Longer inputs are cut. */
#define FUZZED_MAX 16384
#define FUZZED_EXAMPLES 16

/* Seconds for one input, which takes milliseconds; more is a loop without end. */
#define FUZZED_PATIENCE_S 30

struct fuzzed_input {
	size_t size;
	uint8_t data[FUZZED_MAX];
};

struct fuzzed_examples {
	unsigned count;
	struct fuzzed_input input[FUZZED_EXAMPLES];
};

static void fuzzed_load(const char *pattern, struct fuzzed_examples *examples)
{
	const char *tests = getenv("TESTDIR");
	char path[4096], *text;
	glob_t files;

	snprintf(path, sizeof(path), "%s/%s", tests ? tests : "tests", pattern);
	examples->count = 0;
	if (glob(path, GLOB_BRACE, NULL, &files) || !files.gl_pathc)
		bail_out("no %s", path);
	for (size_t i = 0; i < files.gl_pathc && i < FUZZED_EXAMPLES; i++) {
		struct fuzzed_input *input = &examples->input[examples->count++];

		if (read_text(files.gl_pathv[i], &text, &input->size))
			bail_out("%s", files.gl_pathv[i]);
		if (input->size > FUZZED_MAX)
			input->size = FUZZED_MAX;
		memcpy(input->data, text, input->size);
		free(text);
	}
	globfree(&files);
}

/* xorshift64: below @limit, which is not 0 */
static uint64_t fuzzed_random(uint64_t *state, uint64_t limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state % limit;
}

/* Where numbers end, in text and in binary. */
static void fuzzed_overwrite(struct fuzzed_input *input, uint64_t *state)
{
	static const char *const texts[] = {
		"0",
		"-1",
		"18446744073709551615",
		"ffffffffffffffff",
		"99999999999999999999",
		"\n",
		" ",
		":",
		"\"",
		"\\u0000",
		"{",
		"[",
		"null",
		"1e999",
		"\x80\xff",
	};
	static const uint64_t numbers[] = {
		0, 1, UINT64_MAX, INT64_MAX, UINT32_MAX, 1u << 31, 0x80
	};
	size_t at = fuzzed_random(state, input->size), length;
	const void *from;

	if (fuzzed_random(state, 2)) {
		const char *text = texts[fuzzed_random(state, sizeof(texts) / sizeof(texts[0]))];

		from = text;
		length = strlen(text);
	} else {
		from = &numbers[fuzzed_random(state, sizeof(numbers) / sizeof(numbers[0]))];
		length = (size_t)1 << fuzzed_random(state, 4);
	}
	if (length > input->size - at)
		length = input->size - at;
	memcpy(input->data + at, from, length);
}

/* Put @length bytes of @from at @at in; what no longer fits falls off the end. */
static void fuzzed_insert(struct fuzzed_input *input, size_t at, const uint8_t *from, size_t length)
{
	uint8_t copy[256];

	if (length > sizeof(copy))
		length = sizeof(copy);
	if (length > FUZZED_MAX - at)
		length = FUZZED_MAX - at;
	memcpy(copy, from, length);
	if (input->size > FUZZED_MAX - length)
		input->size = FUZZED_MAX - length;
	if (input->size < at)
		input->size = at;
	memmove(input->data + at + length, input->data + at, input->size - at);
	memcpy(input->data + at, copy, length);
	input->size += length;
}

static void fuzzed_change(struct fuzzed_input *input, const struct fuzzed_examples *examples,
			  uint64_t *state)
{
	const struct fuzzed_input *other = &examples->input[fuzzed_random(state, examples->count)];
	size_t at, length;

	if (!input->size)
		return;
	at = fuzzed_random(state, input->size);
	switch (fuzzed_random(state, 6)) {
	case 0:
		input->data[at] ^= (uint8_t)(1u << fuzzed_random(state, 8));
		break;
	case 1:
		input->data[at] = (uint8_t)fuzzed_random(state, 256);
		break;
	case 2:
		fuzzed_overwrite(input, state);
		break;
	case 3: /* leave out */
		length = fuzzed_random(state, input->size - at + 1);
		if (fuzzed_random(state, 2))
			length %= 16;
		memmove(input->data + at, input->data + at + length, input->size - at - length);
		input->size -= length;
		break;
	case 4: /* say twice */
		fuzzed_insert(input, fuzzed_random(state, input->size), input->data + at,
			      fuzzed_random(state, input->size - at + 1));
		break;
	default: /* from another example */
		if (!other->size)
			break;
		length = fuzzed_random(state, other->size);
		fuzzed_insert(input, at, other->data + length, other->size - length);
	}
}

/* Input @number: first the examples themselves, then their mutations. */
static void fuzzed_make(struct fuzzed_input *input, const struct fuzzed_examples *examples,
			unsigned number)
{
	uint64_t state = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);

	*input = examples->input[number % examples->count];
	if (number >= examples->count)
		for (uint64_t i = 1 + fuzzed_random(&state, 6); i; i--)
			fuzzed_change(input, examples, &state);
}

static void fuzzed_run(const struct fuzz_parser *parser, const struct fuzzed_input *input)
{
	/* Exactly as long as needed, for the address sanitizer to see the end. */
	uint8_t *data = malloc(input->size ? input->size : 1);

	if (!data)
		bail_out("no memory");
	memcpy(data, input->data, input->size);
	alarm(FUZZED_PATIENCE_S);
	parser->run(data, input->size);
	free(data);
}

/* All inputs of one parser, in a process that may die of one. */
static void fuzzed_test(const struct fuzz_parser *parser, const struct fuzzed_examples *examples,
			unsigned inputs)
{
	static struct fuzzed_input input;
	volatile unsigned *number = mmap(NULL, sizeof(*number), PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = -1;
	pid_t pid;

	if (number == MAP_FAILED)
		bail_out("no memory");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		for (; *number < inputs; ++*number) {
			fuzzed_make(&input, examples, *number);
			fuzzed_run(parser, &input);
		}
		exit(0); /* has the leak sanitizer look */
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		bail_out("fork");
	if (!ok(!status, "%s: %u inputs from %u examples", parser->name, inputs, examples->count))
		printf("# wait status 0x%x at input %u\n", (unsigned)status, *number);
	munmap((void *)number, sizeof(*number));
}

/* As the fuzzer takes them, its first byte @choice included */
static void fuzzed_write(const char *directory, const char *name, uint8_t choice,
			 const struct fuzzed_examples *examples)
{
	for (unsigned i = 0; i < examples->count; i++) {
		const struct fuzzed_input *input = &examples->input[i];
		char path[4096];
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s-%u", directory, name, i);
		file = fopen(path, "we");
		if (!file)
			bail_out("%s", path);
		fputc(choice, file);
		fwrite(input->data, 1, input->size, file);
		if (fclose(file))
			bail_out("%s", path);
	}
}

/* main() of a test: @inputs for each of the @count parsers. */
static int fuzzed(const struct fuzz_parser *list, size_t count, unsigned inputs, int argc,
		  char **argv)
{
	static struct fuzzed_examples examples;
	static struct fuzzed_input input;

	if (getenv("THPIN_THOROUGH"))
		inputs *= 20;
	for (size_t i = 0; i < count; i++) {
		fuzzed_load(list[i].examples, &examples);
		if (argc == 2) {
			fuzzed_write(argv[1], list[i].name, (uint8_t)i, &examples);
		} else if (argc == 3 && !strcmp(argv[1], list[i].name)) {
			fuzzed_make(&input, &examples, (unsigned)strtoul(argv[2], NULL, 10));
			fuzzed_run(&list[i], &input);
		} else if (argc == 1) {
			fuzzed_test(&list[i], &examples, inputs);
		}
	}
	return argc == 1 ? done_testing() : 0;
}

#endif
