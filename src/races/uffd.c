// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * userfaultfd(2) on pinned memory: write protection, which is mprotect() without
 * a VMA (garbage collectors, live migration, CRIU), and UFFDIO_MOVE, which
 * takes the pages to another address (heap compaction).
 */
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/host.h"
#include "host/userfault.h"
#include "races/control.h"
#include "races/half.h"
#include "util/io.h"

/* 0, -ENOTSUP with @lack when @features are not there, or why there is no userfaultfd. */
static int probe(uint64_t features, const char *lack, struct reason *why)
{
	int fd = userfault_open(features, 0, why);

	if (fd == -ENOTSUP)
		return fail(why, ENOTSUP, "%s", lack);
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* --- write protection -------------------------------------------------------- */

/* With SIGBUS a fault fails at once, as there is nobody who would handle it. */
#define WP_NEEDED (UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_SIGBUS)

static int wp_probe(const struct host *host, struct reason *why)
{
	(void)host;
	return probe(WP_NEEDED,
		     "userfaultfd does not write-protect here (since Linux 5.7 on x86, 5a281062af1d; 6.10 on arm64, 5b32510af77b)",
		     why);
}

static int write_protect(int fd, const void *at, size_t size, uint64_t mode, struct reason *why)
{
	struct uffdio_writeprotect range = {
		.range = { .start = (uintptr_t)at, .len = size },
		.mode = mode,
	};

	if (ioctl(fd, UFFDIO_WRITEPROTECT, &range))
		return fail_errno(why, errno, "UFFDIO_WRITEPROTECT");
	return 0;
}

/* Protected and not again; a page that stays writable meanwhile has no effect. */
static int toggle(struct race *race, unsigned char *at, size_t size, struct reason *why)
{
	int protected, err;

	err = write_protect(race->fd, at, size, UFFDIO_WRITEPROTECT_MODE_WP, why);
	protected = err ? err : refuses_stores(at + size - 1, why);
	if (protected < 0)
		return protected;
	err = write_protect(race->fd, at, size, 0, why);
	if (err || protected)
		return err;
	fail(why, EIO, "the memory stayed writable");
	return RACE_NO_EFFECT;
}

static int uffd_wp(struct race *race, struct reason *why)
{
	int effect;

	race->fd = userfault_open(WP_NEEDED, UFFD_FEATURE_WP_HUGETLBFS_SHMEM, why);
	if (race->fd < 0)
		return race->fd;
	effect = userfault_register(race->fd, race->region->base, race->region->size,
				    UFFDIO_REGISTER_MODE_WP, why);
	if (!effect)
		effect = for_each_half(race, toggle, why);
	if (!effect) {
		outcome_event(race->outcome, ACTOR_PARENT,
			      "write-protects the upper half by userfaultfd and makes it writable again");
		race_write_pages(race, 0, race->region->pages);
	}
	close_fd(&race->fd);
	return effect;
}

/* --- UFFDIO_MOVE -------------------------------------------------------------- */

static int move_probe(const struct host *host, struct reason *why)
{
	(void)host;
	return probe(UFFD_FEATURE_MOVE, "this kernel has no UFFDIO_MOVE (Linux 6.8, adef440691ba)",
		     why);
}

/* What the mover works on; in memory that it shares with the worker. */
struct move {
	int fd;
	const struct region *from, *to;
	volatile size_t moved; /* bytes */
	volatile int err;      /* positive errno */
	pid_t parent;
};

/*
 * On behalf of the worker, in its address space. Nothing here may use errno,
 * which is that of the worker as well; and it ends by returning from the stack that
 * clone() was given, since AddressSanitizer warns of a noreturn call on any but its own.
 */
static int mover(void *context)
{
	struct move *move = context;
	size_t most = SIZE_MAX, half = move->from->host->thp_size / 2;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != move->parent)
		return 1;
	while (move->moved < move->from->size) {
		size_t left = move->from->size - move->moved;
		struct uffdio_move part = {
			.dst = (uintptr_t)move->to->base + move->moved,
			.src = (uintptr_t)move->from->base + move->moved,
			.len = left < most ? left : most,
		};
		int failed = ioctl(move->fd, UFFDIO_MOVE, &part);

		if (part.move > 0)
			move->moved += (size_t)part.move;
		/* The parts of thp-mremapped are VMAs of their own, and none may be left. */
		if (failed && part.move == -EINVAL && part.len > half) {
			most = half;
			continue;
		}
		if (failed && part.move <= 0) {
			move->err = part.move < 0 ? (int)-part.move : EIO;
			break;
		}
	}
	return 0;
}

/* A third of the time that daemons of the kernel get: it is quick, or never done. */
static uint64_t patience_of(const struct race *race)
{
	return race_patience(race) / 3;
}

#define MOVER_STACK (64 << 10)

/*
 * Linux 6.8 and later can retry for ever inside the ioctl, until the process is
 * killed: so a process that can be spared. Returns 0, or -ETIMEDOUT when it had
 * to be killed.
 */
static int move_patiently(struct move *move, uint64_t patience, struct reason *why)
{
	uint64_t deadline = clock_ns() + patience;
	unsigned char *stack = malloc(MOVER_STACK);
	pid_t pid, done;

	if (!stack)
		return fail_errno(why, ENOMEM, "stack");
	move->parent = getpid();
	pid = clone(mover, stack + MOVER_STACK, CLONE_VM | CLONE_FILES | SIGCHLD, move);
	if (pid < 0) {
		free(stack);
		return fail_errno(why, errno, "clone");
	}
	while (!(done = waitpid(pid, NULL, WNOHANG)) && clock_ns() < deadline)
		usleep(200);
	if (!done) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	free(stack);
	return done ? 0 : -ETIMEDOUT;
}

/* A place for all pages of @like, registered, where nothing is yet. */
static int make_place(int fd, const struct region *like, struct region *place, struct reason *why)
{
	int err;

	*place = (struct region){ .ops = like->ops,
				  .host = like->host,
				  .size = like->size,
				  .page_size = like->page_size,
				  .fd = -1 };
	err = region_map(place, why);
	return err ? err :
		     userfault_register(fd, place->base, place->size, UFFDIO_REGISTER_MODE_MISSING,
					why);
}

/* Move all that can be moved; pages that went have their new address from then on. */
static int move_region(struct race *race, struct region *region, struct move *move,
		       struct reason *why)
{
	struct region *to = malloc(sizeof(*to));
	int err;

	if (!to)
		return fail_errno(why, ENOMEM, "region");
	err = make_place(race->fd, region, to, why);
	if (err)
		return err;
	*move = (struct move){ .fd = race->fd, .from = region, .to = to };
	err = move_patiently(move, patience_of(race), why);
	for (size_t i = 0; i < move->moved / region->page_size; i++)
		region->page[i] = to->page[i];
	return err;
}

static int judge_move(const struct race *race, const struct move *pinned, int err,
		      const struct move *beside, struct reason *why)
{
	if (pinned->moved)
		return RACE_DONE;
	if (!beside->moved) {
		fail_errno(why, beside->err, "UFFDIO_MOVE moved nothing, pinned or not");
		return RACE_NO_EFFECT;
	}
	if (err == -ETIMEDOUT)
		fail(why, ETIMEDOUT,
		     "UFFDIO_MOVE was killed after %.1f s: a livelock in the kernel, which retries to split a pinned THP",
		     (double)patience_of(race) / 1e9);
	else
		fail_errno(why, pinned->err, "UFFDIO_MOVE");
	return RACE_REFUSED;
}

static int uffd_move(struct race *race, struct reason *why)
{
	struct move beside = { .err = 0 }, pinned = { .err = 0 };
	uint64_t deadline;
	int err;

	race->fd = userfault_open(UFFD_FEATURE_MOVE, 0, why);
	if (race->fd < 0)
		return race->fd;
	deadline = clock_ns() + patience_of(race) / 4;
	err = move_region(race, &race->control, &beside, why);
	/* A folio that is still being written to swap is not to be had. */
	while (!err && !beside.moved && beside.err == EBUSY && clock_ns() < deadline) {
		usleep(1000);
		err = move_region(race, &race->control, &beside, why);
	}
	if (!err || err == -ETIMEDOUT)
		err = move_region(race, race->region, &pinned, why);
	close_fd(&race->fd);
	if (err && err != -ETIMEDOUT)
		return err;
	outcome_event(race->outcome, ACTOR_PARENT,
		      "moves its pages to another address (UFFDIO_MOVE): %zu pinned ones, %zu beside",
		      pinned.moved / race->region->page_size,
		      beside.moved / race->region->page_size);
	race_write_pages(race, 0, race->region->pages);
	return judge_move(race, &pinned, err, &beside, why);
}

const struct race_ops race_uffd_wp = {
	.name = "uffd-wp",
	.family = "protect",
	.help = "write-protect half by userfaultfd and undo it, write all",
	.needs = MEMORY_DIVISIBLE | MEMORY_SEVERAL,
	.probe = wp_probe,
	.run = uffd_wp,
};

const struct race_ops race_uffd_move = {
	.name = "uffd-move",
	.family = "move",
	.help = "UFFDIO_MOVE all pages to another address, write all",
	.level = LEVEL_SELECTED,
	.needs = MEMORY_ANON,
	.probe = move_probe,
	.before_pin = control_make,
	.run = uffd_move,
};
