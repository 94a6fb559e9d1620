// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The swap that thpin makes, for kernels with pages of any size: those of arm64 and
 * powerpc may have 16 and 64 KiB (the kernel: "Unable to find swap-space signature").
 */
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/swap.h"
#include "tap.h"

#define SIZE ((size_t)1 << 20)

static void format(size_t page_size)
{
	unsigned char *bytes;
	uint32_t words[3];
	int fd = memfd_create("swap", 0);

	is_int(swap_format(fd, SIZE, page_size), 0, "pages of %zu bytes", page_size);
	is_int(lseek(fd, 0, SEEK_HOLE), SIZE, "no page is left to be made");
	bytes = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (ok(bytes != MAP_FAILED, "it can be read")) {
		ok(!memcmp(bytes + page_size - 10, "SWAPSPACE2", 10),
		   "the signature ends the first page");
		memcpy(words, bytes + 1024, sizeof(words));
		is_int(words[0], 1, "version");
		is_int(words[1], (int64_t)(SIZE / page_size - 1), "the last page");
		is_int(words[2], 0, "no bad pages");
		munmap(bytes, SIZE);
	}
	close(fd);
}

int main(void)
{
	format(4096);
	format(16384);
	format(65536);
	return done_testing();
}
