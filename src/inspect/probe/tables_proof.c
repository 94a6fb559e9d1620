// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Are page tables what tables.c takes them for? How many levels there are is what
 * the kernel says of address spaces; where tables lie, and what is in their entries,
 * has to show in tables of our own, before and after pages are touched. A kernel
 * whose tables have machine addresses (Xen) or marks of encryption (SEV) in them,
 * or are of another kind, does not get that far.
 */
#include "inspect/probe/tables.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)

#define GIB (UINT64_C(1) << 30)

/* Of a mapping of three, two are whole tables of PMDs: one to be used, one to stay away. */
#define RESERVED (3 * GIB)
#define SHOWN (2 * GIB)

/* The pages that are touched, in the first GiB; the last one is the last of it. */
#define PAGES 2u
static const uint64_t places[PAGES] = { 5 * TABLES_SLOT + 3 * UINT64_C(4096),
					GIB - UINT64_C(4096) };

struct trial {
	struct probe *probe;
	struct pagemap pagemap; /* our own */
	char *memory;           /* RESERVED bytes */
	uint64_t start;         /* the first whole GiB of it */
	uint64_t top;
	struct reason *why;
};

/*
 * TASK_SIZE of a 64-bit process is 2^47 or, with five levels, 2^56 bytes but for the
 * last page (arch/x86/include/asm/page_64.h, processor.h).
 */
static int read_levels(struct trial *trial, uint64_t mm)
{
	uint64_t size;
	int err = probe_read_member(trial->probe, mm, "mm_struct.task_size", &size, trial->why);

	if (err)
		return err;
	size += trial->pagemap.page_size;
	if (size == UINT64_C(1) << 47)
		trial->probe->table_levels = 4;
	else if (size == UINT64_C(1) << 56)
		trial->probe->table_levels = 5;
	else
		return fail(trial->why, EPROTO,
			    "page tables: processes have 0x%llx bytes here, which is neither four "
			    "nor five levels",
			    (unsigned long long)size);
	return 0;
}

static int take_mm(const struct probe_task *task, void *context)
{
	*(uint64_t *)context = task->mm;
	return 1;
}

static int begin(struct trial *trial)
{
	uint64_t mm = 0, found = 0;
	struct probe_file file;
	void *memory;
	int err;

	if (!probe_reads(trial->probe) || !trial->probe->direct_map)
		return fail(trial->why, EOPNOTSUPP, "page tables: the direct map is not known");
	err = pagemap_open(&trial->pagemap, 0);
	if (err)
		return fail_errno(trial->why, -err, "page tables: /proc/self/pagemap");
	if (trial->pagemap.page_size != 4096)
		return fail(trial->why, EPROTO, "page tables: a page has %zu bytes",
			    trial->pagemap.page_size);
	/* The same by two ways: see tables_top(). */
	err = probe_own_file(trial->probe, trial->pagemap.fd, &file, trial->why);
	if (!err)
		err = probe_tasks(trial->probe, getpid(), take_mm, &mm, trial->why);
	if (err < 0)
		return err;
	if (!mm || file.private_data != mm)
		return fail(trial->why, EPROTO,
			    "page tables: an open pagemap does not say whose it is");
	err = read_levels(trial, mm);
	if (!err)
		err = tables_top(trial->probe, &trial->pagemap, &trial->top, trial->why);
	if (err)
		return err;
	/* Not writable, so that none of it counts as used, whatever vm.overcommit_memory is. */
	memory = mmap(NULL, RESERVED, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		      0);
	if (memory == MAP_FAILED)
		return fail_errno(trial->why, errno, "page tables: 3 GiB of addresses");
	trial->memory = memory;
	found = ((uintptr_t)memory + GIB - 1) & ~(GIB - 1);
	trial->start = found;
	return 0;
}

static void end(struct trial *trial)
{
	pagemap_close(&trial->pagemap);
	if (trial->memory)
		munmap(trial->memory, RESERVED);
}

/* Whether the tables show the slots of the first @count places, and no others. */
static bool shows(struct trial *trial, unsigned count)
{
	uint64_t bits[TABLES_SLOTS / 64] = { 0 }, wanted[TABLES_SLOTS / 64] = { 0 };

	for (unsigned i = 0; i < count; i++) {
		uint64_t slot = (trial->start + places[i]) % TABLES_WINDOW / TABLES_SLOT;

		wanted[slot / 64] |= UINT64_C(1) << slot % 64;
	}
	/* Each GiB by itself: there may be the end of a window between them. */
	for (uint64_t at = 0; at < SHOWN; at += GIB)
		tables_mark(trial->probe, trial->top, trial->start + at, trial->start + at + GIB,
			    bits);
	return !memcmp(bits, wanted, sizeof(bits));
}

/* Whether all of a slot is to tables what it is to pagemap: @place has a page, or none has. */
static bool agrees(struct trial *trial, uint64_t slot, const uint64_t *place)
{
	uint64_t entries[TABLES_SLOT / 4096], table_entry;

	if (pagemap_read(&trial->pagemap, trial->start + slot, TABLES_SLOT / 4096, entries))
		return false;
	for (uint64_t i = 0; i < TABLES_SLOT / 4096; i++) {
		uint64_t address = slot + i * 4096;
		bool present = entries[i] & PM_PRESENT;

		if (present != (place && *place == address))
			return false;
		if (!present)
			continue;
		if (tables_entry(trial->probe, trial->top, trial->start + address, &table_entry) ||
		    !pagemap_pfn(entries[i]) || tables_pfn(table_entry) != pagemap_pfn(entries[i]))
			return false;
	}
	return true;
}

static int touch(struct trial *trial, uint64_t place)
{
	char *page = (char *)(uintptr_t)(trial->start + place); // NOLINT(performance-no-int-to-ptr)

	if (mprotect(page, 4096, PROT_READ | PROT_WRITE))
		return fail_errno(trial->why, errno, "page tables: mprotect");
	*(volatile char *)page = 1;
	return 0;
}

static int prove(struct trial *trial)
{
	bool proven = shows(trial, 0);
	int err = 0;

	for (unsigned i = 0; proven && !err && i < PAGES; i++) {
		uint64_t slot = places[i] & ~(TABLES_SLOT - 1);

		proven = agrees(trial, slot, NULL);
		err = touch(trial, places[i]);
		proven = proven && !err && shows(trial, i + 1) && agrees(trial, slot, &places[i]);
	}
	/* What is shown to be empty is: next to a page, in a table, and without one. */
	proven = proven && agrees(trial, 6 * TABLES_SLOT, NULL) &&
		 agrees(trial, GIB + 7 * TABLES_SLOT, NULL);
	if (err || proven)
		return err;
	return fail(trial->why, EPROTO,
		    "page tables: those of this process do not show the pages that it has");
}

static int try(struct probe *probe, struct reason *why)
{
	struct trial trial = { .probe = probe, .pagemap.fd = -1, .why = why };
	int err = begin(&trial);

	if (!err)
		err = prove(&trial);
	end(&trial);
	return err;
}

#else

static int try(struct probe *probe, struct reason *why)
{
	(void)probe;
	return fail(why, EOPNOTSUPP, "page tables are known of x86-64 only");
}

#endif

int tables_prove(struct probe *probe, struct reason *why)
{
	if (!probe->tables_tried) {
		probe->tables_err = try(probe, &probe->no_tables);
		probe->tables_tried = true;
	}
	if (!probe->tables_err)
		return 0;
	probe->table_levels = 0;
	*why = probe->no_tables;
	return probe->tables_err;
}

int tables_top(struct probe *probe, const struct pagemap *pagemap, uint64_t *top,
	       struct reason *why)
{
	struct probe_file file;
	int err = probe_own_file(probe, pagemap->fd, &file, why);

	/* pagemap_open(), fs/proc/task_mmu.c: the struct mm, with a reference to it. */
	return err ? err : probe_read_member(probe, file.private_data, "mm_struct.pgd", top, why);
}
