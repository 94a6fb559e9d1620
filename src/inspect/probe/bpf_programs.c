// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/probe/bpf_programs.h"

#include <string.h>

#include "inspect/probe/walk.h"

/* --- instructions (Documentation/bpf/standardization/instruction-set.rst) ---- */

static void emit(struct program *program, uint8_t code, uint8_t dst, uint8_t src, int16_t off,
		 int32_t imm)
{
	if (program->count < PROGRAM_MAX)
		program->insn[program->count++] = (struct bpf_insn){
			.code = code,
			.dst_reg = dst,
			.src_reg = src,
			.off = off,
			.imm = imm,
		};
}

/* dst = src, dst = number, dst += number */
static void move(struct program *program, uint8_t dst, uint8_t src)
{
	emit(program, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void set(struct program *program, uint8_t dst, int32_t number)
{
	emit(program, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, number);
}

static void add(struct program *program, uint8_t dst, int32_t number)
{
	emit(program, BPF_ALU64 | BPF_ADD, /* of a number: BPF_K is 0, as is BPF_IMM */ dst, 0, 0,
	     number);
}

/* dst = *(src + offset), of 4 or 8 bytes; *(dst + offset) = src */
static void load(struct program *program, uint8_t dst, uint8_t src, const struct member *member)
{
	emit(program, BPF_LDX | BPF_MEM | (member->size == 4 ? BPF_W : BPF_DW), dst, src,
	     (int16_t)member->offset, 0);
}

static void store(struct program *program, uint8_t dst, size_t offset, uint8_t src, size_t size)
{
	emit(program, BPF_STX | BPF_MEM | (size == 4 ? BPF_W : BPF_DW), dst, src, (int16_t)offset,
	     0);
}

/* Skip the next @count instructions if dst is @number, or above it. */
static void skip_if_equal(struct program *program, uint8_t dst, int32_t number, int16_t count)
{
	emit(program, BPF_JMP | BPF_JEQ | BPF_K, dst, 0, count, number);
}

static void skip_unless_above(struct program *program, uint8_t dst, int32_t number, int16_t count)
{
	emit(program, BPF_JMP | BPF_JLE | BPF_K, dst, 0, count, number);
}

static void call(struct program *program, int32_t helper)
{
	emit(program, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

static void leave(struct program *program)
{
	emit(program, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void map_value(struct program *program, uint8_t dst, int map_fd, size_t offset)
{
	emit(program, BPF_LD | BPF_DW, dst, BPF_PSEUDO_MAP_VALUE, 0, map_fd);
	emit(program, 0, 0, 0, 0, (int32_t)offset);
}

/* --- programs ---------------------------------------------------------------- */

void program_read(struct program *program, int map_fd)
{
	static const struct member address = { 0, 8 }, size = { 8, 8 };

	program->count = 0;
	load(program, BPF_REG_3, BPF_REG_1, &address);
	load(program, BPF_REG_2, BPF_REG_1, &size);
	skip_unless_above(program, BPF_REG_2, PROBE_READ_MAX, 2);
	set(program, BPF_REG_0, -E2BIG);
	leave(program);
	map_value(program, BPF_REG_1, map_fd, offsetof(struct read_window, data));
	call(program, BPF_FUNC_probe_read_kernel);
	leave(program);
}

#define PART(name)                                                                           \
	{                                                                                    \
		offsetof(struct probe_part, name), sizeof(((struct probe_part *)NULL)->name) \
	}

/* Registers: 6 how many parts, 7 the part, 8 which it is. */
void program_read_parts(struct program *program, int map_fd)
{
	static const struct member count = { 0, 8 };
	static const struct member address = PART(address), size = PART(size), at = PART(at);
	size_t loop;

	program->count = 0;
	load(program, BPF_REG_6, BPF_REG_1, &count);
	map_value(program, BPF_REG_7, map_fd, offsetof(struct read_window, parts));
	set(program, BPF_REG_8, 0);
	loop = program->count;
	/* The verifier goes round and round: for it the end has to be a number. */
	emit(program, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_8, 0, 2, PROBE_PARTS_MAX);
	set(program, BPF_REG_0, 0);
	leave(program);
	emit(program, BPF_JMP | BPF_JGE | BPF_X, BPF_REG_8, BPF_REG_6, -3, 0);
	load(program, BPF_REG_3, BPF_REG_7, &address);
	load(program, BPF_REG_2, BPF_REG_7, &size);
	load(program, BPF_REG_1, BPF_REG_7, &at);
	emit(program, BPF_JMP | BPF_JGT | BPF_K, BPF_REG_2, 0, 1, PROBE_PART_MAX);
	skip_unless_above(program, BPF_REG_1, PROBE_PARTS_ROOM - PROBE_PART_MAX, 2);
	set(program, BPF_REG_0, -E2BIG);
	leave(program);
	map_value(program, BPF_REG_4, map_fd, offsetof(struct read_window, parts_data));
	emit(program, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_1, BPF_REG_4, 0, 0);
	call(program, BPF_FUNC_probe_read_kernel);
	store(program, BPF_REG_7, offsetof(struct probe_part, err), BPF_REG_0,
	      sizeof(((struct probe_part *)NULL)->err));
	add(program, BPF_REG_7, sizeof(struct probe_part));
	add(program, BPF_REG_8, 1);
	emit(program, BPF_JMP | BPF_JA, 0, 0, (int16_t)((int)loop - (int)program->count - 1), 0);
}

/* A value of the record: where it goes, and where it comes from. */
struct column {
	size_t to;
	const char *path; /* of a struct of the kernel's */
	uint8_t base;     /* register with its address */
};

/*
 * An iterator's program: registers 6 and 7 get the pointers at @first and, if not
 * NULL, @second of the context at @context; without them, at the end, nothing is
 * written.
 */
static int program_iterator(struct program *program, struct types *types, const char *meta,
			    const char *first, const char *second, const struct column *columns,
			    size_t count, size_t record_size)
{
	const char *const pointers[] = { first, second };
	struct member member, seq;

	program->count = 0;
	if (types_member(types, meta, &member) || types_member(types, "bpf_iter_meta.seq", &seq))
		return -ENOENT;
	move(program, BPF_REG_9, BPF_REG_1);
	load(program, BPF_REG_8, BPF_REG_9, &member);
	load(program, BPF_REG_8, BPF_REG_8, &seq);
	for (uint8_t i = 0; i < 2 && pointers[i]; i++) {
		if (types_member(types, pointers[i], &member))
			return -ENOENT;
		load(program, (uint8_t)(BPF_REG_6 + i), BPF_REG_9, &member);
		skip_if_equal(program, (uint8_t)(BPF_REG_6 + i), 0, 0);
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t value = BPF_REG_0;

		if (!columns[i].path) { /* the pointer itself */
			value = columns[i].base;
			member.size = 8;
		} else if (types_member(types, columns[i].path, &member) ||
			   (member.size != 4 && member.size != 8) || member.offset > INT16_MAX) {
			return -ENOENT;
		} else {
			load(program, BPF_REG_0, columns[i].base, &member);
		}
		store(program, BPF_REG_10, columns[i].to - record_size, value, member.size);
	}
	move(program, BPF_REG_1, BPF_REG_8);
	move(program, BPF_REG_2, BPF_REG_10);
	add(program, BPF_REG_2, -(int32_t)record_size);
	set(program, BPF_REG_3, (int32_t)record_size);
	call(program, BPF_FUNC_seq_write);
	for (size_t i = 0; i < program->count; i++)
		if (program->insn[i].code == (BPF_JMP | BPF_JEQ | BPF_K))
			program->insn[i].off = (int16_t)(program->count - i - 1);
	set(program, BPF_REG_0, 0); /* 1 would be "once more" */
	leave(program);
	return program->count < PROGRAM_MAX ? 0 : -ENOENT;
}

#define COLUMNS(array) (array), sizeof(array) / sizeof((array)[0])

int program_tasks(struct program *program, struct types *types)
{
	static const struct column columns[] = {
		{ offsetof(struct task_record, pid), "task_struct.pid", BPF_REG_6 },
		{ offsetof(struct task_record, tgid), "task_struct.tgid", BPF_REG_6 },
		{ offsetof(struct task_record, task), NULL, BPF_REG_6 },
		{ offsetof(struct task_record, mm), "task_struct.mm", BPF_REG_6 },
		{ offsetof(struct task_record, files), "task_struct.files", BPF_REG_6 },
	};

	return program_iterator(program, types, "bpf_iter__task.meta", "bpf_iter__task.task", NULL,
				COLUMNS(columns), sizeof(struct task_record));
}

int program_files(struct program *program, struct types *types)
{
	static const struct column columns[] = {
		{ offsetof(struct file_record, tgid), "task_struct.tgid", BPF_REG_6 },
		{ offsetof(struct file_record, fd), "bpf_iter__task_file.fd", BPF_REG_9 },
		{ offsetof(struct file_record, file), NULL, BPF_REG_7 },
		{ offsetof(struct file_record, f_op), "file.f_op", BPF_REG_7 },
		{ offsetof(struct file_record, private_data), "file.private_data", BPF_REG_7 },
		{ offsetof(struct file_record, inode), "file.f_inode", BPF_REG_7 },
	};

	return program_iterator(program, types, "bpf_iter__task_file.meta",
				"bpf_iter__task_file.task", "bpf_iter__task_file.file",
				COLUMNS(columns), sizeof(struct file_record));
}

int program_vmas(struct program *program, struct types *types)
{
	struct column columns[] = {
		{ offsetof(struct vma_record, tgid), "task_struct.tgid", BPF_REG_6 },
		{ offsetof(struct vma_record, pid), "task_struct.pid", BPF_REG_6 },
		{ offsetof(struct vma_record, start), "vm_area_struct.vm_start", BPF_REG_7 },
		{ offsetof(struct vma_record, end), "vm_area_struct.vm_end", BPF_REG_7 },
		{ offsetof(struct vma_record, flags), "vm_area_struct.vm_flags", BPF_REG_7 },
		{ offsetof(struct vma_record, file), "vm_area_struct.vm_file", BPF_REG_7 },
		{ offsetof(struct vma_record, page_offset), "vm_area_struct.vm_pgoff", BPF_REG_7 },
		{ offsetof(struct vma_record, anon_vma), "vm_area_struct.anon_vma", BPF_REG_7 },
		{ offsetof(struct vma_record, anon_offset), "vm_area_struct.vm_pgoff", BPF_REG_7 },
		/* Since 7.3 another one, in two halves. */
		{ offsetof(struct vma_record, anon_offset) + 4, ANON_OFFSET_HIGH, BPF_REG_7 },
	};
	size_t count = sizeof(columns) / sizeof(columns[0]);
	struct member low;

	if (types_member(types, ANON_OFFSET_LOW, &low))
		count--;
	else
		columns[count - 2].path = ANON_OFFSET_LOW;
	return program_iterator(program, types, "bpf_iter__task_vma.meta",
				"bpf_iter__task_vma.task", "bpf_iter__task_vma.vma", columns, count,
				sizeof(struct vma_record));
}
