// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Holders where kernel memory cannot be read: what /proc says by itself. An io_uring
 * lists its registered buffers in fdinfo (io_uring/fdinfo.c), address and length; the
 * pages it has are not told, so that a page that is mapped may or may not be the one
 * that was pinned, and only one that is not mapped any more is known to be another.
 * RDMA netlink lists memory regions without even their addresses.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/host.h"
#include "inspect/claimed_rdma.h"
#include "inspect/compare.h"
#include "inspect/holders.h"
#include "procfs/fdinfo.h"
#include "util/io.h"

/* IORING_MAX_REG_BUFFERS */
#define BUFFERS_MAX (1u << 14)

#define RING "anon_inode:[io_uring]"

/* A ring that is busy does not list its buffers (before 7.0): it is asked again. */
#define ATTEMPTS 20
#define ATTEMPT_US 500

struct claims {
	struct search search;
	bool any; /* a ring has a descriptor */
	struct reason *why;
};

static bool is_ring(const struct probe_file *file)
{
	static const char name[] = RING;
	char path[48], link[sizeof(name)];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)file->tgid, file->fd);
	length = readlink(path, link, sizeof(link));
	return length == (ssize_t)sizeof(name) - 1 && !memcmp(link, name, sizeof(name) - 1);
}

/* The number of buffers, or -errno (-EBUSY: they were not listed). */
static int read_buffers(const struct probe_file *file, struct fdinfo_buffer *buffers)
{
	char path[48], *text;
	int count = -ENOENT;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", (int)file->tgid, file->fd);
	for (unsigned i = 0; i < ATTEMPTS && count == -ENOENT; i++) {
		int err = read_text(path, &text, NULL);

		if (err)
			return err;
		count = fdinfo_uring_buffers(text, buffers, BUFFERS_MAX);
		free(text);
		if (count == -ENOENT)
			usleep(ATTEMPT_US);
	}
	return count == -ENOENT ? -EBUSY : count;
}

static int add_claim(struct claims *claims, const struct probe_file *file,
		     const struct fdinfo_buffer *buffer)
{
	const struct inspection *inspection = claims->search.inspection;
	uint64_t page = inspection->host->page_size, end = buffer->address + buffer->length;
	struct holder *holder;
	int err;

	if (end < buffer->address || end > UINT64_MAX - page ||
	    buffer->length / page > HOLDER_PAGES_MAX)
		return 0;
	holder = holders_add(&claims->search, HOLDER_URING, file);
	if (!holder)
		return fail_errno(claims->why, ENOMEM, "io_uring buffer");
	holder->class = PIN_CLASS_LONGTERM;
	holder->confidence = CONFIDENCE_RANGE;
	holder->index = buffer->index;
	holder->edge = buffer->address % page || end % page;
	holder->start = buffer->address / page * page;
	holder->end = (end + page - 1) / page * page;
	err = compare_absence(inspection, holder, claims->why);
	/*
	 * Counted as pinned is what a ring has, for the process that made it
	 * (io_account_mem(), io_uring/rsrc.c), up to 7.1: this one has it from another,
	 * whose memory it may be.
	 */
	if (!err && !inspection->target.pinned_kb && inspection->host->kernel < KERNEL(7, 2))
		holder_unknown(holder);
	return err;
}

static int look_at(const struct probe_file *file, void *context)
{
	struct claims *claims = context;
	struct fdinfo_buffer *buffers;
	int count, err = 0;

	if (!is_ring(file))
		return 0;
	claims->any = true;
	buffers = calloc(BUFFERS_MAX, sizeof(*buffers));
	if (!buffers)
		return fail_errno(claims->why, ENOMEM, "io_uring buffers");
	count = read_buffers(file, buffers);
	if (count == -EBUSY)
		err = fail(claims->why, EBUSY,
			   "/proc/%d/fdinfo/%d does not list the buffers of a busy io_uring: try "
			   "again, or as root",
			   (int)file->tgid, file->fd);
	/* Closed meanwhile, or the process is gone: that is found out elsewhere. */
	for (int i = 0; !err && i < count; i++)
		err = add_claim(claims, file, &buffers[i]);
	free(buffers);
	return err;
}

/* What is in files that say nothing of it in /proc, and so cannot be looked for. */
static void note_blind(struct inspection *inspection)
{
	static const enum holder_kind kinds[] = {
		HOLDER_RING, HOLDER_XDP, HOLDER_PIPE, HOLDER_VFIO, HOLDER_UDMABUF,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		fail(&inspection->blind[kinds[i]], EOPNOTSUPP,
		     "needs kernel memory (see: thpin list probes)");
}

int holders_claimed(struct inspection *inspection, struct reason *why)
{
	struct claims claims = {
		.search = { .inspection = inspection, .probe = inspection->probe },
		.why = why,
	};
	int err = probe_files(inspection->probe, inspection->target.pid, look_at, &claims, why);

	note_blind(inspection);
	for (size_t i = 0; !err && !claims.any && i < inspection->vmas.count; i++)
		if (!strcmp(inspection->vmas.vmas[i].name, RING))
			fail(&inspection->blind[HOLDER_URING], ENOENT,
			     "one is mapped that has no descriptor, in which it would say what "
			     "buffers it has");
	return err ? err : claimed_regions(&claims.search, why);
}
