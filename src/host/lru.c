// SPDX-License-Identifier: GPL-2.0-or-later
#include "host/lru.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* MPOL_MF_MOVE of numaif.h, which is libnuma's. */
#define MOVE_OWN 2

void lru_drain(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int node = 0, status;
	void *own = mmap(NULL, page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (own == MAP_FAILED)
		return;
	/* move_pages(2) drains all CPUs before it looks. */
	syscall(SYS_move_pages, 0, 1L, &own, &node, &status, MOVE_OWN);
	munmap(own, page);
}
