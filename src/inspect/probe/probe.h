/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_PROBE_H
#define THPIN_INSPECT_PROBE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "inspect/probe/page.h"
#include "inspect/probe/types.h"
#include "util/reason.h"

/*
 * A window into the running kernel, read-only: memory, page states, tasks, files
 * and VMAs, through one of several back ends. Nothing is stopped or locked while
 * it is read. What is returned was true at some moment, and two reads need not
 * fit together: bound every count that is read, read twice what matters.
 *
 * All functions return 0 or -errno with a reason. One that is not of this level
 * returns -EOPNOTSUPP.
 */

enum probe_level {
	PROBE_AUTO,  /* the first of these that works */
	PROBE_BPF,   /* reads by BPF programs; exact */
	PROBE_KCORE, /* reads /proc/kcore; exact, slower */
	PROBE_PROC,  /* no kernel memory: what /proc says, of one's own processes, too */
};

struct probe {
	const struct probe_ops *ops;
	void *private; /* of the back end */
	struct types types;
	struct page_layout pages;
	unsigned char *window; /* of probe_read_parts(), where the back end has none */

	/*
	 * Found by calibration, and proven: page states as they were made to
	 * change, contents as they were written.
	 */
	uint64_t vmemmap;            /* address of the struct page of PFN 0 */
	uint64_t direct_map;         /* address of physical address 0; 0: not found ... */
	struct reason no_direct_map; /* ... and why; page states do without */

	/* Of tables_prove() */
	bool tables_tried;
	int tables_err;
	struct reason no_tables;
	unsigned table_levels; /* of page tables, 0: not known */
};

/* One thread. Pointers are kernel addresses, 0 at PROBE_PROC. */
struct probe_task {
	pid_t pid;  /* thread, in the initial PID namespace (PROBE_PROC: in ours) */
	pid_t tgid; /* process */
	uint64_t task;
	uint64_t mm;
	uint64_t files;
};

/* One open descriptor of a process. */
struct probe_file {
	pid_t tgid;
	int fd;
	uint64_t file;
	uint64_t f_op;
	uint64_t private_data;
	uint64_t inode;
};

/* One VMA of a process. */
struct probe_vma {
	uint64_t start;
	uint64_t end;
	uint64_t flags; /* vm_flags, VM_... of the kernel; 0 at PROBE_PROC */
	uint64_t file;  /* struct file, 0: anonymous, or PROBE_PROC */
	/*
	 * What folio.index (see struct folio) is of the page at its start, of its file
	 * or anonymous, and what folio.mapping is of the anonymous pages that were
	 * faulted in it; not at PROBE_PROC. The two indices are one until 7.3, where
	 * those of a private mapping of a file are as those of anonymous memory.
	 */
	uint64_t page_offset;
	uint64_t anon_offset;
	uint64_t anon_vma; /* 0: none were */
};

/* Called for each; something else than 0 ends the walk and is returned by it. */
typedef int probe_task_fn(const struct probe_task *task, void *context);
typedef int probe_file_fn(const struct probe_file *file, void *context);
typedef int probe_vma_fn(const struct probe_vma *vma, void *context);

/* What is read of kernel memory together with other parts of it. */
struct probe_part {
	uint64_t address;
	uint32_t size; /* PROBE_PART_MAX at most */
	uint32_t at;   /* where its bytes go, PROBE_PARTS_ROOM - PROBE_PART_MAX at most */
	int64_t err;   /* 0, or -EFAULT: nothing is there */
};

#define PROBE_READ_MAX 262144u
#define PROBE_PART_MAX 8192u
#define PROBE_PARTS_MAX 64u
#define PROBE_PARTS_ROOM 131072u

/* A back end. What it lacks is NULL: then the kernel's lists are walked by read. */
struct probe_ops {
	const char *name; /* of --probe */
	const char *help; /* one line */
	enum probe_level level;
	/* Whether it can work here at all: rights and files, at little cost; or NULL. */
	int (*check)(struct reason *why);
	int (*open)(struct probe *probe, struct reason *why);
	void (*close)(struct probe *probe);
	/* At most PROBE_READ_MAX bytes. Returns 0 or -errno (EFAULT: nothing is there). */
	int (*read)(struct probe *probe, uint64_t address, void *data, size_t size);
	/* See probe_read_parts(); NULL, or -EOPNOTSUPP: one by one. */
	int (*read_parts)(struct probe *probe, struct probe_part *parts, size_t count,
			  const unsigned char **data);
	/* Threads of process @tgid, 0: of all. */
	int (*tasks)(struct probe *probe, pid_t tgid, probe_task_fn *each, void *context,
		     struct reason *why);
	int (*files)(struct probe *probe, pid_t tgid, probe_file_fn *each, void *context,
		     struct reason *why);
	int (*vmas)(struct probe *probe, pid_t tgid, probe_vma_fn *each, void *context,
		    struct reason *why);
};

extern const struct probe_ops *const probe_list[]; /* best first */
extern const size_t probe_list_count;

extern const struct probe_ops probe_bpf, probe_kcore, probe_proc;

/* Level @name ("bpf", "auto"). Returns 0 or -EINVAL. */
int probe_level_parse(const char *name, enum probe_level *level);

/*
 * Open @level, and calibrate it where it reads kernel memory. With PROBE_AUTO
 * @why says, even when that succeeds, why there was none better ("": it is the
 * best). About 15 ms with PROBE_BPF. To be closed in any case.
 */
int probe_open(struct probe *probe, enum probe_level level, struct reason *why);
int probe_open_ops(struct probe *probe, const struct probe_ops *ops, struct reason *why);
void probe_close(struct probe *probe);

/* Whether this level reads kernel memory; only then do probe_read() and probe_pages(). */
bool probe_reads(const struct probe *probe);

/*
 * Read kernel memory, any size. -EFAULT where there is none; what /proc/kcore
 * does not have may read as zeros.
 */
int probe_read(struct probe *probe, uint64_t address, void *data, size_t size, struct reason *why);

/*
 * Read @count parts, PROBE_PARTS_MAX at most: several times as fast as one by one.
 * *data is valid until the next call; that a part could not be read is in its err.
 */
int probe_read_parts(struct probe *probe, struct probe_part *parts, size_t count,
		     const unsigned char **data, struct reason *why);

/*
 * The member @path (see types_member()) of the struct at @address, a number of
 * 1, 2, 4 or 8 bytes. For what is read often look the member up once, and
 * probe_read() it.
 */
int probe_read_member(struct probe *probe, uint64_t address, const char *path, uint64_t *value,
		      struct reason *why);

/*
 * States of the @count pages from @pfn on. A page whose folio changed while it
 * was read, or that is no memory, has a folio of refcount -1.
 */
int probe_pages(struct probe *probe, uint64_t pfn, size_t count, struct page_state *pages,
		struct reason *why);

/* Something else than 0 ends the walk and is returned by it. */
typedef int page_state_fn(size_t index, const struct page_state *state, void *context);

/*
 * The same for @count pages that may lie anywhere, fast where many that follow each
 * other in the list are neighbours: @each gets the state of pfns[index], in the order
 * of the list; 0 in it is no page.
 */
int probe_page_list(struct probe *probe, const uint64_t *pfns, size_t count, page_state_fn *each,
		    void *context, struct reason *why);

/* PFN of a struct page's address. Returns 0 or -EBADMSG for what is none. */
int probe_page_pfn(const struct probe *probe, uint64_t address, uint64_t *pfn);

/*
 * Contents of page @pfn, through the direct map. -EOPNOTSUPP with the reason
 * when that was not found.
 */
int probe_read_page(struct probe *probe, uint64_t pfn, size_t offset, void *data, size_t size,
		    struct reason *why);

/*
 * Threads, open files and VMAs of process @tgid, 0: of all (not for VMAs). A
 * process that is gone has none. Files are those of each file table once, in no
 * order; VMAs come in order of addresses.
 */
int probe_tasks(struct probe *probe, pid_t tgid, probe_task_fn *each, void *context,
		struct reason *why);
int probe_files(struct probe *probe, pid_t tgid, probe_file_fn *each, void *context,
		struct reason *why);
int probe_vmas(struct probe *probe, pid_t tgid, probe_vma_fn *each, void *context,
	       struct reason *why);

/*
 * The struct file of a descriptor of this process: what it has for f_op tells
 * which others are of its kind. -ENOENT when there is none.
 */
int probe_own_file(struct probe *probe, int fd, struct probe_file *file, struct reason *why);

#endif
