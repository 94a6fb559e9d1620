// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pages that vmsplice() put into a pipe: the pipe's buffers with the operations
 * of user pages (user_page_pipe_buf_ops, fs/splice.c). A buffer says which page,
 * not where it was mapped.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "host/host.h"
#include "inspect/compare.h"
#include "inspect/holders.h"
#include "inspect/home.h"
#include "util/io.h"

/* Slots of a pipe: more than /proc/sys/fs/pipe-max-size allows by default, 1 MiB. */
#define SLOTS_MAX (1u << 20)

struct pipe_layout {
	uint64_t f_op;
	uint64_t user_page_ops;
	struct member head, tail, ring_size, slots;
	struct member slot_page, slot_ops;
	uint32_t slot_size;
};

static int learn_layout(struct types *types, struct pipe_layout *layout)
{
	int err = types_member(types, "pipe_inode_info.head", &layout->head);

	err |= types_member(types, "pipe_inode_info.tail", &layout->tail);
	err |= types_member(types, "pipe_inode_info.ring_size", &layout->ring_size);
	err |= types_member(types, "pipe_inode_info.bufs", &layout->slots);
	err |= types_member(types, "pipe_buffer.page", &layout->slot_page);
	err |= types_member(types, "pipe_buffer.ops", &layout->slot_ops);
	err |= types_size(types, "pipe_buffer", &layout->slot_size);
	return err ? -ENOENT : 0;
}

/* What the used slots of a pipe are: at most one a page, in order. */
struct slots {
	uint64_t *pages, *ops;
	size_t count;
};

static int read_slots(struct search *search, const struct pipe_layout *layout, uint64_t pipe,
		      struct slots *slots, struct reason *why)
{
	uint64_t head, tail = 0, size, at;
	uint32_t used;
	unsigned char *raw = NULL;
	int err;

	*slots = (struct slots){ .pages = NULL };
	err = read_member(search->probe, pipe, layout->head, &head, why);
	if (!err)
		err = read_member(search->probe, pipe, layout->tail, &tail, why);
	if (!err)
		err = read_member(search->probe, pipe, layout->ring_size, &size, why);
	if (!err)
		err = read_member(search->probe, pipe, layout->slots, &at, why);
	if (err || head == tail)
		return err;
	/* Both count on and wrap around; they may have been read at different times. */
	used = (uint32_t)(head - tail);
	if (!size || size & (size - 1) || size > SLOTS_MAX || used > size)
		return fail(why, EAGAIN, "a pipe changed while it was read");
	slots->count = used;
	raw = malloc(size * layout->slot_size);
	slots->pages = calloc(slots->count, sizeof(*slots->pages));
	slots->ops = calloc(slots->count, sizeof(*slots->ops));
	err = raw && slots->pages && slots->ops ? 0 : fail_errno(why, ENOMEM, "pipe");
	if (!err)
		err = probe_read(search->probe, at, raw, size * layout->slot_size, why);
	for (size_t i = 0; !err && i < slots->count; i++) {
		const unsigned char *slot = raw + ((tail + i) & (size - 1)) * layout->slot_size;

		memcpy(&slots->pages[i], slot + layout->slot_page.offset, sizeof(uint64_t));
		memcpy(&slots->ops[i], slot + layout->slot_ops.offset, sizeof(uint64_t));
	}
	free(raw);
	return err;
}

static void free_slots(struct slots *slots)
{
	free(slots->pages);
	free(slots->ops);
}

/* A page of ours in a pipe of ours shows what both look like. */
static int learn_own(struct search *search, struct pipe_layout *layout, int pipe[2],
		     struct reason *why)
{
	size_t page = search->inspection->host->page_size;
	struct probe_file file = { .fd = -1 };
	struct iovec own = { .iov_len = page };
	struct slots slots = { .pages = NULL };
	int err;

	own.iov_base = mmap(NULL, page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (own.iov_base == MAP_FAILED)
		return fail_errno(why, errno, "mmap");
	if (vmsplice(pipe[1], &own, 1, 0) < 0) {
		err = fail_errno(why, errno, "vmsplice");
	} else {
		err = probe_own_file(search->probe, pipe[0], &file, why);
		if (!err)
			err = read_slots(search, layout, file.private_data, &slots, why);
		if (!err && slots.count != 1)
			err = fail(why, EBADMSG, "a pipe with one page seems to have %zu",
				   slots.count);
	}
	if (!err) {
		layout->f_op = file.f_op;
		layout->user_page_ops = slots.ops[0];
	}
	free_slots(&slots);
	munmap(own.iov_base, page);
	return err;
}

static int learn_pipe(struct search *search, void **state, struct reason *why)
{
	struct pipe_layout *layout = calloc(1, sizeof(*layout));
	int pipe[2], err;

	if (!layout)
		return fail_errno(why, ENOMEM, "pipe");
	if (learn_layout(&search->probe->types, layout))
		err = fail(why, ENOENT, "this kernel's pipes are like none that are known");
	else if (pipe2(pipe, O_CLOEXEC))
		err = fail_errno(why, errno, "pipe");
	else {
		err = learn_own(search, layout, pipe, why);
		close(pipe[0]);
		close(pipe[1]);
	}
	if (err)
		free(layout);
	else
		*state = layout;
	return err;
}

/* A page in the pipe, and where it belongs. */
struct spliced {
	uint64_t address; /* 0: not known */
	uint64_t pfn;
	bool cached; /* the page cache has it */
	bool lost;   /* its file gave it up: only its neighbours know where it was */
};

static int by_address(const void *a, const void *b)
{
	const struct spliced *one = a, *other = b;

	return (one->address > other->address) - (one->address < other->address);
}

/*
 * Of a page that its file has lost, @distance from another of the pipe: the neighbour
 * tells where, if that is of the same file.
 */
static void ask_neighbour(const struct search *search, struct spliced *spliced,
			  const struct spliced *neighbour, int64_t distance)
{
	const struct vma_list *vmas = &search->inspection->vmas;
	uint64_t address = neighbour->address + (uint64_t)distance;
	const struct vma *its = maps_find(vmas, neighbour->address);
	const struct vma *here = maps_find(vmas, address);

	if (!spliced->lost || spliced->address || !neighbour->address ||
	    !(neighbour->cached || neighbour->lost) || !its || !here || !here->inode)
		return;
	if (here == its || (here->inode == its->inode && here->device_major == its->device_major &&
			    here->device_minor == its->device_minor))
		spliced->address = address;
}

static void ask_neighbours(const struct search *search, struct spliced *spliced, size_t count)
{
	int64_t page_size = (int64_t)search->inspection->host->page_size;

	for (size_t i = 1; i < count; i++)
		ask_neighbour(search, &spliced[i], &spliced[i - 1], page_size);
	for (size_t i = count; i-- > 1;)
		ask_neighbour(search, &spliced[i - 1], &spliced[i], -page_size);
}

/* What was in the page cache stays on a list of pages to be reclaimed, but for hugetlb. */
static bool is_lost(const struct folio *folio)
{
	return folio->refcount > 0 && !folio->mapping && !(folio->flags & FOLIO_RESERVED) &&
	       folio->flags & (FOLIO_LRU | FOLIO_HUGETLB);
}

/* The pages that came from user memory, with their home addresses, sorted. */
static int find_homes(struct search *search, const struct pipe_layout *layout,
		      const struct slots *slots, struct spliced *spliced, size_t *count,
		      struct reason *why)
{
	size_t homeless = 0;

	for (size_t i = 0; i < slots->count; i++) {
		struct spliced *next = &spliced[i];
		struct page_state state;
		int err;

		if (slots->ops[i] != layout->user_page_ops ||
		    probe_page_pfn(search->probe, slots->pages[i], &next->pfn))
			continue;
		err = probe_pages(search->probe, next->pfn, 1, &state, why);
		if (err)
			return err;
		next->cached = state.folio.refcount > 0 && state.folio.flags & FOLIO_CACHE;
		next->lost = is_lost(&state.folio);
		if (home_address(search, &state, next->pfn, &next->address))
			next->address = 0;
	}
	ask_neighbours(search, spliced, slots->count);
	qsort(spliced, slots->count, sizeof(*spliced), by_address);
	while (homeless < slots->count && !spliced[homeless].address)
		homeless++;
	*count = slots->count - homeless;
	memmove(spliced, spliced + homeless, *count * sizeof(*spliced));
	return 0;
}

/* Neighbouring pages as one holder. */
static int add_range(struct search *search, const struct probe_file *file,
		     const struct spliced *spliced, size_t count, unsigned index,
		     struct reason *why)
{
	size_t page_size = search->inspection->host->page_size;
	struct holder *holder = holders_add(search, HOLDER_PIPE, file);
	uint64_t *pfns = calloc(count, sizeof(*pfns));
	int err;

	if (!holder || !pfns) {
		free(pfns);
		return fail_errno(why, ENOMEM, "pipe");
	}
	for (size_t i = 0; i < count; i++)
		pfns[i] = spliced[i].pfn;
	holder->class = PIN_CLASS_GET;
	holder->confidence = CONFIDENCE_EXACT;
	holder->index = index;
	holder->start = spliced[0].address;
	holder->end = holder->start + count * page_size;
	err = compare_pages(search, holder, pfns, why);
	free(pfns);
	return err;
}

static int add_pages(struct search *search, const struct probe_file *file,
		     const struct spliced *spliced, size_t count, struct reason *why)
{
	bool of_target = file->tgid == search->inspection->target.pid;
	size_t page_size = search->inspection->host->page_size;
	unsigned index = 0;
	int err = 0;

	/* Other processes splice as well: one page must be seen to be the target's. */
	for (size_t i = 0; !of_target && i < count; i++)
		of_target = home_has(search, spliced[i].address, spliced[i].pfn);
	for (size_t first = 0, length; of_target && !err && first < count; first += length) {
		length = 1;
		while (first + length < count &&
		       spliced[first + length].address ==
			       spliced[first].address + length * page_size)
			length++;
		err = add_range(search, file, spliced + first, length, index++, why);
	}
	return err;
}

static int look_pipe(struct search *search, void *state, const struct probe_file *file,
		     struct reason *why)
{
	const struct pipe_layout *layout = state;
	struct spliced *spliced;
	struct slots slots;
	size_t count;
	int err;

	if (file->f_op != layout->f_op)
		return 0;
	err = read_slots(search, layout, file->private_data, &slots, why);
	if (err || !slots.count) {
		free_slots(&slots);
		return err;
	}
	spliced = calloc(slots.count, sizeof(*spliced));
	if (!spliced) {
		err = fail_errno(why, ENOMEM, "pipe");
	} else {
		err = find_homes(search, layout, &slots, spliced, &count, why);
		if (!err)
			err = add_pages(search, file, spliced, count, why);
	}
	free(spliced);
	free_slots(&slots);
	return err;
}

const struct holder_source holder_pipe = {
	.kind = HOLDER_PIPE,
	.learn = learn_pipe,
	.look = look_pipe,
};
