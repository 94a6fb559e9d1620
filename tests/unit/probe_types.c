// SPDX-License-Identifier: GPL-2.0-or-later
/* Where members lie, with types recorded on five kernels, and the programs made so. */
#include "config.h"
#include "inspect/probe/bpf_programs.h"
#include "inspect/probe/probe.h"
#include "inspect/probe/types.h"
#include "tap.h"

#if HAVE_LIBBPF

#include <bpf/btf.h>
#include <unistd.h>

#include "inspect/probe/btf.h"
#include "util/io.h"

static const char *recorded(const char *kernel, char path[256])
{
	const char *tests = getenv("TESTDIR");

	snprintf(path, 256, "%s/unit/data/types-%s", tests ? tests : "tests", kernel);
	return path;
}

static int open_recorded(struct types *types, const char *kernel)
{
	struct reason why;
	char path[256];

	return types_open(types, recorded(kernel, path), &why);
}

/* The offset of a member, or -errno; as pahole(1) shows it for these kernels. */
static int64_t offset(struct types *types, const char *path)
{
	struct member member;
	int err = types_member(types, path, &member);

	return err ? err : (int64_t)member.offset;
}

static int64_t size(struct types *types, const char *path)
{
	struct member member;
	int err = types_member(types, path, &member);

	return err ? err : (int64_t)member.size;
}

static void test_members(void)
{
	struct types old, new;
	int64_t value = 0;
	uint32_t bytes;

	if (open_recorded(&old, "5.10") || open_recorded(&new, "7.3"))
		bail_out("recorded types");
	is_int(offset(&old, "file.f_op"), 40, "a member");
	is_int(offset(&new, "file.f_op"), 8, "of another kernel");
	is_int(offset(&old, "page.compound_head"), 8, "within an anonymous struct");
	is_int(offset(&new, "page.compound_head"), -ENOENT, "which has another name later");
	is_int(offset(&new, "page.compound_info"), 8, "it is this");
	is_int(offset(&old, "page[1].compound_order"), 64 + 17, "of the second of an array");
	is_int(offset(&old, "page._refcount.counter"), 52, "of a member");
	is_int(size(&old, "page._refcount"), 4, "a struct's size");
	is_int(offset(&old, "pipe_inode_info.tail"), 84, "not that of a member's member");
	is_int(offset(&new, "pipe_inode_info.tail"), 76, "but within an anonymous union");
	is_int(offset(&new, "maple_range_64.slot"), 128, "an array");
	is_int(size(&new, "maple_range_64.slot"), 128, "is as large as all");
	is_int(offset(&new, "maple_range_64.slot[3]"), 152, "one of it");
	is_int(size(&new, "maple_range_64.slot[3]"), 8, "is as large as one");

	is_int(offset(&old, "file"), -EINVAL, "a struct without a member");
	is_int(offset(&old, ""), -EINVAL, "nothing");
	is_int(offset(&old, "file..f_op"), -EINVAL, "no name");
	is_int(offset(&old, "file.f_op[x]"), -EINVAL, "no number");
	is_int(offset(&old, "file.f_op.release"), -EINVAL, "behind a pointer");
	is_int(offset(&old, "page.inuse"), -EINVAL, "a bit field");
	is_int(offset(&old, "file.nothing"), -ENOENT, "no such member");
	is_int(offset(&old, "nothing.file"), -ENOENT, "no such struct");
	is_int(offset(&old, "folio._pincount"), -ENOENT, "a struct of later kernels");

	is_int(types_size(&old, "page", &bytes) ? 0 : bytes, 64, "the size of a struct");
	is_int(types_size(&old, "folio", &bytes), -ENOENT, "that is not there");
	is_int(types_enum(&old, "pageflags", "PG_head", &value), 0, "a constant");
	is_int(value, 16, "its value");
	is_int(types_enum(&new, "pageflags", "PG_head", &value), 0, "of another kernel");
	is_int(value, 6, "is another");
	is_int(types_enum(&old, "pageflags", "PG_nothing", &value), -ENOENT, "no such constant");
	is_int(types_enum(&old, "nothing", "PG_head", &value), -ENOENT, "no such enum");
	is_int(types_function(&old, "nothing"), -ENOENT, "no such function");
	types_close(&old);
	types_close(&new);
}

static void write_types(struct btf *btf, const char *path)
{
	FILE *file = fopen(path, "we");
	const void *data;
	__u32 bytes;

	data = btf__raw_data(btf, &bytes);
	if (!data || !file || fwrite(data, 1, bytes, file) != bytes || fclose(file))
		bail_out("%s", path);
	btf__free(btf);
}

/* A module with one struct, of a member of its own type and one of the kernel's. */
static void write_module(const char *name, const char *path)
{
	char base_path[256];
	struct btf *base = btf__parse_raw(recorded("6.18", base_path));
	struct btf *btf = btf__new_empty_split(base);
	int folio = btf__find_by_name_kind(base, "folio", BTF_KIND_STRUCT);
	int number = btf__add_int(btf, "module_number", 4, 0);

	btf__add_struct(btf, name, 260);
	btf__add_field(btf, "number", number, 0, 0);
	btf__add_field(btf, "folio", folio, 32, 0);
	write_types(btf, path);
	btf__free(base);
}

static void test_modules(void)
{
	char path[] = "/tmp/thpin-types.XXXXXX", name[16];
	struct types types;
	struct reason why;
	int fd = mkstemp(path);

	if (fd < 0 || open_recorded(&types, "6.18"))
		bail_out("%s", path);
	close(fd);
	is_int(offset(&types, "one.number"), -ENOENT, "a module's struct, before it is added");
	write_module("one", path);
	is_int(types_add_file(&types, "one", path, &why), 0, "a module");
	write_module("two", path);
	is_int(types_add_file(&types, "two", path, &why), 0, "another");
	is_int(size(&types, "one.number"), 4, "a struct of the first");
	is_int(offset(&types, "two.folio._pincount"), 4 + 92, "a kernel's struct in the second's");
	is_int(offset(&types, "file.f_op"), 8, "the kernel's are still there");
	is_int(types_add_file(&types, "two", "/nonexistent", &why), 0, "again is no error");
	is_int(types_add_file(&types, "none", "/nonexistent", &why), -ENOENT, "none is");
	for (unsigned i = 2; i < TYPES_MODULES_MAX; i++) {
		snprintf(name, sizeof(name), "module%u", i);
		is_int(types_add_file(&types, name, path, &why), 0, "%s", name);
	}
	is_int(types_add_file(&types, "more", path, &why), -E2BIG, "more than there can be");
	types_close(&types);
	unlink(path);
}

/* Each type is what libbpf says that it is. */
static void test_same(const char *kernel)
{
	char path[256];
	struct btf *theirs = btf__parse_raw(recorded(kernel, path));
	struct btf_image *ours;
	unsigned same = 0, last;

	if (!theirs || btf_image_open(&ours, path, NULL))
		bail_out("%s", path);
	last = btf__type_cnt(theirs);
	for (unsigned id = 1; id < last; id++) {
		const struct btf_type *type = btf__type_by_id(theirs, id);
		const struct btf_type *other = btf_image_type(ours, id);
		const char *name = btf__name_by_offset(theirs, type->name_off);
		int64_t size = btf__resolve_size(theirs, id);
		bool sized = !btf_is_func(type) && !btf_is_fwd(type);

		same += other && !memcmp(type, other, sizeof(*type)) &&
			!strcmp(name, btf_image_name(ours, other->name_off)) &&
			(!sized || btf_image_size(ours, id) == (size < 0 ? -1 : size)) &&
			(!*name || !btf_is_struct(type) ||
			 (int)btf_image_find(ours, name, BTF_KIND_STRUCT) ==
				 btf__find_by_name_kind(theirs, name, BTF_KIND_STRUCT));
	}
	is_int(same, last - 1, "%s: all types as libbpf has them", kernel);
	ok(!btf_image_type(ours, last) && !btf_image_type(ours, 0), "%s: and no more", kernel);
	btf_image_close(ours);
	btf__free(theirs);
}

/* Cut off anywhere, and with any of its first bytes changed: no types, or sound ones. */
static void test_broken(void)
{
	char path[] = "/tmp/thpin-types.XXXXXX", whole_path[256], *whole;
	struct btf_image *image;
	unsigned refused = 0;
	int fd = mkstemp(path);
	size_t size;

	if (fd < 0 || read_text(recorded("6.18", whole_path), &whole, &size))
		bail_out("%s", path);
	for (size_t length = 0; length < 1024; length++) {
		if (ftruncate(fd, 0) || pwrite(fd, whole, length, 0) != (ssize_t)length)
			bail_out("%s", path);
		refused += btf_image_open(&image, path, NULL) == -EINVAL;
		btf_image_close(image);
	}
	is_int(refused, 1024, "what is cut off is refused");
	if (pwrite(fd, whole, size, 0) != (ssize_t)size)
		bail_out("%s", path);
	for (off_t at = 0; at < 2048; at++) {
		char changed = (char)(whole[at] ^ (char)(0x11 << at % 4));

		if (pwrite(fd, &changed, 1, at) != 1)
			bail_out("%s", path);
		if (!btf_image_open(&image, path, NULL))
			for (uint32_t id = 1; btf_image_type(image, id); id++)
				btf_image_size(image, id);
		btf_image_close(image);
		if (pwrite(fd, whole + at, 1, at) != 1)
			bail_out("%s", path);
	}
	ok(true, "what was changed does no harm");
	free(whole);
	close(fd);
	unlink(path);
}

/* Types that no compiler makes, and that tests/fuzz/probe.c would stumble over. */
static void test_bad_types(void)
{
	char path[] = "/tmp/thpin-types.XXXXXX";
	struct btf *btf = btf__new_empty();
	int fd = mkstemp(path), array, number;
	struct types types;
	struct reason why;

	if (fd < 0 || !btf)
		bail_out("%s", path);
	close(fd);
	btf__add_typedef(btf, "a", 2);
	btf__add_typedef(btf, "b", 1);
	array = btf__add_array(btf, 1, 999, 4);
	btf__add_struct(btf, "bad", 8);
	btf__add_field(btf, "cycle", 1, 0, 0);
	btf__add_struct(btf, "worse", 8);
	btf__add_field(btf, "array", array, 0, 0);
	btf__add_struct(btf, "worst", 8);
	for (int i = 0; i < 100; i++)
		btf__add_field(btf, "", array + 3, 0, 0);
	number = btf__add_int(btf, "number", 4, 0);
	btf__add_struct(btf, "small", 4);
	btf__add_field(btf, "inside", number, 0, 0);
	btf__add_field(btf, "beyond", number, 8, 0);
	write_types(btf, path);
	if (types_open(&types, path, &why))
		bail_out("%s", why.text);
	is_int(offset(&types, "bad.cycle"), -ENOENT, "typedefs of each other");
	is_int(offset(&types, "worse.array[1].x"), -EINVAL, "an array of nothing");
	is_int(offset(&types, "worst.x"), -ENOENT, "a struct of a hundred of itself");
	is_int(offset(&types, "small.inside"), 0, "a member that its struct has room for");
	is_int(offset(&types, "small.beyond"), -EINVAL, "one that it has not");
	types_close(&types);
	unlink(path);
}

static void test_no_types(void)
{
	struct types types;
	struct reason why;

	is_int(types_open(&types, "/nonexistent", &why), -ENOENT, "types that are not there");
	types_close(&types);
	ok(types_open(&types, "/proc/self/status", &why) < 0, "what are no types");
	ok(strstr(why.text, "/proc/self/status") != NULL, "the reason names the file");
	types_close(&types);
}

/* The last instruction that loads from register @base, before @at. */
static const struct bpf_insn *find_load(const struct program *program, int16_t off, uint8_t base)
{
	for (size_t i = 0; i < program->count; i++)
		if (BPF_CLASS(program->insn[i].code) == BPF_LDX &&
		    program->insn[i].src_reg == base && program->insn[i].off == off)
			return &program->insn[i];
	return NULL;
}

static void test_programs(void)
{
	static const char *const kernels[] = { "5.10", "6.1", "6.12", "6.18", "7.3" };
	const struct bpf_insn *last;
	struct program program;
	struct types types;

	program_read(&program, 7);
	is_int((int64_t)program.count, 9, "a read is a few instructions");
	is_int(program.insn[2].off, 2, "that go on where the size is allowed");
	program_read_parts(&program, 7);
	last = &program.insn[program.count - 1];
	ok(last->code == (BPF_JMP | BPF_JA) &&
		   program.insn[(int)program.count + last->off].code == (BPF_JMP | BPF_JNE | BPF_K),
	   "a read of parts goes round until the last");
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		bool leaves = true;

		if (open_recorded(&types, kernels[i]))
			bail_out("recorded types");
		is_int(program_tasks(&program, &types), 0, "%s: tasks", kernels[i]);
		is_int(program_files(&program, &types), 0, "%s: files", kernels[i]);
		ok(find_load(&program, (int16_t)offset(&types, "file.private_data"), BPF_REG_7),
		   "%s: with the offsets of this kernel", kernels[i]);
		/* At the end of the list both pointers are NULL. */
		for (size_t k = 0; k < program.count; k++)
			if (program.insn[k].code == (BPF_JMP | BPF_JEQ | BPF_K))
				leaves &= k + 1 + (size_t)program.insn[k].off == program.count - 2;
		ok(leaves, "%s: no pointer is followed that is NULL", kernels[i]);
		is_int(program_vmas(&program, &types), i ? 0 : -ENOENT, "%s: VMAs", kernels[i]);
		types_close(&types);
	}
}

int main(void)
{
	enum probe_level level;

	test_members();
	test_modules();
	test_same("5.10");
	test_same("6.18");
	test_same("7.3");
	test_broken();
	test_bad_types();
	test_no_types();
	test_programs();
	ok(!probe_level_parse("auto", &level) && level == PROBE_AUTO, "level auto");
	ok(!probe_level_parse("kcore", &level) && level == PROBE_KCORE, "level kcore");
	is_int(probe_level_parse("nothing", &level), -EINVAL, "no such level");
	return done_testing();
}

#else

int main(void)
{
	skip(LIBBPF_REASON, "types recorded on five kernels");
	return done_testing();
}

#endif
