// SPDX-License-Identifier: GPL-2.0-or-later
// timeout: 60
// cores: 1
/*
 * Memory of a process that an io_uring itself works on: its queues, rings of provided
 * buffers, and its region for arguments. thpin inspect has to find it, and which pages
 * have parted; not what the kernel has the memory of. tests/vm/probe.sh runs this program
 * in guests, where --all makes a level that does not work a failure, and --some not.
 */
#include <sys/mman.h>
#include <sys/syscall.h>

#include "config.h"
#include "held_pages.h"

/* linux/io_uring.h, which may be older. */
#define NO_MMAP (1u << 14)
#define REGISTER_PBUF_RING 22u
#define REGISTER_MEM_REGION 34u
#define PBUF_MMAP 1u
#define PARAMS 120u      /* bytes of struct io_uring_params */
#define FLAGS 8u         /* of flags in it */
#define OFFSETS 40u      /* of struct io_sqring_offsets in struct io_uring_params */
#define USER_ADDRESS 32u /* of user_addr in that, and in io_cqring_offsets behind it */

/* Of queues of 512 entries: 64 bytes each; and what else there is of so many. */
#define ENTRIES 512u
#define PAGES 8u
#define QUEUE_PAGES 5u

enum thing_name { EARLY, LATE, ARGUMENTS, QUEUE, SUBMISSIONS, THINGS };

/* Of which @pages are pinned from start on, and the second has parted. */
struct thing {
	uint64_t start; /* 0: this kernel has none */
	unsigned pages, index;
	int refused; /* errno */
};

static const struct {
	const char *name, *lacks;
} things[THINGS] = {
	[EARLY] = { "a ring of provided buffers", "this kernel has none (Linux 5.19)" },
	[LATE] = { "... of a group with a large number", "this kernel has none (Linux 5.19)" },
	[ARGUMENTS] = { "a region for arguments", "this kernel has none (Linux 6.13)" },
	[QUEUE] = { "the queues of a ring made with NO_MMAP", "this kernel has none (Linux 6.5)" },
	[SUBMISSIONS] = { "... and its entries", "this kernel has none (Linux 6.5)" },
};

/* --- the factory ------------------------------------------------------------- */

/* Another page in the place of the second, if it could be made. */
static void part(struct thing *thing, char *memory, unsigned pages, long made)
{
	thing->refused = made < 0 ? errno : 0;
	if (made < 0)
		return;
	if (madvise(memory + PAGE, PAGE, MADV_DONTNEED))
		_exit(1);
	memory[PAGE] = 2;
	thing->start = (uintptr_t)memory;
	thing->pages = pages;
}

static void make_group(struct thing *thing, long ring, uint16_t group)
{
	char *memory = lone_memory(PAGES, -1);
	struct {
		uint64_t address;
		uint32_t entries;
		uint16_t group, flags;
		uint64_t reserved[3];
	} ours = { (uintptr_t)memory, PAGES * PAGE / 16, group, 0, { 0 } };

	thing->index = group;
	part(thing, memory, PAGES,
	     syscall(SYS_io_uring_register, ring, REGISTER_PBUF_RING, &ours, 1));
	/* And one that the kernel has the memory of, which is pinned by nobody (6.4). */
	ours.address = 0;
	ours.group++;
	ours.flags = PBUF_MMAP;
	syscall(SYS_io_uring_register, ring, REGISTER_PBUF_RING, &ours, 1);
}

static void make_arguments(struct thing *thing, long ring)
{
	char *memory = lone_memory(PAGES, -1);
	struct {
		uint64_t address, size;
		uint32_t flags, id;
		uint64_t offset, reserved[4];
	} region = { (uintptr_t)memory, PAGES * PAGE, 1, 0, 0, { 0 } };
	struct {
		uint64_t region, flags, reserved[2];
	} ours = { (uintptr_t)&region, 0, { 0 } };

	part(thing, memory, PAGES,
	     syscall(SYS_io_uring_register, ring, REGISTER_MEM_REGION, &ours, 1));
}

static void make_queues(struct thing *queue, struct thing *submissions)
{
	char *queues = lone_memory(QUEUE_PAGES, -1), *entries = lone_memory(PAGES, -1);
	uint64_t queues_address = (uintptr_t)queues, entries_address = (uintptr_t)entries;
	char params[PARAMS] = { 0 };
	uint32_t flags = NO_MMAP;
	long ring;

	memcpy(params + FLAGS, &flags, sizeof(flags));
	memcpy(params + OFFSETS + USER_ADDRESS, &entries_address, sizeof(entries_address));
	memcpy(params + 2 * OFFSETS + USER_ADDRESS, &queues_address, sizeof(queues_address));
	ring = syscall(SYS_io_uring_setup, ENTRIES, params);
	part(queue, queues, QUEUE_PAGES, ring);
	part(submissions, entries, PAGES, ring);
	submissions->index = 1;
}

static void make(int out, int until)
{
	struct thing made[THINGS] = { { .start = 0 } };
	char params[PARAMS] = { 0 };
	long ring = syscall(SYS_io_uring_setup, 1, params);

	if (ring < 0 || !HAVE_LIBURING) {
		for (unsigned i = 0; i < THINGS; i++)
			made[i].refused = ring < 0 ? errno : ENOTSUP;
	} else {
		make_group(&made[EARLY], ring, 3);
		make_group(&made[LATE], ring, 60000);
		make_arguments(&made[ARGUMENTS], ring);
		make_queues(&made[QUEUE], &made[SUBMISSIONS]);
	}
	factory_tell(out, until, made, sizeof(made));
}

/* --- what is found ----------------------------------------------------------- */

static void test_thing(const struct inspection *inspection, enum thing_name which,
		       const struct thing *thing)
{
	const char *name = things[which].name, *level = inspection->probe->ops->name;
	const struct holder *holder;

#if !HAVE_LIBURING
	if (!thing->start) {
		skip(LIBURING_REASON, "%s: %s", level, name);
		return;
	}
#endif
	if (!thing->start) {
		skip(thing->refused == EINVAL ? things[which].lacks : strerror(thing->refused),
		     "%s: %s", level, name);
		return;
	}
	holder = holder_at(inspection, thing->start);
	ok(holder && holder->kind == HOLDER_RING, "%s: %s", level, name);
	if (!holder)
		return;
	is_int(holder->index, thing->index, "%s: ... which of them", level);
	ok(holder->pages[SYNC_IN] == thing->pages - 1 && holder->pages[SYNC_OUT] == 1 &&
		   holder->first_bad == thing->start + PAGE,
	   "%s: ... and the page that has parted", level);
}

static unsigned test_things(const struct inspection *inspection, const void *made)
{
	const struct thing *all = made;
	unsigned wanted = 0;

	for (unsigned i = 0; i < THINGS; i++) {
		test_thing(inspection, i, &all[i]);
		wanted += all[i].start != 0;
	}
	return wanted;
}

int main(int argc, char **argv)
{
	struct thing made[THINGS];
	struct factory factory = factory_begin(make, made, sizeof(made));

	test_holders(factory.pid, argc > 1 && strcmp(argv[1], "--some") != 0, test_things, made);
	factory_end(&factory);
	return done_testing();
}
