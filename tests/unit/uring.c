// SPDX-License-Identifier: GPL-2.0-or-later
/* A buffer that is too large for io_uring, which does not even look at its memory then. */
#include <errno.h>
#include <sys/mman.h>

#include "config.h"
#include "pins/uring.h"
#include "tap.h"

#if HAVE_LIBURING

static void too_large(struct io_uring *ring)
{
	size_t size = ((size_t)1 << 30) + (1 << 20);
	void *memory = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct reason why;

	if (memory == MAP_FAILED)
		bail_out("cannot reserve %zu bytes", size);
	is_int(uring_register(ring, memory, size, &why), -ENOTSUP, "more than 1 GiB: a skip");
	is_str(why.text, "io_uring takes no buffer above 1 GiB (smaller --size)",
	       "more than 1 GiB: why");
	is_int(uring_register(ring, memory, 1 << 20, &why), -EFAULT, "memory of no access");
	munmap(memory, size);
}

static void limits(void)
{
	struct io_uring ring;
	struct reason why;

	if (uring_start(&ring, 4, &why)) {
		skip(why.text, "more than 1 GiB");
		return;
	}
	too_large(&ring);
	io_uring_queue_exit(&ring);
}

#else

static void limits(void)
{
	skip(LIBURING_REASON, "more than 1 GiB");
}

#endif

int main(void)
{
	limits();
	return done_testing();
}
