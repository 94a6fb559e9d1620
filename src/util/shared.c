// SPDX-License-Identifier: GPL-2.0-or-later
#include "util/shared.h"

#include <sys/mman.h>

/* At most a page of any architecture: one read in each is enough. */
#define STEP 4096

unsigned char *shared_make(int fd, size_t size)
{
	int flags = MAP_SHARED | MAP_POPULATE | (fd < 0 ? MAP_ANONYMOUS : 0);
	void *data = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	return data == MAP_FAILED ? NULL : data;
}

void shared_map(const unsigned char *data, size_t size)
{
	for (size_t at = 0; at < size; at += STEP)
		(void)*(const volatile unsigned char *)(data + at);
}
