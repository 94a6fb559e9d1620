// SPDX-License-Identifier: GPL-2.0-or-later
#include "inspect/probe/types.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#if HAVE_LIBBPF

#include <bpf/btf.h> /* what reads a struct btf_type is inline there */

#include "inspect/probe/btf.h"

int types_open(struct types *types, const char *path, struct reason *why)
{
	int err;

	memset(types, 0, sizeof(*types));
	err = -btf_image_open(&types->kernel, path ? path : "/sys/kernel/btf/vmlinux", NULL);
	if (!err)
		return 0;
	if (path)
		return fail_errno(why, err, "BTF in %s", path);
	if (err == ENOENT)
		return fail(why, err,
			    "this kernel does not tell its types: there is no "
			    "/sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF)");
	return fail_errno(why, err, "/sys/kernel/btf/vmlinux");
}

void types_close(struct types *types)
{
	for (unsigned i = 0; i < types->modules_count; i++)
		btf_image_close(types->modules[i]);
	btf_image_close(types->kernel);
	memset(types, 0, sizeof(*types));
}

int types_add_module(struct types *types, const char *name, struct reason *why)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/btf/%s", name);
	return types_add_file(types, name, path, why);
}

int types_add_file(struct types *types, const char *name, const char *path, struct reason *why)
{
	struct btf_image *module;
	int err;

	for (unsigned i = 0; i < types->modules_count; i++)
		if (!strcmp(types->module_names[i], name))
			return 0;
	if (types->modules_count == TYPES_MODULES_MAX)
		return fail(why, E2BIG, "types of module %s: there are %d of others", name,
			    TYPES_MODULES_MAX);
	err = btf_image_open(&module, path, types->kernel);
	if (err)
		return fail_errno(why, -err, "types of module %s, %s", name, path);
	snprintf(types->module_names[types->modules_count], sizeof(types->module_names[0]), "%s",
		 name);
	types->modules[types->modules_count++] = module;
	return 0;
}

static uint32_t find_in(const struct btf_image *btf, const char *name)
{
	uint32_t id = btf_image_find(btf, name, BTF_KIND_STRUCT);

	return id ? id : btf_image_find(btf, name, BTF_KIND_UNION);
}

/* Find a struct or union: types->found_in and types->found. Returns 0 or -ENOENT. */
static int find_struct(struct types *types, const char *name)
{
	if (!strcmp(name, types->found_name))
		return 0;
	types->found_name[0] = '\0';
	types->found_in = types->kernel;
	types->found = find_in(types->kernel, name);
	for (unsigned i = 0; i < types->modules_count && !types->found; i++) {
		types->found_in = types->modules[i];
		types->found = find_in(types->modules[i], name);
	}
	if (!types->found)
		return -ENOENT;
	if (strlen(name) < sizeof(types->found_name))
		snprintf(types->found_name, sizeof(types->found_name), "%s", name);
	return 0;
}

/*
 * Typedefs of typedefs, anonymous structs within anonymous structs; a kernel's are a
 * few levels deep, and what is deeper may be a cycle.
 */
#define NESTING_MAX 16

/* Behind typedefs and qualifiers. NULL: nothing is. */
static const struct btf_type *resolve(const struct btf_image *btf, uint32_t id)
{
	const struct btf_type *type = btf_image_type(btf, id);

	for (unsigned i = 0; type && (btf_is_mod(type) || btf_is_typedef(type)); i++)
		type = i < NESTING_MAX ? btf_image_type(btf, type->type) : NULL;
	return type;
}

/* Members of one struct and of those within; a cycle that branches has no end. */
#define MEMBERS_MAX 65536

struct member_search {
	const struct btf_image *btf;
	const char *name;
	unsigned looked_at;
	/* Of the one that was found: */
	uint64_t bits; /* where it lies */
	bool bit_field;
	uint32_t id;
};

/* The type of the member, in @outer which lies at @bits. NULL: there is none. */
static const struct btf_type *find_member(struct member_search *search,
					  const struct btf_type *outer, uint64_t bits,
					  unsigned depth)
{
	const struct btf_member *member = btf_members(outer);

	for (unsigned i = 0; i < btf_vlen(outer); i++, member++) {
		const char *called = btf_image_name(search->btf, member->name_off);
		uint64_t at = bits + btf_member_bit_offset(outer, i);
		const struct btf_type *type = resolve(search->btf, member->type);

		if (!called || !type || search->looked_at >= MEMBERS_MAX)
			return NULL;
		search->looked_at++;
		if (!strcmp(called, search->name)) {
			search->bits = at;
			search->bit_field = btf_member_bitfield_size(outer, i) != 0;
			search->id = member->type;
			return type;
		}
		if (*called || !btf_is_composite(type) || depth >= NESTING_MAX)
			continue;
		type = find_member(search, type, at, depth + 1);
		if (type)
			return type;
	}
	return NULL;
}

/* "name" or "name[3]" up to the next dot; moves *path behind it. Returns 0 or -EINVAL. */
static int next_part(const char **path, char name[64], uint32_t *index)
{
	size_t length = strcspn(*path, ".[");
	const char *c = *path + length;

	*index = 0;
	if (!length || length >= 64)
		return -EINVAL;
	memcpy(name, *path, length);
	name[length] = '\0';
	if (*c == '[') {
		char *end;

		*index = (uint32_t)strtoul(c + 1, &end, 10);
		if (end == c + 1 || *end != ']' || *index > UINT16_MAX)
			return -EINVAL;
		c = end + 1;
	}
	if (*c == '.')
		c++;
	else if (*c)
		return -EINVAL;
	*path = c;
	return 0;
}

int types_member(struct types *types, const char *path, struct member *member)
{
	const struct btf_type *type;
	struct member_search search;
	const struct btf_image *btf;
	uint64_t bits, end;
	uint32_t index;
	int64_t size;
	char name[64];

	if (next_part(&path, name, &index) || !*path)
		return -EINVAL;
	if (find_struct(types, name))
		return -ENOENT;
	btf = types->found_in;
	search = (struct member_search){ .btf = btf, .name = name };
	type = btf_image_type(btf, types->found);
	bits = UINT64_C(8) * type->size * index;
	size = type->size;
	end = (uint64_t)type->size * (index + UINT64_C(1));
	while (*path) {
		uint32_t id;

		if (!btf_is_composite(type) || search.bit_field || next_part(&path, name, &index))
			return -EINVAL;
		search.looked_at = 0;
		type = find_member(&search, type, bits, 0);
		if (!type)
			return -ENOENT;
		bits = search.bits;
		id = search.id;
		if (btf_is_array(type)) {
			id = btf_array(type)->type;
			/* A whole array is a member, and so is one of its elements. */
			if (!*path && path[-1] != ']') {
				size = btf_image_size(btf, id) * btf_array(type)->nelems;
				break;
			}
			bits += (uint64_t)btf_image_size(btf, id) * 8 * index;
			type = resolve(btf, id);
			if (!type)
				return -EINVAL;
		}
		size = btf_image_size(btf, id);
	}
	if (search.bit_field || bits % 8 || bits / 8 > UINT32_MAX || size < 0 || size > UINT32_MAX)
		return -EINVAL;
	/* Who reads the struct as a whole, as large as it is said to be, has the member then. */
	if (bits / 8 + (uint64_t)size > end)
		return -EINVAL;
	member->offset = (uint32_t)(bits / 8);
	member->size = (uint32_t)size;
	return 0;
}

int types_size(struct types *types, const char *name, uint32_t *size)
{
	if (find_struct(types, name))
		return -ENOENT;
	*size = btf_image_type(types->found_in, types->found)->size;
	return 0;
}

int types_enum(const struct types *types, const char *type, const char *name, int64_t *value)
{
	const struct btf_image *btf = types->kernel;
	uint32_t id = btf_image_find(btf, type, BTF_KIND_ENUM);
	const struct btf_type *found;
	const struct btf_enum *constant;

	if (!id)
		return -ENOENT;
	found = btf_image_type(btf, id);
	constant = btf_enum(found);
	for (unsigned i = 0; i < btf_vlen(found); i++, constant++) {
		const char *called = btf_image_name(btf, constant->name_off);

		if (!called || strcmp(called, name))
			continue;
		*value = constant->val;
		return 0;
	}
	return -ENOENT;
}

int types_function(const struct types *types, const char *name)
{
	uint32_t id = btf_image_find(types->kernel, name, BTF_KIND_FUNC);

	return id && id <= INT_MAX ? (int)id : -ENOENT;
}

#else

int types_open(struct types *types, const char *path, struct reason *why)
{
	(void)path;
	memset(types, 0, sizeof(*types));
	return fail(why, EOPNOTSUPP, "%s", LIBBPF_REASON);
}

void types_close(struct types *types)
{
	(void)types;
}

int types_add_module(struct types *types, const char *name, struct reason *why)
{
	(void)types;
	(void)name;
	return fail(why, EOPNOTSUPP, "%s", LIBBPF_REASON);
}

int types_add_file(struct types *types, const char *name, const char *path, struct reason *why)
{
	(void)path;
	return types_add_module(types, name, why);
}

int types_member(struct types *types, const char *path, struct member *member)
{
	(void)types;
	(void)path;
	(void)member;
	return -ENOENT;
}

int types_size(struct types *types, const char *name, uint32_t *size)
{
	(void)types;
	(void)name;
	(void)size;
	return -ENOENT;
}

int types_enum(const struct types *types, const char *type, const char *name, int64_t *value)
{
	(void)types;
	(void)type;
	(void)name;
	(void)value;
	return -ENOENT;
}

int types_function(const struct types *types, const char *name)
{
	(void)types;
	(void)name;
	return -ENOENT;
}

#endif
