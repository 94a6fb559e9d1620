// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Make tests/unit/data/types-VERSION: the part of a kernel's BTF that the probes
 * use, a few KiB instead of 5 MiB. Not a test; to record another kernel:
 *
 *	cc -D_GNU_SOURCE -o types tests/record/types.c -lbpf
 *	./types /sys/kernel/btf/vmlinux tests/unit/data/types-VERSION
 *
 * Pointers become void *, qualifiers and typedefs are left out.
 */
#include <bpf/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Structs and enums as they are, and of larger ones these members. */
static const struct {
	const char *name;
	const char *members; /* blank-separated, with blanks around; NULL: all */
} wanted[] = {
	{ "page", NULL },
	{ "folio", NULL },
	{ "pageflags", NULL },
	{ "pagetype", NULL },
	{ "compound_dtor_id", NULL },
	{ "pipe_buffer", NULL },
	{ "pipe_inode_info", " head tail ring_size bufs " },
	{ "file", " f_op private_data f_inode " },
	{ "files_struct", " fdt " },
	{ "fdtable", NULL },
	{ "task_struct", " tasks pid tgid mm files signal thread_node " },
	{ "signal_struct", " thread_head " },
	{ "vm_area_struct", " vm_start vm_end vm_mm vm_flags vm_file vm_next vm_pgoff anon_vma " },
	{ "maple_range_64", NULL },
	{ "maple_arange_64", NULL },
	{ "bpf_iter_meta", NULL },
	{ "bpf_iter__task", NULL },
	{ "bpf_iter__task_file", NULL },
	{ "bpf_iter__task_vma", NULL },
};

static struct btf *from, *to;
static int *copied; /* new ID by old one, 0: not yet */

static int copy(__u32 id);

static int check(int id)
{
	if (id < 0) {
		fprintf(stderr, "libbpf: %s\n", strerror(-id));
		exit(1);
	}
	return id;
}

static const char *name_of(__u32 offset)
{
	return btf__name_by_offset(from, offset);
}

static int keep(const char *members, const char *name)
{
	char word[80];

	if (!members || !*name)
		return 1;
	snprintf(word, sizeof(word), " %s ", name);
	return strstr(members, word) != NULL;
}

static int copy_composite(const struct btf_type *type, const char *members)
{
	unsigned count = btf_vlen(type);
	int ids[512], id;

	for (unsigned i = 0; i < count; i++) {
		const struct btf_member *member = &btf_members(type)[i];

		ids[i] = keep(members, name_of(member->name_off)) ? copy(member->type) : 0;
	}
	id = check(btf_is_union(type) ? btf__add_union(to, name_of(type->name_off), type->size) :
					btf__add_struct(to, name_of(type->name_off), type->size));
	for (unsigned i = 0; i < count; i++) {
		const struct btf_member *member = &btf_members(type)[i];

		if (ids[i])
			check(btf__add_field(to, name_of(member->name_off), ids[i],
					     btf_member_bit_offset(type, i),
					     btf_member_bitfield_size(type, i)));
	}
	return id;
}

static int copy_enum(const struct btf_type *type)
{
	int id = check(btf__add_enum(to, name_of(type->name_off), type->size));

	for (unsigned i = 0; i < btf_vlen(type); i++)
		check(btf__add_enum_value(to, name_of(btf_enum(type)[i].name_off),
					  btf_enum(type)[i].val));
	return id;
}

static int copy(__u32 id)
{
	const struct btf_type *type = btf__type_by_id(from, id);
	int element;

	while (btf_is_mod(type) || btf_is_typedef(type)) {
		id = type->type;
		type = btf__type_by_id(from, id);
	}
	if (copied[id])
		return copied[id];
	switch (btf_kind(type)) {
	case BTF_KIND_INT:
		return copied[id] = check(btf__add_int(to, name_of(type->name_off), type->size,
						       btf_int_encoding(type)));
	case BTF_KIND_PTR:
		return copied[id] = check(btf__add_ptr(to, 0));
	case BTF_KIND_ARRAY:
		element = copy(btf_array(type)->type);
		return copied[id] = check(btf__add_array(to, copy(btf_array(type)->index_type),
							 element, btf_array(type)->nelems));
	case BTF_KIND_ENUM:
		return copied[id] = copy_enum(type);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return copied[id] = copy_composite(type, NULL);
	default:
		fprintf(stderr, "kind %u in a struct\n", btf_kind(type));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const void *data;
	__u32 size;
	FILE *file;

	if (argc != 3 || !(from = btf__parse_raw(argv[1])) || !(to = btf__new_empty()))
		return fputs("usage: types FROM TO\n", stderr), 1;
	copied = calloc(btf__type_cnt(from), sizeof(*copied));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		int id = btf__find_by_name_kind(from, wanted[i].name, BTF_KIND_STRUCT);

		if (id < 0)
			id = btf__find_by_name_kind(from, wanted[i].name, BTF_KIND_ENUM);
		if (id < 0 || copied[id])
			continue;
		if (wanted[i].members)
			copied[id] = copy_composite(btf__type_by_id(from, id), wanted[i].members);
		else
			copy(id);
	}
	data = btf__raw_data(to, &size);
	file = fopen(argv[2], "w");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file))
		return perror(argv[2]), 1;
	printf("%s: %u bytes\n", argv[2], size);
	return 0;
}
