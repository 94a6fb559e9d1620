// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/swap.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "host/guardian.h"
#include "host/host.h"
#include "host/loop.h"
#include "util/io.h"

static uint64_t free_swap(void)
{
	struct sysinfo info;

	return sysinfo(&info) ? 0 : (uint64_t)info.freeswap * info.mem_unit;
}

int swap_probe(const struct host *host, struct reason *why)
{
	struct reason loop;
	int err;

	if (free_swap())
		return 0;
	err = loop_probe(host, &loop);
	return err ? fail(why, -err, "no swap is on, and none can be made: %s", loop.text) : 0;
}

/* The header that mkswap(8) writes: union swap_header, include/linux/swap.h. */
static int write_header(int fd, size_t size)
{
	struct {
		char boot[1024];
		uint32_t version, last_page, bad_pages;
		unsigned char uuid[16], label[16];
	} info = { .version = 1, .last_page = (uint32_t)(size / 4096 - 1) };
	int err = pwrite_all(fd, &info, sizeof(info), 0);

	return err ? err : pwrite_all(fd, "SWAPSPACE2", 10, 4096 - 10);
}

int swap_ensure(size_t size, struct guardian *guardian, struct reason *why)
{
	size_t total = size + (UINT64_C(4) << 20);
	int memory, loop, err;
	char path[64];

	if (free_swap() >= total)
		return 0;
	memory = memfd_create("thpin-swap", MFD_CLOEXEC);
	if (memory < 0)
		return fail_errno(why, errno, "memfd_create for swap");
	err = ftruncate(memory, (off_t)total) ? -errno : write_header(memory, total);
	if (err) {
		close(memory);
		return fail_errno(why, -err, "swap header");
	}
	loop = loop_bind(memory, 0, 0, path, sizeof(path), why);
	close(memory); /* the loop device has it */
	if (loop < 0)
		return loop;
	err = guardian ? guardian_owns_swap(guardian, path, why) : 0;
	if (!err && swapon(path, 0))
		err = fail_errno(why, errno, "swapon %s", path);
	close(loop); /* from here on the swap keeps it */
	return err;
}
