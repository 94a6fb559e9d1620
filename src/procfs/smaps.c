// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/smaps.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/io.h"

/* The fields summed (Documentation/filesystems/proc.rst). */
static const struct {
	const char *key;
	size_t offset; /* in struct smaps_sum */
} fields[] = {
	{ "Size", offsetof(struct smaps_sum, size_kb) },
	{ "Rss", offsetof(struct smaps_sum, rss_kb) },
	{ "Referenced", offsetof(struct smaps_sum, referenced_kb) },
	{ "AnonHugePages", offsetof(struct smaps_sum, anon_huge_kb) },
	{ "ShmemPmdMapped", offsetof(struct smaps_sum, file_pmd_kb) },
	{ "FilePmdMapped", offsetof(struct smaps_sum, file_pmd_kb) },
	{ "Shared_Hugetlb", offsetof(struct smaps_sum, hugetlb_kb) },
	{ "Private_Hugetlb", offsetof(struct smaps_sum, hugetlb_kb) },
	{ "LazyFree", offsetof(struct smaps_sum, lazy_free_kb) },
	{ "Swap", offsetof(struct smaps_sum, swap_kb) },
	{ "KSM", offsetof(struct smaps_sum, ksm_kb) }, /* 8b47933544a6 */
};

#define FIELDS (sizeof(fields) / sizeof(fields[0]))

/* Where the parser is in the text. */
struct parser {
	uint64_t start, end;
	struct smaps_sum *sum;
	bool header; /* a VMA has begun */
	bool counts; /* ... and overlaps the range */
	bool closed; /* ... and is complete */
	bool past;   /* the VMAs that follow are behind the range */
};

/* "address" of "start-end"; *text is moved behind it. */
static bool hex(const char **text, uint64_t *value)
{
	const char *c = *text;
	uint64_t v = 0;

	for (; isxdigit((unsigned char)*c); c++) {
		int digit = isdigit((unsigned char)*c) ? *c - '0' : tolower(*c) - 'a' + 10;

		if (v >> 60)
			return false;
		v = v << 4 | (unsigned)digit;
	}
	if (c == *text)
		return false;
	*text = c;
	*value = v;
	return true;
}

/* "     2048 kB" */
static bool kilobytes(const char *text, const char *end, uint64_t *value)
{
	uint64_t v = 0;

	while (text < end && *text == ' ')
		text++;
	if (text == end || !isdigit((unsigned char)*text))
		return false;
	for (; text < end && isdigit((unsigned char)*text); text++) {
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (unsigned)(*text - '0'), &v))
			return false;
	}
	*value = v;
	return end - text == 3 && !memcmp(text, " kB", 3);
}

static int parse_header(struct parser *parser, uint64_t start, uint64_t end)
{
	/* A VMA without its last line was cut short: its sums are too low. */
	if (end <= start || (parser->header && !parser->closed))
		return -EINVAL;
	parser->header = true;
	parser->closed = false;
	parser->past = start >= parser->end;
	parser->counts = !parser->past && end > parser->start;
	if (parser->counts)
		parser->sum->vmas++;
	return 0;
}

static int parse_field(struct parser *parser, const char *line, const char *end)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));
	size_t length;

	if (!colon || !parser->header || parser->closed)
		return -EINVAL;
	length = (size_t)(colon - line);
	/* fs/proc/task_mmu.c shows it last, whatever fields a kernel has. */
	if (length == strlen("VmFlags") && !memcmp(line, "VmFlags", length)) {
		parser->closed = true;
		return 0;
	}
	for (size_t i = 0; parser->counts && i < FIELDS; i++) {
		uint64_t value, *total;

		if (strlen(fields[i].key) != length || memcmp(line, fields[i].key, length) != 0)
			continue;
		total = (uint64_t *)((char *)parser->sum + fields[i].offset);
		if (!kilobytes(colon + 1, end, &value) ||
		    __builtin_add_overflow(*total, value, total))
			return -EINVAL;
		break;
	}
	return 0;
}

/* One line, without its newline at @end. */
static int parse_line(struct parser *parser, const char *line, const char *end)
{
	uint64_t start, stop;
	const char *c = line;

	/* Keys are no hexadecimal numbers, and file names have no newlines here. */
	if (hex(&c, &start) && *c == '-') {
		c++;
		if (!hex(&c, &stop) || *c != ' ')
			return -EINVAL;
		return parse_header(parser, start, stop);
	}
	return parse_field(parser, line, end);
}

/*
 * All complete lines of a NUL-terminated text, until one is behind the range;
 * *rest is where it ended.
 */
static int parse_lines(struct parser *parser, const char *text, const char **rest)
{
	const char *end;

	while (!parser->past && (end = strchr(text, '\n'))) {
		int err = parse_line(parser, text, end);

		if (err)
			return err;
		text = end + 1;
	}
	*rest = text;
	return 0;
}

static void parser_init(struct parser *parser, uintptr_t start, uintptr_t end,
			struct smaps_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	*parser = (struct parser){ .start = start, .end = end, .sum = sum };
}

/* Whether the text could end where it did. */
static int parser_end(const struct parser *parser, const char *rest)
{
	if (parser->past)
		return 0;
	return *rest || (parser->header && !parser->closed) ? -EINVAL : 0;
}

int smaps_parse(const char *text, uintptr_t start, uintptr_t end, struct smaps_sum *sum)
{
	struct parser parser;
	const char *rest;
	int err;

	parser_init(&parser, start, end, sum);
	err = parse_lines(&parser, text, &rest);
	return err ? err : parser_end(&parser, rest);
}

/*
 * The kernel walks the page tables of each VMA that it shows, which takes far
 * longer than the calls. With less than the text of one VMA at a time it shows
 * one a call (seq_read()), so that at most one beyond the range is walked.
 */
#define PIECE 512

/* More than the addresses of a header and its permissions. */
#define LINE_START 64

static int smaps_read_fd(int fd, struct parser *parser)
{
	char buffer[8192];
	size_t used = 0;

	for (;;) {
		const char *rest;
		ssize_t n;
		int err;

		n = read(fd, buffer + used, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* Text, so that a NUL cannot hide what follows. */
		if (memchr(buffer + used, '\0', (size_t)n))
			return -EINVAL;
		used += (size_t)n;
		buffer[used] = '\0';
		err = parse_lines(parser, buffer, &rest);
		if (err)
			return err;
		if (n == 0 || parser->past)
			return parser_end(parser, rest);
		used -= (size_t)(rest - buffer);
		memmove(buffer, rest, used + 1);
		/* The path of a file can be longer than PATH_MAX: cut it out. */
		if (used + PIECE >= sizeof(buffer))
			used = LINE_START;
	}
}

int smaps_read(pid_t pid, uintptr_t start, uintptr_t end, struct smaps_sum *sum)
{
	struct parser parser;
	char path[32];
	int fd, err;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
	else
		snprintf(path, sizeof(path), "/proc/self/smaps");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	parser_init(&parser, start, end, sum);
	err = smaps_read_fd(fd, &parser);
	close_fd(&fd);
	return err;
}
