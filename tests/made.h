/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that has what the probes are to find: pages that nothing pins, that a pipe
 * holds, that an io_uring has registered, PMD-mapped, split and shared ones.
 */
#ifndef MADE_H
#define MADE_H

#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "config.h"
#include "factory.h"
#include "procfs/pagemap.h"

#if HAVE_LIBURING
#include <liburing.h>
#endif

#define PAGE ((size_t)4096)
#define HUGE ((size_t)2 << 20)
#define RING_PAGES 4

/* What the factory made; it tells by writing this. */
struct made {
	uint64_t idle, spliced, fixed, cached, shared; /* base pages; fixed: RING_PAGES */
	uint64_t huge, huge_fixed, split;              /* 2 MiB each, 0: no THP was given */
	int ring, pipe;                                /* descriptors, -1: none */
};

static void *map(size_t size, int advice)
{
	char *memory = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			    0);

	if (memory == MAP_FAILED)
		return NULL;
	memory = (char *)(((uintptr_t)memory + size - 1) & ~(uintptr_t)(size - 1));
	madvise(memory, size, advice);
	memset(memory, 0x5a, size);
	return memory;
}

/* A PMD-mapped THP, or NULL. */
static void *map_huge(void)
{
	char *memory = map(HUGE, MADV_HUGEPAGE);
	struct pagemap pagemap;
	uint64_t entry = 0, flags = 0;

	if (!memory || pagemap_open(&pagemap, 0))
		return NULL;
	pagemap_read(&pagemap, (uintptr_t)memory, 1, &entry);
	pagemap_close(&pagemap);
	kpage_read("/proc/kpageflags", pagemap_pfn(entry), 1, &flags);
	return flags >> KPF_THP & 1 ? memory : NULL;
}

#if HAVE_LIBURING
static int make_ring(void *fixed, void *huge)
{
	struct iovec buffers[2] = { { fixed, RING_PAGES * PAGE }, { huge, HUGE } };
	static struct io_uring ring;

	if (io_uring_queue_init(4, &ring, 0) ||
	    io_uring_register_buffers(&ring, buffers, huge ? 2 : 1))
		return -1;
	return ring.ring_fd;
}
#else
static int make_ring(void *fixed, void *huge)
{
	(void)fixed;
	(void)huge;
	return -1;
}
#endif

static void *made_memory(uint64_t address)
{
	return (void *)(uintptr_t)address;
}

static uint64_t at(const void *memory)
{
	return (uintptr_t)memory;
}

/* A batch of a CPU has a reference to pages that were just faulted: have it drained. */
static void drain(void *memory)
{
	int node = 0, status;

	syscall(SYS_move_pages, 0, 1UL, &memory, &node, &status, MPOL_MF_MOVE);
}

/* For factory_begin(). */
static void make(int out, int until)
{
	struct made made = { .ring = -1, .pipe = -1 };
	struct iovec part;
	int pipe[2], memfd;
	void *memory;
	char c;

	/* The other process that maps it has none of what follows. */
	made.shared = at(map(PAGE, MADV_NOHUGEPAGE));
	if (!fork()) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(out);
		(void)!read(until, &c, 1);
		_exit(0);
	}
	made.idle = at(map(PAGE, MADV_NOHUGEPAGE));
	made.spliced = at(map(PAGE, MADV_NOHUGEPAGE));
	made.fixed = at(map(RING_PAGES * PAGE, MADV_NOHUGEPAGE));
	made.huge = at(map_huge());
	made.huge_fixed = at(map_huge());
	made.split = at(map_huge());
	if (made.split && mprotect(made_memory(made.split), HUGE / 2, PROT_READ))
		_exit(1);
	memfd = memfd_create("thpin-test", MFD_CLOEXEC);
	if (ftruncate(memfd, PAGE))
		_exit(1);
	memory = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	if (memory == MAP_FAILED)
		_exit(1);
	memset(memory, 0x5b, PAGE);
	made.cached = at(memory);
	made.ring = make_ring(made_memory(made.fixed), made_memory(made.huge_fixed));
	part = (struct iovec){ made_memory(made.spliced), PAGE };
	if (!pipe2(pipe, O_CLOEXEC) && vmsplice(pipe[1], &part, 1, 0) == PAGE)
		made.pipe = pipe[0];
	drain(made_memory(made.idle));
	factory_tell(out, until, &made, sizeof(made));
}

#endif
