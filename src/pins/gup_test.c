// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel's own test driver of get_user_pages(): FOLL_PIN | FOLL_LONGTERM, by
 * pin_user_pages() or pin_user_pages_fast(), with and without FOLL_WRITE, held
 * until told otherwise (mm/gup_test.c, since Linux 6.2; used by
 * tools/testing/selftests/mm/cow.c and gup_longterm.c). It can read the pages
 * that it holds, and not write to them. One pin at a time on the whole machine.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "host/host.h"
#include "host/symbols.h"
#include "memory/memory.h"
#include "pins/pins.h"
#include "util/io.h"

#define DEBUGFS "/sys/kernel/debug"
#define GUP_TEST DEBUGFS "/gup_test"

/* mm/gup_test.h of the kernel, which is not among the headers that it installs. */
struct longterm_test {
	__u64 address;
	__u64 size;
	__u32 flags;
};

#define LONGTERM_START _IOW('g', 7, struct longterm_test)
#define LONGTERM_STOP _IO('g', 8)
#define LONGTERM_READ _IOW('g', 9, __u64)
#define LONGTERM_WRITABLE 1
#define LONGTERM_FAST 2

extern const struct pin_ops pin_gup_test_fast, pin_gup_test_fast_ro;

struct gup_test {
	int fd;
	bool held;
};

static enum pin_class gup_test_class(const struct host *host)
{
	(void)host;
	return PIN_CLASS_LONGTERM;
}

static int gup_test_probe(const struct host *host, struct reason *why)
{
	struct statfs mounted;

	if (host->kernel < KERNEL(6, 2))
		return fail(why, ENOTSUP,
			    "gup_test holds pins since Linux 6.2 only (with CONFIG_GUP_TEST)");
	if (!access(GUP_TEST, R_OK | W_OK))
		return 0;
	if (errno != ENOENT)
		return fail_errno(why, errno, GUP_TEST " (needs root)");
	if (!kernel_has_function("gup_test_ioctl"))
		return fail(why, ENODEV,
			    "this kernel has no gup_test: CONFIG_GUP_TEST is not set, it needs "
			    "another one (thpin boot --kernel)");
	if (statfs(DEBUGFS, &mounted) || mounted.f_type != DEBUGFS_MAGIC)
		return fail(why, ENOENT,
			    "debugfs is not mounted (mount -t debugfs debugfs " DEBUGFS ")");
	return fail_errno(why, ENOENT, GUP_TEST);
}

static int gup_test_take(struct pin *pin, struct region *region, struct reason *why)
{
	bool fast = pin->ops == &pin_gup_test_fast || pin->ops == &pin_gup_test_fast_ro;
	struct longterm_test test = {
		.address = (uintptr_t)region->base,
		.size = region->size,
		.flags = (pin->ops->write_pin ? LONGTERM_WRITABLE : 0) | (fast ? LONGTERM_FAST : 0),
	};
	struct gup_test *state = calloc(1, sizeof(*state));

	if (!state)
		return fail_errno(why, ENOMEM, GUP_TEST);
	pin->private = state;
	state->fd = open(GUP_TEST, O_RDWR | O_CLOEXEC);
	if (state->fd < 0)
		return fail_errno(why, errno, GUP_TEST);
	state->held = !ioctl(state->fd, LONGTERM_START, &test);
	if (state->held)
		return 0;
	return fail_errno(why, errno, GUP_TEST ": cannot pin %zu KiB%s", region->size / 1024,
			  errno == EINVAL ? " (does another program use it?)" : "");
}

/* The kernel copies all pages, one after the other, to one place. */
static int gup_test_device_read(struct pin *pin, struct reason *why)
{
	struct gup_test *state = pin->private;
	__u64 to = (uintptr_t)pin->device;

	return ioctl(state->fd, LONGTERM_READ, &to) ? fail_errno(why, errno, GUP_TEST ": read") : 0;
}

static void gup_test_drop(struct pin *pin)
{
	struct gup_test *state = pin->private;

	if (!state)
		return;
	if (state->held)
		ioctl(state->fd, LONGTERM_STOP);
	close_fd(&state->fd);
	/* Taken again and again by some races. */
	free(state);
	pin->private = NULL;
}

#define GUP_TEST_OPS                                                                         \
	.directions = DEVICE_READS, .level = LEVEL_SELECTED, .class = gup_test_class,        \
	.probe = gup_test_probe, .take = gup_test_take, .device_read = gup_test_device_read, \
	.drop = gup_test_drop, .repeatable = true

const struct pin_ops pin_gup_test_slow = {
	.name = "gup-test-slow",
	.help = "gup_test of the kernel: long-term pin for writing, by pin_user_pages()",
	.held_by = "gup_test of the kernel",
	.write_pin = true,
	GUP_TEST_OPS,
};

const struct pin_ops pin_gup_test_fast = {
	.name = "gup-test-fast",
	.help = "gup_test: long-term pin for writing, by pin_user_pages_fast()",
	.held_by = "gup_test of the kernel, by GUP-fast",
	.write_pin = true,
	GUP_TEST_OPS,
};

const struct pin_ops pin_gup_test_slow_ro = {
	.name = "gup-test-slow-ro",
	.help = "gup_test: long-term pin for reading, by pin_user_pages()",
	.held_by = "gup_test of the kernel, read-only",
	GUP_TEST_OPS,
};

const struct pin_ops pin_gup_test_fast_ro = {
	.name = "gup-test-fast-ro",
	.help = "gup_test: long-term pin for reading, by pin_user_pages_fast()",
	.held_by = "gup_test of the kernel, read-only, by GUP-fast",
	GUP_TEST_OPS,
};
