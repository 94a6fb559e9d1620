// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/fdinfo.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char heading[] = "UserBufs:";

/*
 * The text behind the last "UserBufs:". The list of registered files comes
 * before it, and kernels that show d_iname there do so raw, newlines and all;
 * nothing that follows is named by a user.
 */
static const char *last_heading(const char *text)
{
	const char *found = NULL;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (!strncmp(line, heading, sizeof(heading) - 1))
			found = line + sizeof(heading) - 1;
	}
	return found;
}

/* A number at *text, which is moved behind it. */
static bool number(const char **text, int base, uint64_t *value)
{
	unsigned long long v;
	char *end;

	if (!isxdigit((unsigned char)**text))
		return false;
	errno = 0;
	v = strtoull(*text, &end, base);
	if (errno || end == *text)
		return false;
	*text = end;
	*value = v;
	return true;
}

/*
 * "    0: 0x7f0000000000/4096" or "    1: <none>" at *text, which is moved to
 * the next line; false when the list has ended. An empty slot has length 0.
 */
static bool slot(const char **text, struct fdinfo_buffer *buffer)
{
	const char *c = *text;
	uint64_t index;

	memset(buffer, 0, sizeof(*buffer));
	while (*c == ' ')
		c++;
	if (!number(&c, 10, &index) || index > UINT_MAX || strncmp(c, ": ", 2) != 0)
		return false;
	c += 2;
	buffer->index = (unsigned)index;
	if (!strncmp(c, "0x", 2)) {
		c += 2;
		if (!number(&c, 16, &buffer->address) || *c++ != '/' ||
		    !number(&c, 10, &buffer->length))
			return false;
	} else if (!strncmp(c, "<none>", 6)) {
		c += 6;
	}
	if (*c != '\n')
		return false;
	*text = c + 1;
	return true;
}

/*
 * Empty slots of a sparse table were all ones until 6.12 (dummy_ubuf); a buffer
 * that a driver registered (ublk, io_buffer_register_bvec()) has no address.
 */
static bool in_use(const struct fdinfo_buffer *buffer)
{
	return buffer->address && buffer->length && buffer->length <= UINT64_MAX - buffer->address;
}

int fdinfo_uring_buffers(const char *text, struct fdinfo_buffer *buffers, size_t max)
{
	const char *c = last_heading(text);
	struct fdinfo_buffer buffer;
	uint64_t slots, seen = 0;
	size_t count = 0;

	if (!c)
		return -ENOENT;
	while (isblank((unsigned char)*c))
		c++;
	if (!number(&c, 10, &slots) || *c != '\n')
		return -ENOENT;
	c++;
	if (max > INT_MAX)
		max = INT_MAX;
	for (; seen < slots && slot(&c, &buffer); seen++) {
		if (in_use(&buffer) && count < max)
			buffers[count++] = buffer;
	}
	/*
	 * A busy ring has the number of slots but no list. A list cut short
	 * would hide pins just the same.
	 */
	return seen < slots ? -ENOENT : (int)count;
}
