/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_INSPECT_PROBE_BPF_PROGRAMS_H
#define THPIN_INSPECT_PROBE_BPF_PROGRAMS_H

#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>

#include "inspect/probe/probe.h"
#include "inspect/probe/types.h"

/*
 * BPF programs, instruction by instruction, with the offsets of this kernel filled
 * in: no compiler, no object file, no relocations. Each writes one record of fixed
 * size a call, or copies kernel memory; none keeps anything.
 */

#define PROGRAM_MAX 48

struct program {
	struct bpf_insn insn[PROGRAM_MAX];
	size_t count;
};

/* What iterators write, in the order of the members. */
struct task_record {
	uint32_t pid;
	uint32_t tgid;
	uint64_t task, mm, files;
};

struct file_record {
	uint32_t tgid;
	uint32_t fd;
	uint64_t file, f_op, private_data, inode;
};

struct vma_record {
	uint32_t tgid;
	uint32_t pid;
	uint64_t start, end, flags, file, page_offset, anon_offset, anon_vma;
};

/* The value of the array map that the next two read to. */
struct read_window {
	struct probe_part parts[PROBE_PARTS_MAX];
	unsigned char parts_data[PROBE_PARTS_ROOM];
	unsigned char data[PROBE_READ_MAX];
};

/*
 * Raw tracepoint program, run by BPF_PROG_TEST_RUN: copies as many bytes of kernel
 * memory as its second argument says, from the address in its first argument to
 * read_window.data of array map @map_fd. Returns what bpf_probe_read_kernel() does,
 * or -E2BIG.
 */
void program_read(struct program *program, int map_fd);

/*
 * The same for as many of read_window.parts as its first argument says, to
 * read_window.parts_data, without a system call for each. Returns 0 or -E2BIG.
 */
void program_read_parts(struct program *program, int map_fd);

/*
 * Iterators (Documentation/bpf/bpf_iterators.rst) that write a record for each
 * element. Return 0 or -ENOENT when this kernel's types lack something.
 */
int program_tasks(struct program *program, struct types *types);
int program_files(struct program *program, struct types *types);
int program_vmas(struct program *program, struct types *types);

#endif
