// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the memory map (vmemmap) and the direct map lie is random (KASLR), and not
 * every kernel has symbols for it. So pages of our own are put where the kernel
 * keeps pointers to struct page and to data: vmsplice(2) leaves the former in the
 * pipe, and the struct file of the pipe is data. Nothing is taken for true that
 * was not seen to hold for other pages as well.
 */
#include "inspect/probe/calibrate.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "procfs/pagemap.h"
#include "util/io.h"

/* Two give the base, or contradict each other; the third is found by it. */
#define PAGES 3

/* The direct map begins at a multiple of it on x86-64, with and without KASLR. */
#define DIRECT_MAP_STEP (UINT64_C(1) << 30)
/* Below the address that it is sought from: 64 TiB */
#define DIRECT_MAP_STEPS 65536u

struct trial {
	struct probe *probe;
	size_t page_size;
	unsigned char *memory; /* PAGES pages, each with content of its own */
	uint64_t pfn[PAGES];
	int pipe[2];
	uint64_t file, pipe_info; /* kernel addresses of the pipe */
};

static unsigned char *own_page(const struct trial *trial, unsigned i)
{
	return trial->memory + i * trial->page_size;
}

static int begin(struct trial *trial, struct reason *why)
{
	size_t size;
	void *memory;

	trial->page_size = (size_t)sysconf(_SC_PAGESIZE);
	size = PAGES * trial->page_size;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return fail_errno(why, errno, "calibration: %zu bytes of memory", size);
	trial->memory = memory;
	madvise(memory, size, MADV_NOHUGEPAGE);
	/* Content that is nowhere else. */
	for (size_t at = 0; at < size; at += 256)
		if (getrandom(trial->memory + at, 256, 0) != 256)
			return fail_errno(why, errno, "calibration: getrandom");
	if (pipe2(trial->pipe, O_CLOEXEC))
		return fail_errno(why, errno, "calibration: pipe");
	return 0;
}

static void end(struct trial *trial)
{
	close_fd(&trial->pipe[0]);
	close_fd(&trial->pipe[1]);
	if (trial->memory)
		munmap(trial->memory, PAGES * trial->page_size);
}

/* Page @i goes into the pipe: from now on it has one more reference, and cannot move. */
static int splice_page(struct trial *trial, unsigned i, struct reason *why)
{
	struct iovec part = { own_page(trial, i), trial->page_size };
	ssize_t done = vmsplice(trial->pipe[1], &part, 1, SPLICE_F_NONBLOCK);

	if (done == (ssize_t)trial->page_size)
		return 0;
	return fail_errno(why, done < 0 ? errno : EIO, "calibration: vmsplice");
}

static int read_pfn(struct trial *trial, unsigned i, struct reason *why)
{
	struct pagemap pagemap;
	uint64_t entry;
	int err = pagemap_open(&pagemap, 0);

	if (!err)
		err = pagemap_read(&pagemap, (uintptr_t)own_page(trial, i), 1, &entry);
	pagemap_close(&pagemap);
	if (err)
		return fail_errno(why, -err, "calibration: /proc/self/pagemap");
	trial->pfn[i] = pagemap_pfn(entry);
	if (trial->pfn[i])
		return 0;
	return fail(why, EPERM,
		    "calibration: /proc/self/pagemap hides page frame numbers: CAP_SYS_ADMIN in "
		    "the initial user namespace is needed");
}

static int find_pipe(struct trial *trial, struct reason *why)
{
	struct probe_file file;
	int err = probe_own_file(trial->probe, trial->pipe[1], &file, why);

	if (err)
		return err;
	trial->file = file.file;
	trial->pipe_info = file.private_data;
	return 0;
}

/* The address of the struct page in buffer @slot of the pipe. */
static int read_slot(struct trial *trial, unsigned slot, uint64_t *page, struct reason *why)
{
	struct probe *probe = trial->probe;
	uint64_t buffers, tail, slots;
	struct member member;
	uint32_t size;
	int err;

	err = probe_read_member(probe, trial->pipe_info, "pipe_inode_info.bufs", &buffers, why);
	if (!err)
		err = probe_read_member(probe, trial->pipe_info, "pipe_inode_info.tail", &tail,
					why);
	if (!err)
		err = probe_read_member(probe, trial->pipe_info, "pipe_inode_info.ring_size",
					&slots, why);
	if (err)
		return err;
	if (!slots || slots & (slots - 1) || slots > 1024 ||
	    types_size(&probe->types, "pipe_buffer", &size) ||
	    types_member(&probe->types, "pipe_buffer.page", &member) || member.size != 8)
		return fail(why, EPROTO, "calibration: what was found is no pipe");
	return probe_read(probe, buffers + ((tail + slot) & (slots - 1)) * size + member.offset,
			  page, sizeof(*page), why);
}

static int find_vmemmap(struct trial *trial, struct reason *why)
{
	uint64_t size = trial->probe->pages.size, base[2];

	for (unsigned i = 0; i < 2; i++) {
		uint64_t page = 0;
		int err = splice_page(trial, i, why);

		if (!err)
			err = read_pfn(trial, i, why);
		if (!err && !i)
			err = find_pipe(trial, why);
		if (!err)
			err = read_slot(trial, i, &page, why);
		if (err)
			return err;
		base[i] = page - trial->pfn[i] * size;
	}
	if (trial->pfn[0] == trial->pfn[1])
		return fail(why, EPROTO, "calibration: two pages have one page frame number");
	/* Without SPARSEMEM_VMEMMAP struct pages lie in pieces: nothing else would fit then. */
	if (base[0] != base[1] || !base[0])
		return fail(why, EPROTO,
			    "calibration: two pages contradict each other on where struct pages "
			    "lie (is this SPARSEMEM without VMEMMAP?)");
	trial->probe->vmemmap = base[0];
	return 0;
}

/*
 * The third page was in no pipe so far: its struct page is where the base says,
 * and has one reference more as soon as it is in the pipe. The struct page of
 * another one would neither have the address as its index nor change. A page that
 * has just been touched has another reference, until the kernel drains the batch
 * that it is in.
 */
static int prove_vmemmap(struct trial *trial, struct reason *why)
{
	struct page_state before, after;
	bool anew = false;
	int err;

	/* The pages stay where they are only while something holds them. */
	for (unsigned attempt = 0; attempt < 8 && !anew; attempt++) {
		bool same;

		err = read_pfn(trial, 2, why);
		if (!err)
			err = probe_pages(trial->probe, trial->pfn[2], 1, &before, why);
		if (!err)
			err = splice_page(trial, 2, why);
		if (!err)
			err = probe_pages(trial->probe, trial->pfn[2], 1, &after, why);
		if (err)
			return err;
		same = before.folio.index == after.folio.index &&
		       after.folio.index == (uintptr_t)own_page(trial, 2) / trial->page_size;
		if (same && after.folio.flags & FOLIO_ANON && after.mapcount == 1 &&
		    after.folio.refcount == before.folio.refcount + 1)
			anew = true;
	}
	if (!anew)
		return fail(why, EPROTO,
			    "calibration: the struct page found for a page of our own does not "
			    "change as it is made to");
	return 0;
}

/* Whether @base shows the content of all pages. */
static bool shows_content(struct trial *trial, uint64_t base)
{
	unsigned char found[256];

	for (unsigned i = 0; i < PAGES; i++) {
		uint64_t address = base + trial->pfn[i] * trial->page_size;

		/* The page as a whole, in parts that fit on the stack. */
		for (size_t at = 0; at < trial->page_size; at += sizeof(found))
			if (trial->probe->ops->read(trial->probe, address + at, found,
						    sizeof(found)) ||
			    memcmp(found, own_page(trial, i) + at, sizeof(found)))
				return false;
	}
	return true;
}

/*
 * A struct file is allocated by kmem_cache_alloc(), so lies in the direct map:
 * its start is below, at a multiple of the step, and at most as far as memory is
 * large.
 */
static void find_direct_map(struct trial *trial)
{
	struct probe *probe = trial->probe;
	uint64_t base = trial->file & ~(DIRECT_MAP_STEP - 1);

	for (unsigned step = 0; step < DIRECT_MAP_STEPS && base; step++) {
		if (shows_content(trial, base)) {
			probe->direct_map = base;
			return;
		}
		base -= DIRECT_MAP_STEP;
	}
	fail(&probe->no_direct_map, EPROTO,
	     "calibration: no direct map of physical memory was found that shows pages of our own");
}

int calibrate(struct probe *probe, struct reason *why)
{
	struct trial trial = { .probe = probe, .pipe = { -1, -1 } };
	int err = begin(&trial, why);

	if (!err)
		err = find_vmemmap(&trial, why);
	if (!err)
		err = prove_vmemmap(&trial, why);
	if (err)
		probe->vmemmap = 0;
	else
		find_direct_map(&trial);
	end(&trial);
	return err;
}
